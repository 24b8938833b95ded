package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance/internal/history"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// answerTimeout is how long a client waits for an answer. It is longer than a node waits for the cluster.
const answerTimeout = 10 * time.Second

// A room records what happens in a room.
type room struct {
	url, arn string

	mu           sync.Mutex // guards what follows
	history      history.History
	acknowledged int                              // messages
	unknown      int                              // messages without an answer, or with a 5xx
	pending      map[string]chan chatclient.Frame // by RequestId, which is the text of a message
}

func newRoom(url, arn string) *room {
	return &room{url: url, arn: arn, pending: map[string]chan chatclient.Frame{}}
}

// begin records a message that is about to be sent.
func (r *room) begin(m *history.Message) {
	m.Sent = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.Messages = append(r.history.Messages, m)
}

// end records the outcome of a message.
func (r *room) end(m *history.Message, outcome history.Outcome, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.Answered, m.Outcome = time.Now(), outcome
	switch outcome {
	case history.Acknowledged:
		m.ID = id // that of an error is its own
		r.acknowledged++
	case history.Unknown:
		r.unknown++
	}
}

func (r *room) counts() (acknowledged, unknown int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.acknowledged, r.unknown
}

// outcomeOf returns the outcome of a message that was answered with an HTTP status or an error code, 0 if it is well.
func outcomeOf(status int) history.Outcome {
	switch {
	case status == 0:
		return history.Acknowledged
	case status/100 == 4:
		return history.Refused
	default:
		return history.Unknown
	}
}

// outcomeOfCall returns the outcome of a call of the control plane.
func outcomeOfCall(err error) history.Outcome {
	if status := statusOf(err); err == nil || status != 0 {
		return outcomeOf(status)
	}
	return history.Unknown
}

// sendEvent sends an event through the control plane.
func (r *room) sendEvent(ctx context.Context, name string) *history.Message {
	m := &history.Message{Text: name}
	r.begin(m)
	event, err := sdk(r.url).SendEvent(ctx, &ivschat.SendEventInput{RoomIdentifier: &r.arn, EventName: &name})
	id := ""
	if err == nil {
		id = *event.Id
	}
	r.end(m, outcomeOfCall(err), id)
	return m
}

// disconnect disconnects a user through the control plane.
func (r *room) disconnect(ctx context.Context, user, reason string) {
	m := &history.Message{Text: reason, Disconnects: user}
	r.begin(m)
	input := &ivschat.DisconnectUserInput{RoomIdentifier: &r.arn, UserId: &user, Reason: &reason}
	_, err := sdk(r.url).DisconnectUser(ctx, input)
	r.end(m, outcomeOfCall(err), "")
}

// A client has one connection to a room at a time, through any node.
type client struct {
	*room
	name string

	mu   sync.Mutex  // guards conn
	conn *connection // the latest one; nil before it
}

// A connection is a connection of a client, and what it received.
type connection struct {
	history *history.Connection
	*chatclient.Client
}

// join adds a client to the room, which connects again whenever its connection ends, until the context ends.
func (r *room) join(ctx context.Context, running *sync.WaitGroup, name string) *client {
	c := &client{room: r, name: name}
	running.Go(func() {
		for ctx.Err() == nil {
			conn, err := c.connect(ctx)
			if err != nil {
				select { // the next node may be better, but nobody should try that all the time
				case <-time.After(20 * time.Millisecond):
				case <-ctx.Done():
				}
				continue
			}
			c.mu.Lock()
			c.conn = conn
			c.mu.Unlock()
			select {
			case <-conn.Done():
			case <-ctx.Done():
				conn.Drop()
				<-conn.Done()
			}
		}
	})
	return c
}

// connect connects the client through any node, with a new token.
func (c *client) connect(ctx context.Context) (*connection, error) {
	token, err := createToken(ctx, c.url, c.arn, c.name)
	if err != nil {
		return nil, err
	}
	return c.connectWith(ctx, c.name, token)
}

