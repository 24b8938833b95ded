package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// A network is an emulator with the network through which chat clients reach it.
type network struct {
	*emulator.Emulator
	endpoint string
	netDial  func(ctx context.Context, network, address string) (net.Conn, error)
	listener net.Listener // nil over TCP
}

// serveInMemory serves an emulator until the end of the test, on a network in memory. All of it can be
// in a synctest bubble.
func serveInMemory(t *testing.T, config emulator.Config) *network {
	t.Helper()
	listener := pipenet.New()
	n := &network{newEmulator(t, config), "ws://memory", listener.Dial, listener}
	server := &http.Server{Handler: n.Emulator}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		_ = server.Close()
		<-done
	})
	return n
}

// serveOverTCP starts an emulator on the loopback interface. Its clients have small buffers.
func serveOverTCP(t *testing.T, config emulator.Config) *network {
	t.Helper()
	e := newEmulator(t, config)
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}
	return &network{e, strings.Replace(e.URL(), "http", "ws", 1), dial, nil}
}

// timeout limits every wait, in real time or that of a synctest bubble.
const timeout = time.Minute

// A client is a chat client that receives every frame as soon as it arrives. Its methods fail the test
// instead of returning errors.
type client struct {
	*chatclient.Client
	t *testing.T
}

// dial connects with a token, until the end of the test. A refused handshake is returned.
func (n *network) dial(t *testing.T, token string) (*client, *chatclient.RefusedError) {
	t.Helper()
	c, err := chatclient.Dial(context.Background(), n.endpoint, token, chatclient.Options{NetDial: n.netDial})
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		return nil, refused
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Drop()
		<-c.Done()
	})
	return &client{c, t}, nil
}

// connectWith connects with a token.
func (n *network) connectWith(t *testing.T, token string) *client {
	t.Helper()
	c, refused := n.dial(t, token)
	if refused != nil {
		t.Fatal(refused)
	}
	return c
}

// connect connects a user who has every capability.
func (n *network) connect(t *testing.T, room, user string) *client {
	t.Helper()
	return n.connectWith(t, createToken(t, n, room, user, ""))
}

func (c *client) send(frame string) {
	c.t.Helper()
	if err := c.Send(frame); err != nil {
		c.t.Error(err)
	}
}

func (c *client) sendMessage(content string) {
	c.t.Helper()
	if _, err := c.SendMessage(content, nil); err != nil {
		c.t.Error(err)
	}
}

func (c *client) receive() chatclient.Frame {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	frame, err := c.Receive(ctx)
	if err != nil {
		c.t.Error(err)
	}
	return frame
}

// expectError receives a frame and expects an ERROR with the code.
func (c *client) expectError(code int) {
	c.t.Helper()
	if frame := c.receive(); frame.Type != "ERROR" || frame.ErrorCode != code {
		c.t.Errorf("received %s, want ERROR %d", frame.Raw, code)
	}
}

// expectMessage receives a frame and expects a MESSAGE with the content.
func (c *client) expectMessage(content string) {
	c.t.Helper()
	if frame := c.receive(); frame.Type != "MESSAGE" || frame.Content != content {
		c.t.Errorf("received %s, want the message %q", frame.Raw, content)
	}
}

// waitClosed waits until the connection has ended and returns its close code, 0 if it ended without a
// close frame.
func (c *client) waitClosed() int {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	status, err := c.WaitClosed(ctx)
	if err != nil {
		c.t.Error(err)
	}
	return status.Code
}

// dialWebSocket connects with a token, until the end of the test. Unlike a client, it reads only when
// the test does. The response is that of a refused handshake.
func (n *network) dialWebSocket(t *testing.T, token string) (*websocket.Conn, *http.Response) {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: n.netDial}
	if token != "" {
		dialer.Subprotocols = []string{token}
	}
	conn, response, err := dialer.Dial(n.endpoint, nil)
	if errors.Is(err, websocket.ErrBadHandshake) {
		return nil, response
	}
	if err != nil {
		t.Fatal(err)
	}
	if conn.Subprotocol() != token {
		t.Errorf("the chosen subprotocol is %q, want %q", conn.Subprotocol(), token)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, nil
}

// connectWebSocket connects a user who has every capability, see dialWebSocket.
func (n *network) connectWebSocket(t *testing.T, room, user string) *websocket.Conn {
	t.Helper()
	conn, refused := n.dialWebSocket(t, createToken(t, n, room, user, ""))
	if refused != nil {
		t.Fatal(refused.Status)
	}
	return conn
}

// readType reads a frame and returns its type.
func readType(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, text, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	var frame struct{ Type string }
	if err := json.Unmarshal(text, &frame); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return frame.Type
}

// readUntilClosed reads until the connection ends and returns its close code, 0 if it ends without a
// close frame.
func readUntilClosed(conn *websocket.Conn) int {
	for {
		_, _, err := conn.ReadMessage()
		closed, ok := errors.AsType[*websocket.CloseError](err)
		if ok && closed.Code != websocket.CloseAbnormalClosure {
			return closed.Code
		}
		if err != nil {
			return 0
		}
	}
}

// An inverted connection inverts every bit, as one that encrypts changes every byte.
type inverted struct{ net.Conn }

// Unwrap returns the connection below, as wrappers in some libraries do.
func (c inverted) Unwrap() net.Conn { return c.Conn }

// Read implements net.Conn.
func (c inverted) Read(text []byte) (int, error) {
	n, err := c.Conn.Read(text)
	invert(text[:n])
	return n, err
}

// Write implements net.Conn.
func (c inverted) Write(text []byte) (int, error) {
	text = bytes.Clone(text)
	invert(text)
	return c.Conn.Write(text)
}

func invert(text []byte) {
	for i := range text {
		text[i] ^= 0xff
	}
}

// An invertedListener accepts inverted connections.
type invertedListener struct{ net.Listener }

// Accept implements net.Listener.
func (l invertedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return inverted{conn}, err
}

func TestChatClientsConnectThroughAServerThatWrapsItsConnections(t *testing.T) {
	listener := pipenet.New()
	n := &network{newEmulator(t, emulator.Config{}), "ws://memory", nil, listener}
	n.netDial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := listener.Dial(ctx, network, address)
		return inverted{conn}, err
	}
	server := &http.Server{Handler: n.Emulator}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(invertedListener{listener}) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	c := n.connect(t, createRoom(t, n, ""), "anna")
	c.sendMessage("hello")
	c.expectMessage("hello")
}
