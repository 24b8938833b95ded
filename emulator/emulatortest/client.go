package emulatortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// call calls an operation of the control plane without a signature, as the
// owner.
func (e *Emulator) call(owner ivschat.Owner, operation string, input, output any) {
	e.t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		e.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, URL+"/"+operation, strings.NewReader(string(body)))
	if err != nil {
		e.t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+owner.AccountID+"/20260101/"+owner.Region+"/ivschat/aws4_request, SignedHeaders=host, Signature=none")
	response, err := e.client.Do(request)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		e.t.Fatalf("%s: %s %s", operation, response.Status, response.Header.Get("x-amzn-ErrorType"))
	}
	if err := json.NewDecoder(response.Body).Decode(output); err != nil {
		e.t.Fatal(err)
	}
}

// Room makes a room of the account 123456789012 in us-east-1 and gives its ARN.
func (e *Emulator) Room() (arn string) {
	e.t.Helper()
	var room struct{ ARN string }
	e.call(ivschat.Owner{AccountID: account, Region: region}, "CreateRoom", map[string]any{}, &room)
	return room.ARN
}

// Token makes a chat token for a user with the capabilities, for instance
// SEND_MESSAGE, in a room, whoever's it is.
func (e *Emulator) Token(room, userID string, capabilities ...string) string {
	e.t.Helper()
	arn, err := ivschat.ParseARN(room)
	if err != nil {
		e.t.Fatal(err)
	}
	var reply struct{ Token string }
	e.call(arn.Owner, "CreateChatToken", map[string]any{"roomIdentifier": room, "userId": userID, "capabilities": capabilities}, &reply)
	return reply.Token
}

// A Frame is what a client hears: a MESSAGE, an EVENT or an ERROR.
type Frame struct {
	Type         string
	ID           string `json:"Id"`
	RequestID    string `json:"RequestId"`
	Content      string
	EventName    string
	Attributes   map[string]string
	SendTime     time.Time
	Sender       struct{ UserID string }
	ErrorCode    int
	ErrorMessage string
	Text         string `json:"-"` // all of it, as it came
}

// A Client is a connected chat client. It hears everything as soon as it comes.
type Client struct {
	e    *Emulator
	conn *websocket.Conn
	done chan struct{} // closed when the connection has ended

	mu    sync.Mutex
	heard []Frame
	more  chan struct{} // has something when there is more
	code  int
}

// Connect makes a token and connects with it, for as long as the test.
func (e *Emulator) Connect(room, userID string, capabilities ...string) *Client {
	e.t.Helper()
	dialer := websocket.Dialer{NetDialContext: e.memory.dial, Subprotocols: []string{e.Token(room, userID, capabilities...)}}
	conn, response, err := dialer.Dial(strings.Replace(URL, "http", "ws", 1), nil)
	if err != nil {
		status := ""
		if response != nil {
			status = response.Status
		}
		e.t.Fatalf("connect: %v %s", err, status)
	}
	c := &Client{e: e, conn: conn, done: make(chan struct{}), more: make(chan struct{}, 1)}
	go c.listen()
	e.t.Cleanup(func() {
		_ = conn.Close()
		<-c.done
	})
	return c
}

func (c *Client) listen() {
	defer close(c.done)
	for {
		_, text, err := c.conn.ReadMessage()
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
			c.code = closed.Code
		}
		if err != nil {
			_ = c.conn.Close()
			return
		}
		var f Frame
		_ = json.Unmarshal(text, &f) // what is none has nothing but its text
		f.Text = string(text)
		c.mu.Lock()
		c.heard = append(c.heard, f)
		c.mu.Unlock()
		select {
		case c.more <- struct{}{}:
		default:
		}
	}
}

// Send sends a text frame, formatted as by fmt.Sprintf.
func (c *Client) Send(format string, args ...any) {
	c.e.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(fmt.Sprintf(format, args...))); err != nil {
		c.e.t.Fatalf("send: %v", err)
	}
}

// Say sends a message.
func (c *Client) Say(content string) {
	c.e.t.Helper()
	text, err := json.Marshal(map[string]string{"Action": "SEND_MESSAGE", "Content": content})
	if err != nil {
		c.e.t.Fatal(err)
	}
	c.Send("%s", text)
}

// Hear waits for the next frame. The test fails if none comes.
func (c *Client) Hear() Frame {
	c.e.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		c.mu.Lock()
		if len(c.heard) > 0 {
			next := c.heard[0]
			c.heard = c.heard[1:]
			c.mu.Unlock()
			return next
		}
		c.mu.Unlock()
		select {
		case <-c.more:
		case <-c.done:
			c.mu.Lock()
			left := len(c.heard)
			c.mu.Unlock()
			if left == 0 {
				c.e.t.Fatal("the connection ended, and there is nothing to hear")
			}
		case <-timeout.C:
			c.e.t.Fatalf("there is nothing to hear after %v", patience)
		}
	}
}

// End waits for the end of the connection and gives its close code, 0 if it
// ended without a close frame. The test fails if it does not end.
func (c *Client) End() int {
	c.e.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-c.done:
	case <-timeout.C:
		c.e.t.Fatalf("the connection is still open after %v", patience)
	}
	return c.code
}