// connectWith connects somebody with a token, and records the connection if it is accepted.
func (r *room) connectWith(ctx context.Context, name, token string) (*connection, error) {
	conn := &connection{history: &history.Connection{Client: name, User: name, Token: token, Dialed: time.Now()}}
	client, err := chatclient.Dial(ctx, r.url, token, chatclient.Options{
		HandshakeTimeout: answerTimeout, OnFrame: func(raw []byte) { r.receive(conn.history, raw) },
	})
	if err != nil {
		return nil, err
	}
	conn.Client = client
	r.mu.Lock()
	defer r.mu.Unlock()
	conn.history.Opened = time.Now()
	r.history.Connections = append(r.history.Connections, conn.history)
	return conn, nil
}

// receive records a frame, and gives it to the goroutine that waits for it.
func (r *room) receive(conn *history.Connection, raw []byte) {
	frame, err := chatclient.ParseFrame(string(raw))
	if err != nil {
		frame.Content = err.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer := r.pending[frame.RequestID]; answer != nil {
		delete(r.pending, frame.RequestID)
		answer <- frame
	}
	if frame.Type != "ERROR" {
		conn.Frames = append(conn.Frames, history.Frame{ID: frame.ID, Text: textOf(frame)})
	}
}

// textOf returns what tells a message from all others.
func textOf(frame chatclient.Frame) string {
	switch {
	case frame.Type == "MESSAGE":
		return frame.Content
	case frame.EventName == "aws:DISCONNECT_USER":
		return frame.Attributes["Reason"]
	default:
		return frame.EventName
	}
}

// connected returns the connection of the client, or nil if there is none now.
func (c *client) connected() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil
	}
	select {
	case <-c.conn.Done():
		return nil
	default:
		return c.conn
	}
}

// send sends a message, and waits for its outcome. It does nothing if the client is not connected.
func (c *client) send(text string) {
	conn := c.connected()
	if conn == nil {
		return
	}
	answer := make(chan chatclient.Frame, 1)
	c.room.mu.Lock()
	c.pending[text] = answer
	c.room.mu.Unlock()
	m := &history.Message{Text: text, Via: conn.history}
	c.begin(m)
	request, _ := json.Marshal(map[string]string{"Action": "SEND_MESSAGE", "RequestId": text, "Content": text})
	if conn.Send(string(request)) == nil {
		select {
		case frame := <-answer:
			c.end(m, outcomeOf(frame.ErrorCode), frame.ID)
			return
		case <-conn.Done():
		case <-time.After(answerTimeout):
		}
	}
	c.room.mu.Lock()
	delete(c.pending, text)
	c.room.mu.Unlock()
	select {
	case frame := <-answer: // it came just before the end
		c.end(m, outcomeOf(frame.ErrorCode), frame.ID)
	default:
		c.end(m, history.Unknown, "")
		conn.Drop() // it may hang
	}
}

// steal tries to connect with a token that was used.
func (r *room) steal(ctx context.Context, n int) {
	r.mu.Lock()
	token := r.history.Connections[n%len(r.history.Connections)].Token
	r.mu.Unlock()
	r.try(ctx, fmt.Sprint("thief ", n), token)
}

// race tries to connect two clients with one token at the same time.
func (r *room) race(ctx context.Context, n int) {
	name := fmt.Sprint("racer ", n)
	token, err := createToken(ctx, r.url, r.arn, name)
	if err != nil {
		return
	}
	var both sync.WaitGroup
	for i := range 2 {
		both.Go(func() { r.try(ctx, fmt.Sprint(name, " ", i), token) })
	}
	both.Wait()
}

// try connects a client with a token for a moment. If the token is used twice, the history has that.
func (r *room) try(ctx context.Context, name, token string) {
	if conn, err := r.connectWith(ctx, name, token); err == nil {
		conn.Close()
	}
}

// received reports whether a connection has received a message.
func (r *room) received(conn *history.Connection, text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(conn.Frames, func(f history.Frame) bool { return f.Text == text })
}
