package chatclient_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// listen serves HTTP in memory until the end of the test.
func listen(t testing.TB, handler http.HandlerFunc) *pipenet.Network {
	t.Helper()
	l := pipenet.New()
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
func serve(t testing.TB, script func(conn *websocket.Conn)) *pipenet.Network {
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
func connect(t testing.TB, l *pipenet.Network, options chatclient.Options) *chatclient.Client {
	t.Helper()
	options.NetDial = l.Dial
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
