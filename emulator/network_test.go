package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A network is an emulator and the connections to it, all of it in memory, so
// that it can be inside a synctest bubble.
type network struct {
	*emulator.Emulator
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *network) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (n *network) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// inMemory serves an emulator until the end of the test.
func inMemory(t *testing.T, config emulator.Config) *network {
	t.Helper()
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	n := &network{Emulator: e, conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: e}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(n)
	}()
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		_ = server.Close()
		<-done
	})
	return n
}

// room makes a room and gives its ARN.
func (n *network) room(t *testing.T, settings string) string {
	t.Helper()
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, n.Emulator, "/CreateRoom", settings)), &room); err != nil {
		t.Fatal(err)
	}
	return room.ARN
}

// token makes a chat token with every capability.
func (n *network) token(t *testing.T, room, user, more string) string {
	t.Helper()
	var reply struct{ Token string }
	body := `{"roomIdentifier":"` + room + `","userId":"` + user + `","capabilities":["SEND_MESSAGE","DELETE_MESSAGE","DISCONNECT_USER"]` + more + `}`
	if err := json.Unmarshal([]byte(post(t, n.Emulator, "/CreateChatToken", body)), &reply); err != nil {
		t.Fatal(err)
	}
	return reply.Token
}

// A chatter is a chat client that speaks the bare protocol.
type chatter struct {
	t    *testing.T
	conn *websocket.Conn
}

// connect tries to open a connection with the token. The response is that of a
// refused handshake.
func (n *network) connect(t *testing.T, token string) (*chatter, *http.Response) {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: n.dial}
	if token != "" {
		dialer.Subprotocols = []string{token}
	}
	conn, response, err := dialer.Dial("ws://memory/", nil)
	if err != nil {
		if !errors.Is(err, websocket.ErrBadHandshake) {
			t.Fatal(err)
		}
		return nil, response
	}
	if conn.Subprotocol() != token {
		t.Errorf("the chosen subprotocol is %q", conn.Subprotocol())
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &chatter{t, conn}, nil
}

// join connects a user who may do everything.
func (n *network) join(t *testing.T, room, user string) *chatter {
	t.Helper()
	c, refused := n.connect(t, n.token(t, room, user, ""))
	if refused != nil {
		body, _ := io.ReadAll(refused.Body)
		t.Fatalf("refused: %s %s", refused.Status, body)
	}
	return c
}

func (c *chatter) say(frame string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		c.t.Error(err)
	}
}

// A frame is what matters of any frame to these tests.
type frame struct {
	Type, ID, RequestID, EventName, Content, ErrorMessage string
	ErrorCode                                             int
	Sender                                                struct{ UserID string }
	Attributes                                            map[string]string
}

func (c *chatter) hear() (heard frame) {
	c.t.Helper()
	_, text, err := c.conn.ReadMessage()
	if err != nil {
		c.t.Errorf("nothing to hear: %v", err)
		return heard
	}
	if err := json.Unmarshal(text, &heard); err != nil {
		c.t.Errorf("%s: %v", text, err)
	}
	return heard
}

// hearError wants an ERROR with the code.
func (c *chatter) hearError(code int) {
	c.t.Helper()
	if heard := c.hear(); heard.Type != "ERROR" || heard.ErrorCode != code {
		c.t.Errorf("heard %+v, want ERROR %d", heard, code)
	}
}

// hearContent wants a MESSAGE of that content.
func (c *chatter) hearContent(content string) {
	c.t.Helper()
	if heard := c.hear(); heard.Type != "MESSAGE" || heard.Content != content {
		c.t.Errorf("heard %+v, want the message %q", heard, content)
	}
}

// end gives the close code with which the connection ends, 0 when it ends
// without a close frame.
func (c *chatter) end() int {
	c.t.Helper()
	for {
		_, _, err := c.conn.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
			return closed.Code
		}
		if err != nil {
			return 0
		}
	}
}
