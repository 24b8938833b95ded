package socket

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A lastingToken opens every text as a token for a session that lasts.
type lastingToken struct{ anyToken }

func (t *lastingToken) OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error) {
	token, err := t.anyToken.OpenChatToken(ctx, text)
	token.SessionExpirationTime = token.TokenExpirationTime
	return token, err
}

func newPollingHandler(t *testing.T) *Handler {
	return newHandler(t, func(c *Config) { c.Tokens = new(lastingToken) })
}

// connectToHandler connects a client over the loopback interface. It returns the client and the connection,
// which waits for input.
func connectToHandler(t *testing.T, h *Handler) (*websocket.Conn, *conn) {
	t.Helper()
	served := make(chan struct{})
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	dialer := newDialer("token")
	client, _, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	<-served
	return client, h.conns()[0]
}

func TestAConnectionThatWaitsForItsFirstInputEnds(t *testing.T) {
	receive := func(client *websocket.Conn) { _, _, _ = client.ReadMessage() } // answers a close frame
	for name, end := range map[string]func(*testing.T, *Handler, *conn, *websocket.Conn){
		"its client closes it": func(_ *testing.T, _ *Handler, _ *conn, client *websocket.Conn) {
			_ = client.Close()
		},
		"its client resets it": func(t *testing.T, _ *Handler, _ *conn, client *websocket.Conn) {
			if err := tcp(client.NetConn()).SetLinger(0); err != nil {
				t.Error(err)
			}
			_ = tcp(client.NetConn()).Close()
		},
		"its client sends a close frame": func(_ *testing.T, _ *Handler, _ *conn, client *websocket.Conn) {
			_ = client.WriteMessage(websocket.CloseMessage, nil)
			receive(client)
		},
		"its session is closed": func(_ *testing.T, _ *Handler, c *conn, client *websocket.Conn) {
			c.session.Close(hub.Disconnected)
			receive(client)
		},
		"its session is closed, and its client does not answer": func(
			_ *testing.T, _ *Handler, c *conn, _ *websocket.Conn,
		) {
			c.session.Close(hub.Disconnected)
		},
		"its session is closed, and its client only sends a message": func(
			t *testing.T, _ *Handler, c *conn, client *websocket.Conn,
		) {
			c.session.Close(hub.Disconnected)
			if err := client.WriteMessage(websocket.TextMessage, nil); err != nil {
				t.Error(err)
			}
		},
		"its session expires": func(_ *testing.T, _ *Handler, c *conn, client *websocket.Conn) {
			c.session.Close(hub.Expired)
			receive(client)
			_ = client.Close()
		},
		"the endpoint is closed": func(t *testing.T, h *Handler, _ *conn, client *websocket.Conn) {
			over, cancel := context.WithCancel(t.Context())
			cancel()
			h.Close(over)
			receive(client)
		},
		"it cannot be written to": func(_ *testing.T, _ *Handler, c *conn, _ *websocket.Conn) {
			c.abort(errBroken)
		},
		"it is cut off": func(_ *testing.T, _ *Handler, c *conn, _ *websocket.Conn) {
			c.cutOff()
		},
		"a fault resets it": func(t *testing.T, _ *Handler, c *conn, _ *websocket.Conn) {
			c.Break(fault.ResetConnection{})
		},
		"a fault closes it": func(t *testing.T, _ *Handler, c *conn, client *websocket.Conn) {
			c.Break(fault.CloseConnection{Code: 4000})
			receive(client)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newPollingHandler(t)
			client, c := connectToHandler(t, h)
			if !c.waiting.Load() {
				t.Error("a goroutine waits for the first input")
			}
			end(t, h, c, client)
			h.open.Wait() // until the session has ended
			if p := h.poller.Load(); p.waiting[c.descriptor] != nil {
				t.Error("the poller keeps the connection")
			}
			h.Close(t.Context())
		})
	}
}

func TestAConnectionThatIsClosedBeforeItWaitsEnds(t *testing.T) {
	h := newPollingHandler(t)
	_, c := connectToHandler(t, h)
	_ = c.wire.Close() // which does not wake it
	h.await(c)
	h.open.Wait()
	h.await(c) // now it was woken
	if h.poller.Load().waiting[c.descriptor] != nil {
		t.Error("the poller keeps a connection that has ended")
	}
	h.Close(t.Context())
}

func TestThePollerEndsWithTheEndpoint(t *testing.T) {
	h := newPollingHandler(t)
	connectToHandler(t, h)
	h.Close(t.Context())
	<-h.poller.Load().ended
}

// A whileConnecting calls a function when a client is logged as connected, which is before it waits.
type whileConnecting struct {
	slog.Handler
	do func()
}

// Enabled implements slog.Handler.
func (whileConnecting) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (w whileConnecting) Handle(_ context.Context, line slog.Record) error {
	if line.Message == "a client connected" {
		w.do()
	}
	return nil
}

func TestThePollerEndsAlsoIfTheEndpointIsClosedMeanwhile(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	closed := make(chan struct{})
	var h *Handler
	closeIt := func() {
		go func() {
			defer close(closed)
			h.Close(over)
		}()
		for len(h.conns()) > 0 {
			runtime.Gosched()
		}
		for range 1000 { // so that Close would end, if it did not wait
			runtime.Gosched()
		}
	}
	h = newHandler(t, func(c *Config) {
		c.Tokens = new(lastingToken)
		c.Logger = slog.New(whileConnecting{slog.DiscardHandler, closeIt})
	})
	server := newServer(t, h)
	defer server.Close()
	dialer := newDialer("token")
	client, _, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	<-closed
	p := h.poller.Load()
	if p == nil {
		t.Fatal("Close did not wait until the poller was started")
	}
	select {
	case <-p.ended:
	default:
		t.Error("the poller goes on")
	}
}

func TestWithoutAPollerConnectionsWaitInGoroutines(t *testing.T) {
	h := newPollingHandler(t)
	h.startPoller.Do(func() {}) // as if the system had no descriptor left
	client, c := connectToHandler(t, h)
	if c.waiting.Load() {
		t.Error("the connection waits without a goroutine")
	}
	_ = client.Close()
	h.open.Wait()
	h.Close(t.Context())
}
