package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A roomChat is a user who is connected to a room. When the connection ends, it connects again, with a new token.
type roomChat struct {
	service *remote.Service
	room    ivschat.ARN
	speaker speaker

	show     func(chatclient.Frame) // called with each frame in turn
	say      func(text string)      // called with what happens to the connection
	patience time.Duration          // how long to try to connect again; 0 means without end

	mu      sync.Mutex                       // guards what follows
	client  *chatclient.Client               // nil while there is no connection
	pending map[string]chan chatclient.Frame // by RequestId; receives the answer, and is closed by settle or lose
}

const (
	// linePatience is how long lines of a script wait for a new connection.
	linePatience = 30 * time.Second
	// answerPatience is how long a message waits for its acknowledgement.
	answerPatience = 10 * time.Second
)

// open connects for the first time.
func (c *roomChat) open(ctx context.Context) error {
	client, err := c.dial(ctx)
	if err != nil {
		return err
	}
	c.setClient(client)
	return nil
}

func (c *roomChat) dial(ctx context.Context) (*chatclient.Client, error) {
	token, err := c.speaker.token(ctx, c.service, c.room)
	if err != nil {
		return nil, err
	}
	return c.service.Dial(ctx, token.Token)
}

func (c *roomChat) setClient(client *chatclient.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client, c.pending = client, map[string]chan chatclient.Frame{}
}

// run passes on frames until the context ends, the user is disconnected by a moderator, or there is no new connection.
// Call it after open, and once.
func (c *roomChat) run(ctx context.Context) error {
	var retry backoff
	for {
		began, client := time.Now(), c.client // only this goroutine changes it from here on
		err := c.receive(ctx, client)
		c.lose()
		if ctx.Err() != nil {
			client.Close()
			return ctx.Err()
		}
		if _, kicked := errors.AsType[*kickedError](err); kicked {
			client.Close()
			return err
		}
		c.say(fmt.Sprintf("%v: connecting again", err))
		if time.Since(began) >= stable {
			retry = backoff{}
		}
		if err := c.reconnect(ctx, &retry); err != nil {
			return err
		}
		c.say("connected again")
	}
}

// A kickedError says that a moderator has disconnected the user.
type kickedError struct{ user, reason string }

// Error names the user and the reason.
func (e *kickedError) Error() string {
	text := e.user + " was disconnected from the room by a moderator"
	if e.reason != "" {
		text += ": " + e.reason
	}
	return text
}

// receive passes on frames until the connection ends.
func (c *roomChat) receive(ctx context.Context, client *chatclient.Client) error {
	var kicked error
	for {
		frame, err := client.Receive(ctx)
		if err != nil && kicked != nil {
			return kicked
		}
		if err != nil {
			return err
		}
		c.show(frame)
		c.settle(frame)
		if frame.EventName == disconnectEvent && frame.Attributes["UserId"] == c.speaker.As {
			kicked = &kickedError{c.speaker.As, frame.Attributes["Reason"]}
		}
	}
}

// The events of the service (User Guide: chat messaging events).
const (
	deleteEvent     = "aws:DELETE_MESSAGE"
	disconnectEvent = "aws:DISCONNECT_USER"
)

// settle passes a frame to the request that it answers.
func (c *roomChat) settle(frame chatclient.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.pending[frame.RequestID]; ok {
		delete(c.pending, frame.RequestID)
		answer <- frame // it has room for one
		close(answer)
	}
}

// lose notes that there is no connection, and that no answers will come.
func (c *roomChat) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client = nil
	for _, answer := range c.pending {
		close(answer)
	}
	c.pending = nil
}

// reconnect connects again.
func (c *roomChat) reconnect(ctx context.Context, retry *backoff) error {
	began, said := time.Now(), ""
	for {
		if err := retry.wait(ctx); err != nil {
			return err
		}
		client, err := c.dial(ctx)
		if err == nil {
			c.setClient(client)
			return nil
		}
		refused, isRefused := errors.AsType[*chatclient.RefusedError](err)
		gone := isRefused && (refused.Status == http.StatusNotFound || refused.Status == http.StatusBadRequest)
		if gone || ctx.Err() != nil || c.patience > 0 && time.Since(began) > c.patience {
			return err
		}
		if isRefused { // a restart is not worth a line for each attempt
			if text := fmt.Sprint(refused.Request, refused.Status, refused.Message); text != said {
				said = text
				c.say(err.Error())
			}
		}
	}
}

// errNotConnected says that a request cannot be sent now.
var errNotConnected = errors.New("not sent, because there is no connection at the moment")

// request sends a request, and returns the channel that receives the answer, or is closed if the connection ends
// before.
func (c *roomChat) request(
	send func(*chatclient.Client) (requestID string, err error),
) (<-chan chatclient.Frame, error) {
	c.mu.Lock() // until the answer is expected, it is not looked for
	defer c.mu.Unlock()
	if c.client == nil {
		return nil, errNotConnected
	}
	id, err := send(c.client)
	if err != nil {
		return nil, err
	}
	answer := make(chan chatclient.Frame, 1)
	c.pending[id] = answer
	return answer, nil
}

// sendAndWait sends a message, and waits until everyone has received it. A message that is refused because of a rate
// limit is sent again.
func (c *roomChat) sendAndWait(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, linePatience)
	defer cancel()
	var retry backoff
	for {
		err := c.sendOnce(ctx, text)
		failed, isError := errors.AsType[*frameError](err)
		again := errors.Is(err, errNotConnected) || isError && failed.code == http.StatusTooManyRequests
		if !again || retry.wait(ctx) != nil {
			return err
		}
	}
}

// sendOnce sends a message, and waits for its acknowledgement.
func (c *roomChat) sendOnce(ctx context.Context, text string) error {
	answer, err := c.request(func(client *chatclient.Client) (string, error) { return client.SendMessage(text, nil) })
	if err != nil {
		return err
	}
	timer := time.NewTimer(answerPatience)
	defer timer.Stop()
	select {
	case frame, ok := <-answer:
		switch {
		case !ok:
			return errors.New("the connection ended before the message was acknowledged: it may have been delivered")
		case frame.Type == "ERROR":
			return &frameError{frame.ErrorCode, frame.ErrorMessage}
		default:
			return nil
		}
	case <-timer.C:
		return fmt.Errorf("the message was not acknowledged within %s", answerPatience)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A frameError is an ERROR frame.
type frameError struct {
	code    int
	message string
}

// Error returns the code and the message.
func (e *frameError) Error() string {
	return fmt.Sprintf("refused with ERROR %d: %s", e.code, e.message)
}
