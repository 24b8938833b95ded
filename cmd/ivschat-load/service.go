package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"
)

// A service is an Amazon IVS Chat, as its clients see it.
type service struct {
	control   *ivschat.Client
	http      *http.Client // of control
	messaging string
	room      string // ARN
	made      bool   // the room is ours
}

func newService(o Options) *service {
	client := &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: connectors, Proxy: http.ProxyFromEnvironment},
		Timeout:   answerTimeout,
	}
	return &service{
		http:      client,
		messaging: o.Messaging,
		room:      o.Room,
		control: ivschat.New(ivschat.Options{
			Region:       o.Region,
			BaseEndpoint: aws.String(o.Endpoint),
			Credentials:  aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials(o.AWS) }),
			HTTPClient:   client,
		}),
	}
}

// credentials are made up unless it is AWS, so that real ones do not go
// elsewhere by mistake.
func credentials(real bool) (aws.Credentials, error) {
	if !real {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	}
	c := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	if !c.HasKeys() {
		return c, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
	}
	return c, nil
}

// headroom is how much more a room should take than it is to get: arrivals are
// never as even as departures, and a room counts them.
const headroom = 1.2

// openRoom makes a room that takes the rate, unless there is one to take. Once
// it has asked for one it waits for the answer, whatever comes: nobody else
// could delete that room.
func (s *service) openRoom(ctx context.Context, rate float64) error {
	if err := ctx.Err(); err != nil || s.room != "" {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	perSecond := int32(min(max(1, math.Ceil(rate*headroom)), maximumRate))
	room, err := s.control.CreateRoom(ctx, &ivschat.CreateRoomInput{
		Name: aws.String("ivschat-load"), MaximumMessageRatePerSecond: &perSecond, MaximumMessageLength: aws.Int32(longestMessage),
	})
	if err != nil {
		return fmt.Errorf("make a room: %w", err)
	}
	if room.Arn == nil {
		return errors.New("make a room: the answer has no arn")
	}
	s.room, s.made = *room.Arn, true
	return nil
}

// closeRoom deletes the room if it was made here and is still there. Nothing can
// be asked for after it.
func (s *service) closeRoom(ctx context.Context) error {
	defer s.http.CloseIdleConnections() // or a server would wait for their requests
	if !s.made {
		return nil
	}
	_, err := s.control.DeleteRoom(ctx, &ivschat.DeleteRoomInput{Identifier: &s.room})
	if gone := (*types.ResourceNotFoundException)(nil); err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("delete the room %s: %w", s.room, err)
	}
	return nil
}

// sendEvent sends an event into the room.
func (s *service) sendEvent(ctx context.Context, text string) error {
	_, err := s.control.SendEvent(ctx, &ivschat.SendEventInput{
		RoomIdentifier: &s.room, EventName: aws.String("ivschat-load"), Attributes: map[string]string{"text": text},
	})
	return err
}

// readBuffer is as large as a few frames: those that come together are to be
// read together.
const readBuffer = 4 << 10

// connect opens a connection for a user, who may send if so wanted.
func (s *service) connect(ctx context.Context, user string, maySend bool) (*websocket.Conn, error) {
	input := &ivschat.CreateChatTokenInput{RoomIdentifier: &s.room, UserId: &user, SessionDurationInMinutes: aws.Int32(sessionMinutes)}
	if maySend {
		input.Capabilities = []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage}
	}
	token, err := s.control.CreateChatToken(ctx, input)
	if err != nil {
		return nil, err
	}
	if token.Token == nil {
		return nil, errors.New("CreateChatToken: the answer has no token")
	}
	dialer := websocket.Dialer{
		Subprotocols: []string{*token.Token}, Proxy: http.ProxyFromEnvironment,
		ReadBufferSize: readBuffer, WriteBufferSize: 1 << 10, HandshakeTimeout: handshakeTimeout,
	}
	conn, response, err := dialer.DialContext(ctx, s.messaging, nil)
	switch {
	case errors.Is(err, websocket.ErrBadHandshake):
		return nil, fmt.Errorf("handshake: %s", response.Status)
	case err != nil:
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}
