package chatclient_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// A listener is a network in memory, so that a test can use a testing/synctest
// bubble.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listen serves HTTP in memory until the end of the test.
func listen(t testing.TB, handler http.HandlerFunc) *listener {
	t.Helper()
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l
}

// serve makes a server that accepts every connection and then follows a script.
func serve(t testing.TB, script func(conn *websocket.Conn)) *listener {
	t.Helper()
	var scripts sync.WaitGroup
	t.Cleanup(scripts.Wait)
	return listen(t, func(w http.ResponseWriter, r *http.Request) {
		scripts.Add(1)
		defer scripts.Done()
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		script(conn)
	})
}

// connect connects to a server for the duration of the test.
func connect(t testing.TB, l *listener, options chatclient.Options) *chatclient.Client {
	t.Helper()
	options.NetDial = l.dial
	c, err := chatclient.Dial(context.Background(), "ws://chat.example", "token", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Drop()
		<-c.Done()
	})
	return c
}

// send sends text frames.
func send(conn *websocket.Conn, frames ...string) {
	for _, frame := range frames {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(frame))
	}
}

// readAll reads until the connection ends and returns the error.
func readAll(conn *websocket.Conn) error {
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return err
		}
	}
}

// sendClose sends a close frame and waits for the answer.
func sendClose(conn *websocket.Conn, code int, reason string) {
	text := websocket.FormatCloseMessage(code, reason)
	_ = conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(time.Second))
	_ = readAll(conn)
}

// timeout is a context for what has to happen soon.
func timeout(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}
