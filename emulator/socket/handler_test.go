package socket

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// A slowStore is a room.Finder that answers only when the context has ended.
type slowStore struct {
	reading chan struct{} // closed by Room when it begins
}

func (s slowStore) Room(ctx context.Context, _ ivschat.ARN) (ivschat.Room, error) {
	close(s.reading)
	<-ctx.Done()
	return ivschat.Room{}, ctx.Err()
}

// A recordedConnection is a room.Connection that counts the frames that are written to it.
type recordedConnection struct {
	frames int
	closed chan struct{} // closed by Close
}

func (c *recordedConnection) TryWrite(frames []*hub.Frame) (bool, error) {
	c.frames += len(frames)
	return true, nil
}

func (c *recordedConnection) Write(frames []*hub.Frame) error {
	c.frames += len(frames)
	return nil
}

func (c *recordedConnection) Close(hub.Reason) { close(c.closed) }
func (*recordedConnection) AbortSlowWrite()    {}
func (*recordedConnection) Break(fault.Effect) {}
func (*recordedConnection) Broken() bool       { return false }
func (*recordedConnection) ClientIP() string   { return "" }

func TestARequestThatCloseInterruptsIsNotAnswered(t *testing.T) {
	store, c := slowStore{make(chan struct{})}, &recordedConnection{closed: make(chan struct{})}
	limiter := throttle.NewLimiter(func(string) time.Time { return time.Now() })
	live := room.New(room.Config{
		Finder: store, Fanout: room.NewLocal(store, limiter), Random: random.New(1), Clock: clock.New(),
		Journal: new(journal.Journal), Faults: newFaults(t, func() {}), Logger: slog.New(slog.DiscardHandler),
		Limiter: limiter,
	})
	h := New(Config{Live: live})
	if h.enter() != nil {
		t.Fatal("the endpoint is closed")
	}
	session := joined(t, h, ivschat.ChatToken{
		SessionExpirationTime: time.Now().Add(time.Hour),
		Capabilities:          []ivschat.Capability{ivschat.CapabilitySendMessage},
	})
	session.Start(c)
	handled := make(chan struct{})
	go func() {
		session.HandleFrame(h.ctx, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`), false)
		close(handled)
		<-c.closed
		h.leave(session, "")
	}()
	<-store.reading
	cancel := h.cancel
	h.cancel = func() {
		cancel()
		<-handled // so that an ERROR for it would be sent now
	}
	h.Close(t.Context())
	if c.frames != 0 {
		t.Errorf("the client received %d frames, want 0", c.frames)
	}
}

// A hijackable is a recorder of a response whose connection looks as if it could be taken over.
type hijackable struct{ *httptest.ResponseRecorder }

func (hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, net.ErrClosed }

// An anyToken opens every text as the same token, and counts its uses.
type anyToken struct {
	opened func() // nil, or called when it is opened
	uses   int
}

func (t *anyToken) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	if t.opened != nil {
		t.opened()
	}
	return ivschat.ChatToken{TokenExpirationTime: time.Now().Add(time.Hour)}, nil
}

func (t *anyToken) UseToken(context.Context, string, time.Time, time.Time) (bool, error) {
	t.uses++
	return true, nil
}

// anyRoom is a room.Finder that finds every room.
type anyRoom struct{}

func (anyRoom) Room(context.Context, ivschat.ARN) (ivschat.Room, error) { return ivschat.Room{}, nil }

// newHandshake returns the request of a valid handshake.
func newHandshake() *http.Request {
	request := httptest.NewRequest("GET", "/", nil)
	for name, value := range map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Sec-WebSocket-Protocol": "token",
	} {
		request.Header.Set(name, value)
	}
	return request
}

func TestAHandshakeDuringTheShutdownDoesNotUseUpItsToken(t *testing.T) {
	for name, test := range map[string]struct {
		before, opened func(h *Handler)
		want           string
	}{
		"which has begun":        {before: func(h *Handler) { h.Close(t.Context()) }, want: "the emulator is shutting down"},
		"which begins meanwhile": {opened: func(h *Handler) { h.cancel() }, want: "the handshake was cancelled"},
	} {
		token := new(anyToken)
		h := newHandler(t, func(c *Config) { c.Tokens, c.UsedTokens = token, token })
		if test.before != nil {
			test.before(h)
		}
		if test.opened != nil {
			token.opened = func() { test.opened(h) }
		}
		request := newHandshake()
		recorder := hijackable{httptest.NewRecorder()}
		h.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusServiceUnavailable || token.uses != 0 ||
			recorder.Body.String() != `{"message":"`+test.want+`"}` {
			t.Errorf("a shutdown %s: the status is %d, the body %s, and the token was used %d times",
				name, recorder.Code, recorder.Body, token.uses)
		}
		h.Close(t.Context()) // which waits for the handshake
	}
}

func TestANodeThatMustNotAcceptClientsRefusesThemBeforeItLooksAtTheirTokens(t *testing.T) {
	token := new(anyToken)
	ready := errors.New("the cluster cannot be reached: this node was cut off")
	h := newHandler(t, func(c *Config) {
		c.Tokens, c.UsedTokens, c.Ready = token, token, func() error { return ready }
	})
	defer h.Close(t.Context())
	recorder := hijackable{httptest.NewRecorder()}
	h.ServeHTTP(recorder, newHandshake())
	if recorder.Code != 503 || recorder.Body.String() != `{"message":"`+ready.Error()+`"}` ||
		recorder.Header().Get("x-amzn-ErrorType") != "ServiceUnavailable" || token.uses != 0 {
		t.Fatalf("the answer is %d %v %s, and the token was used %d times",
			recorder.Code, recorder.Header(), recorder.Body, token.uses)
	}
	if h.Take(nil, []byte(ordinary)) {
		t.Error("the connection is taken")
	}
	malformed := newHandshake()
	malformed.Header.Del("Sec-WebSocket-Key")
	recorder = hijackable{httptest.NewRecorder()}
	if h.ServeHTTP(recorder, malformed); recorder.Code != 400 {
		t.Errorf("a malformed handshake is answered with %d", recorder.Code)
	}
	ready = nil
	if err := h.enter(); err != nil {
		t.Errorf("a node that is ready refuses a handshake: %v", err)
	}
	h.open.Done()
}

// joined returns a session of the endpoint.
func joined(t *testing.T, h *Handler, token ivschat.ChatToken) *room.Session {
	t.Helper()
	session, err := h.join(token)
	if err != nil {
		t.Error(err)
	}
	return session
}

// newHandler returns an endpoint for any token and any room.
func newHandler(t *testing.T, change ...func(*Config)) *Handler {
	t.Helper()
	token := new(anyToken)
	config := Config{
		Tokens: token, UsedTokens: token, Rooms: anyRoom{}, Clock: clock.New(), Journal: journal.New(1 << 20),
		Faults: newFaults(t, func() {}), Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	limiter := throttle.NewLimiter(func(string) time.Time { return time.Now() })
	config.Live = room.New(room.Config{
		Finder: config.Rooms, Fanout: room.NewLocal(config.Rooms, limiter), Random: random.New(1), Clock: config.Clock,
		Journal: config.Journal, Faults: config.Faults, Logger: config.Logger,
		Limiter: limiter,
	})
	return New(config)
}

func TestAShutdownWhoseTimeIsOverCutsOffTheConnectionsThatAreLeft(t *testing.T) {
	h, token := newHandler(t), ivschat.ChatToken{SessionExpirationTime: time.Now().Add(time.Hour)}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	client := accept(t, func(c *conn) {
		for range 2 {
			if h.enter() != nil {
				t.Error("the endpoint is closed")
			}
		}
		connected, inHandshake := joined(t, h, token), joined(t, h, token)
		h.mu.Lock()
		h.sessions[connected] = c
		h.mu.Unlock()
		go func() {
			_, _, _ = c.socket.ReadMessage() // until the connection is cut off
			h.leave(connected, "")
			h.leave(inHandshake, "")
		}()
		h.Close(over)
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.sessions) > 0 {
			t.Errorf("%d sessions are left", len(h.sessions))
		}
	})
	_, _, err := client.ReadMessage()
	if timeout, ok := errors.AsType[net.Error](err); err == nil || ok && timeout.Timeout() {
		t.Errorf("the connection was not cut off: %v", err)
	}
}

func TestASessionThatBeginsDuringTheShutdownEndsAtOnce(t *testing.T) {
	h := newHandler(t)
	if h.enter() != nil {
		t.Fatal("the endpoint is closed")
	}
	over, cancel := context.WithCancel(t.Context())
	closed := make(chan struct{})
	go func() {
		h.Close(over)
		close(closed)
	}()
	<-h.ctx.Done() // the shutdown has begun
	session := joined(t, h, ivschat.ChatToken{SessionExpirationTime: time.Now().Add(time.Hour)})
	if session.Reason() != hub.Shutdown {
		t.Errorf("the session ends with the reason %q", session.Reason())
	}
	cancel()
	h.leave(session, "")
	<-closed
}

// A wrapper is a writer of a response around another one.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestAConnectionBehindWrappersCanBeTakenOver(t *testing.T) {
	recorder := httptest.NewRecorder()
	for want, writers := range map[bool][]http.ResponseWriter{
		true:  {hijackable{recorder}, wrapper{hijackable{recorder}}, wrapper{wrapper{hijackable{recorder}}}},
		false: {recorder, wrapper{recorder}, wrapper{wrapper{recorder}}},
	} {
		for _, w := range writers {
			if canHijack(w) != want {
				t.Errorf("%#v: got %t, want %t", w, !want, want)
			}
		}
	}
}

func TestTheShutdownWaitsForThePingsThatAreBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, written, closed := newHandler(t), make(chan struct{}), false
		h.pinging.Go(func() { <-written })
		go func() {
			h.Close(t.Context())
			closed = true
		}()
		synctest.Wait()
		if closed {
			t.Error("the endpoint is closed while a ping is being written")
		}
		close(written)
		synctest.Wait()
		if !closed {
			t.Error("the endpoint is not closed")
		}
	})
}
