package emulatortest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// controlPlane calls operations as the owner.
func (e *Emulator) controlPlane(owner ivschat.Owner) chatclient.ControlPlane {
	return chatclient.ControlPlane{
		Endpoint: e.url, AccountID: owner.AccountID, Region: owner.Region, HTTPClient: e.setup(),
	}
}

// Room creates a room of the account 123456789012 in us-east-1 and returns its
// ARN. With Auth, the account is that of Config. It needs no permission.
func (e *Emulator) Room() (arn string) {
	e.t.Helper()
	plane := e.controlPlane(ivschat.Owner{AccountID: e.account(), Region: region})
	ctx, cancel := e.waiting()
	defer cancel()
	arn, err := plane.CreateRoom(ctx, chatclient.CreateRoomInput{})
	if err != nil {
		e.t.Fatal(err)
	}
	return arn
}

// Token creates a chat token for a user with the capabilities, for instance
// SEND_MESSAGE, in a room of any account and region. It needs no permission.
func (e *Emulator) Token(room, userID string, capabilities ...string) string {
	e.t.Helper()
	plane := e.controlPlane(e.parse(room).Owner)
	ctx, cancel := e.waiting()
	defer cancel()
	token, err := plane.CreateChatToken(ctx, chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: userID, Capabilities: capabilities,
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return token
}

// A Client is a connected chat client. It receives every frame as soon as it
// arrives and keeps it for Receive. Its methods fail the test instead of returning
// errors, and wait for at most 10 seconds, see Within. Those of chatclient.Client
// that cannot fail, such as Close, Drop and Done, are there, too.
type Client struct {
	*chatclient.Client
	e *Emulator
}

// Connect creates a chat token and connects with it until the end of the test.
func (e *Emulator) Connect(room, userID string, capabilities ...string) *Client {
	e.t.Helper()
	return e.ConnectWithToken(e.Token(room, userID, capabilities...))
}

// ConnectWithToken connects with a chat token until the end of the test. The
// test fails if the handshake is refused.
func (e *Emulator) ConnectWithToken(token string) *Client {
	e.t.Helper()
	c, err := e.Dial(token)
	if err != nil {
		e.t.Fatalf("connect: %v", err)
	}
	return c
}

// Dial is like ConnectWithToken, but returns an error if there is no connection.
// It is a *chatclient.RefusedError if the handshake was refused.
func (e *Emulator) Dial(token string) (*Client, error) {
	ctx, cancel := e.waiting()
	defer cancel()
	inner, err := chatclient.Dial(ctx, e.url, token, chatclient.Options{
		NetDial:          e.DialContext,
		TLS:              e.ClientTLS(),
		HandshakeTimeout: e.limit + time.Second,                          // the context ends first
		RequestIDPrefix:  fmt.Sprintf("client%d-", e.connections.Add(1)), // the same in every run
	})
	if err != nil {
		return nil, err
	}
	e.t.Cleanup(func() {
		inner.Drop()
		<-inner.Done()
	})
	return &Client{inner, e}, nil
}

// Send sends a text frame unchanged.
func (c *Client) Send(text string) {
	c.e.t.Helper()
	c.check(c.Client.Send(text))
}

// SendBinary sends a binary frame unchanged.
func (c *Client) SendBinary(data []byte) {
	c.e.t.Helper()
	c.check(c.Client.SendBinary(data))
}

// SendMessage sends a message without attributes. It returns its RequestId.
func (c *Client) SendMessage(content string) (requestID string) {
	c.e.t.Helper()
	return c.SendMessageWithAttributes(content, nil)
}

// SendMessageWithAttributes sends a message. It returns its RequestId.
func (c *Client) SendMessageWithAttributes(content string, attributes map[string]string) (requestID string) {
	c.e.t.Helper()
	requestID, err := c.Client.SendMessage(content, attributes)
	c.check(err)
	return requestID
}

// DeleteMessage asks for the deletion of a message. It returns its RequestId.
func (c *Client) DeleteMessage(messageID, reason string) (requestID string) {
	c.e.t.Helper()
	requestID, err := c.Client.DeleteMessage(messageID, reason)
	c.check(err)
	return requestID
}

// DisconnectUser asks for the disconnection of a user. It returns its RequestId.
func (c *Client) DisconnectUser(userID, reason string) (requestID string) {
	c.e.t.Helper()
	requestID, err := c.Client.DisconnectUser(userID, reason)
	c.check(err)
	return requestID
}

// Receive waits for the next frame. The test fails if none arrives.
func (c *Client) Receive() chatclient.Frame {
	c.e.t.Helper()
	return c.receive("no frame was received", func(chatclient.Frame) bool { return true })
}

// ReceiveMatching waits for the first frame that matches, and skips those before
// it. The test fails if none arrives.
func (c *Client) ReceiveMatching(match func(chatclient.Frame) bool) chatclient.Frame {
	c.e.t.Helper()
	return c.receive("no matching frame was received", match)
}

// receive waits for a frame that matches. The problem says that there is none.
func (c *Client) receive(problem string, match func(chatclient.Frame) bool) chatclient.Frame {
	c.e.t.Helper()
	ctx, cancel := c.e.waiting()
	defer cancel()
	var skipped []string
	for {
		frame, err := c.Client.Receive(ctx)
		_, ended := errors.AsType[*chatclient.ClosedError](err)
		switch {
		case ended:
			c.e.t.Fatalf("%s: %v%s", problem, err, list("received instead", skipped))
		case err != nil:
			c.e.t.Fatalf("%s: %v, and the connection is open%s",
				problem, context.Cause(ctx), list("received instead", skipped))
		case match(frame):
			return frame
		}
		skipped = append(skipped, frame.Raw)
	}
}

// ReceiveNothing waits for the given time. The test fails if a frame arrives, or
// if the connection has ended. In a testing/synctest bubble the wait takes no
// real time.
func (c *Client) ReceiveNothing(d time.Duration) {
	c.e.t.Helper()
	err := c.Client.ReceiveNothing(context.Background(), d)
	if unexpected, ok := errors.AsType[*chatclient.UnexpectedFrameError](err); ok {
		c.e.t.Fatalf("expected no frame for %v, but received %s", d, short(unexpected.Frame.Raw))
	}
	if err != nil {
		c.e.t.Fatalf("expected no frame for %v, but %v", d, err)
	}
}

// WaitClosed waits for the end of the connection and returns how it ended. The
// test fails if the connection stays open.
func (c *Client) WaitClosed() chatclient.CloseStatus {
	c.e.t.Helper()
	ctx, cancel := c.e.waiting()
	defer cancel()
	status, err := c.Client.WaitClosed(ctx)
	if err != nil {
		var frames []string
		for { // with a context that has ended, Receive returns what has arrived
			frame, none := c.Client.Receive(ctx)
			if none != nil {
				break
			}
			frames = append(frames, frame.Raw)
		}
		c.e.t.Fatalf("%v%s", err, list("frames that were not received yet", frames))
	}
	return status
}

func (c *Client) check(err error) {
	c.e.t.Helper()
	if err != nil {
		c.e.t.Fatal(err)
	}
}
