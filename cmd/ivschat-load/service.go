package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// A service is an Amazon IVS Chat with one room.
type service struct {
	control   *ivschat.Client
	http      *http.Client // of control
	tls       *tls.Config  // of http, and for chat clients
	messaging string
	room      string // ARN
	created   bool   // by createRoom
}

// newService returns the service of the options. It fails if the authorities of AWS_CA_BUNDLE are needed and cannot be
// read.
func newService(o Options) (*service, error) {
	var trusted *tls.Config
	if o.usesTLS() {
		var err error
		if trusted, err = remote.TLSConfig(os.Getenv); err != nil {
			return nil, err
		}
	}
	client := &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: connectors, Proxy: awsapi.Proxy, TLSClientConfig: trusted,
		},
		Timeout:       answerTimeout,
		CheckRedirect: awsapi.NoRedirect,
	}
	return &service{
		http:      client,
		tls:       trusted,
		messaging: o.Messaging,
		room:      o.Room,
		control: ivschat.New(ivschat.Options{
			Region:       o.Region,
			BaseEndpoint: aws.String(o.Endpoint),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return o.credentials()
			}),
			HTTPClient: client,
		}),
	}, nil
}

// credentials returns those of the environment for AWS, and for servers with TLS
// or on this machine, which may verify signatures. For others, and without
// credentials, they are invented, so that real ones are not sent by mistake.
func (o Options) credentials() (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}
	endpoint, err := url.Parse(o.Endpoint)
	isSafe := err == nil && remote.MayGetCredentials(endpoint)
	if !o.AWS && (!isSafe || !c.HasKeys()) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	}
	if !c.HasKeys() {
		return c, errors.New("--aws needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return c, nil
}

// createRoom creates a room with the given message rate per second, unless there
// is a room already. After its request it always waits for the answer: no one
// else could delete that room.
func (s *service) createRoom(ctx context.Context, rate float64) error {
	if err := ctx.Err(); err != nil || s.room != "" {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	room, err := s.control.CreateRoom(ctx, &ivschat.CreateRoomInput{
		Name:                        aws.String("ivschat-load"),
		MaximumMessageRatePerSecond: aws.Int32(int32(max(1, math.Ceil(rate)))),
		MaximumMessageLength:        aws.Int32(maxLength),
	})
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("create a room: no server listens at %s: "+
			"start the emulator, or give its URL with --endpoint", *s.control.Options().BaseEndpoint)
	}
	if err := cmp.Or(remote.TLSTrouble(*s.control.Options().BaseEndpoint, err), err); err != nil {
		return fmt.Errorf("create a room: %w", err)
	}
	if room.Arn == nil {
		return errors.New("create a room: the answer has no arn")
	}
	s.room, s.created = *room.Arn, true
	return nil
}

// deleteRoom deletes the room if createRoom has created it and it still exists.
// It is the last request.
func (s *service) deleteRoom(ctx context.Context) error {
	defer s.http.CloseIdleConnections() // a server that shuts down waits for them
	if !s.created {
		return nil
	}
	_, err := s.control.DeleteRoom(ctx, &ivschat.DeleteRoomInput{Identifier: &s.room})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !missing {
		return fmt.Errorf("delete the room %s: %w", s.room, err)
	}
	return nil
}

// sendEvent sends an event to the room.
func (s *service) sendEvent(ctx context.Context, text string) error {
	_, err := s.control.SendEvent(ctx, &ivschat.SendEventInput{
		RoomIdentifier: &s.room,
		EventName:      aws.String("ivschat-load"),
		Attributes:     map[string]string{"text": text},
	})
	return err
}

// The sizes of a connection's buffers in bytes. A few frames fit the first one, so
// that those that arrive together are read together.
const (
	readBufferSize  = 4 << 10
	writeBufferSize = 1 << 10
)

// connect opens the connection of a client for a user. It may send if it is a
// sender.
func (s *service) connect(ctx context.Context, user string, c *client) (*chatclient.Client, error) {
	input := &ivschat.CreateChatTokenInput{
		RoomIdentifier: &s.room, UserId: &user, SessionDurationInMinutes: aws.Int32(sessionMinutes),
	}
	if c.sender != nil {
		input.Capabilities = []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage}
	}
	token, err := s.control.CreateChatToken(ctx, input)
	if err != nil {
		return nil, err
	}
	if token.Token == nil {
		return nil, errors.New("CreateChatToken: the answer has no token")
	}
	conn, err := chatclient.Dial(ctx, s.messaging, *token.Token, chatclient.Options{
		Proxy:            awsapi.Proxy,
		TLS:              s.tls,
		HandshakeTimeout: handshakeTimeout,
		WriteTimeout:     answerTimeout,
		ReadBufferSize:   readBufferSize,
		WriteBufferSize:  writeBufferSize,
		OnFrame:          c.receive,
		OnClose:          c.closed,
	})
	return conn, cmp.Or(remote.TLSTrouble(s.messaging, err), err)
}

// cause returns the reason of an error without addresses and request IDs, so that
// equal causes are counted together.
func cause(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op + ": " + op.Err.Error()
	}
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		return fmt.Sprintf("%s: %d %s", refused.Request, refused.Status, http.StatusText(refused.Status))
	}
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if exception, found := errors.AsType[smithy.APIError](err); ok && found {
		return operation.OperationName + ": " + exception.ErrorCode()
	}
	return err.Error()
}
