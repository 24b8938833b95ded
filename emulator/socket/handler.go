package socket

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// Config is what the endpoint works with. Every member but the last is needed.
type Config struct {
	Tokens  Tokens
	Uses    Uses
	Rooms   room.Finder
	Live    *room.Rooms
	Clock   *clock.Clock
	Journal *journal.Journal
	Faults  *fault.Set
	Logger  *slog.Logger

	// CloseOnShutdown ends connections with code 1001 at the end, instead of
	// dropping them.
	CloseOnShutdown bool
}

// Tokens opens chat tokens.
type Tokens interface {
	// OpenChatToken fails for all but what the emulator made. It does not
	// look at the times.
	OpenChatToken(text string) (ivschat.ChatToken, error)
}

// Uses remembers which chat tokens have opened a connection.
type Uses interface {
	// UseToken reports whether it was the first use. It may forget tokens that
	// have expired by now.
	UseToken(id string, now, expires time.Time) (first bool, err error)
}

// A Handler is the messaging endpoint as an http.Handler for WebSocket
// handshakes.
type Handler struct {
	Config
	upgrader websocket.Upgrader

	mu       sync.Mutex
	sessions map[*room.Session]*conn // nil during the handshake
	closed   bool
	stopping chan struct{} // closed with it
	all      sync.WaitGroup

	delivered atomic.Int64
}

// handshakeTimeout is how long a client may take to receive the handshake, in
// machine time.
const handshakeTimeout = 2 * time.Second

// readBuffer is small, since clients say little and there are many of them.
const readBuffer = 128

// New makes the endpoint.
func New(config Config) *Handler {
	return &Handler{
		Config:   config,
		sessions: map[*room.Session]*conn{},
		stopping: make(chan struct{}),
		upgrader: websocket.Upgrader{
			HandshakeTimeout: handshakeTimeout,
			CheckOrigin:      func(*http.Request) bool { return true }, // the token is what lets a client in
			ReadBufferSize:   readBuffer,
			WriteBufferPool:  new(sync.Pool),
			Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) { // decision D28
				kind := ivschat.MalformedHTTPRequest
				kind.Status = status
				answer(w, &ivschat.Exception{Kind: kind, Message: reason.Error()})
			},
		},
	}
}

// ServeHTTP upgrades the connection of a client that offers a chat token as its
// subprotocol, which is then served until its end.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, token, refused := h.admit(r)
	if broken := (*brokenHandshake)(nil); errors.As(refused, &broken) {
		h.breakHandshake(w, token, broken.rule)
		return
	}
	if refused != nil {
		h.refuse(w, token, h.exception(refused))
		return
	}
	// The session begins before the client learns that it is connected, so
	// that it misses nothing of what happens from then on.
	session, open := h.join(token)
	if !open {
		h.refuse(w, token, &ivschat.Exception{Kind: ivschat.ServiceUnavailable, Message: "the emulator is shutting down"})
		return
	}
	hijacker := &hijacker{ResponseWriter: w}
	socket, err := h.upgrader.Upgrade(hijacker, r, http.Header{"Sec-Websocket-Protocol": {text}})
	if err != nil {
		h.Logger.Warn("a WebSocket handshake failed", "error", err, "room", token.Room)
		h.note(token, http.StatusBadRequest, err.Error())
		h.leave(session, "handshake failed")
		return // Upgrade has answered
	}
	c := &conn{handler: h, socket: socket, session: session, room: token.Room.String(), wire: hijacker.wire}
	h.mu.Lock()
	h.sessions[session] = c
	h.mu.Unlock()
	h.Logger.Info("a client connected", "room", c.room, "session_expiration_time", token.SessionExpirationTime)
	c.prepare()
	session.Start(c)
	// The connection lives on in a goroutine of its own, with the smallest of
	// stacks: whoever served the handshake holds on to all that HTTP needed.
	go h.serve(c)
}

// serve serves a connection until its end.
func (h *Handler) serve(c *conn) {
	c.wire.awaitInput()
	c.serve()
	why := string(c.session.Reason())
	if why == "" {
		why = "left"
	}
	h.leave(c.session, why)
	h.Logger.Info("a client is gone", "why", why, "room", c.room)
}

func (h *Handler) join(token ivschat.ChatToken) (session *room.Session, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, false
	}
	session = h.Live.Join(token)
	h.sessions[session] = nil
	h.all.Add(1)
	return session, true
}

func (h *Handler) leave(session *room.Session, why string) {
	session.Leave(why)
	h.mu.Lock()
	delete(h.sessions, session)
	h.mu.Unlock()
	h.all.Done()
}

// admit checks the token that the handshake offers. What it may be refused for
// is decision D28.
func (h *Handler) admit(r *http.Request) (text string, token ivschat.ChatToken, refused error) {
	offered := websocket.Subprotocols(r)
	if len(offered) == 0 {
		return "", token, unauthorized("no chat token: offer one as the subprotocol")
	}
	token, err := h.Tokens.OpenChatToken(offered[0])
	if err != nil {
		return "", token, unauthorized("the chat token is not one of this emulator's")
	}
	now := h.Clock.Now()
	if !now.Before(token.TokenExpirationTime) {
		return "", token, unauthorized("the chat token expired at " + token.TokenExpirationTime.Format(time.RFC3339))
	}
	if _, err := h.Rooms.Room(token.Room); err != nil {
		return "", token, err
	}
	if err := h.suffer(token); err != nil {
		return "", token, err
	}
	first, err := h.Uses.UseToken(token.ID, earliest(now), token.TokenExpirationTime)
	if err != nil {
		return "", token, err
	}
	if !first {
		return "", token, unauthorized("the chat token has been used: a token opens one connection")
	}
	return offered[0], token, nil
}

// earliest gives a time before which the clock will never be again: a restart
// or a reset takes it back, but to the machine's time. A token that has expired
// by then never opens a connection again.
func earliest(now time.Time) time.Time {
	if machine := time.Now(); machine.Before(now) {
		return machine
	}
	return now
}

func unauthorized(why string) *ivschat.Exception {
	return &ivschat.Exception{Kind: ivschat.NotAuthorized, Message: why}
}

func (h *Handler) exception(err error) *ivschat.Exception {
	if exception := (*ivschat.Exception)(nil); errors.As(err, &exception) {
		return exception
	}
	h.Logger.Error("internal error", "error", err)
	return &ivschat.Exception{Kind: ivschat.InternalServerException, Message: "internal error"}
}

// refuse answers a handshake that is turned away, and says so in the log, since
// a browser hides the answer from whoever looks at it.
func (h *Handler) refuse(w http.ResponseWriter, token ivschat.ChatToken, refused *ivschat.Exception) {
	where := "unknown"
	if token.Room != (ivschat.ARN{}) {
		where = token.Room.String()
	}
	h.Logger.Warn("a WebSocket handshake was refused", "status", refused.Kind.Status, "reason", refused.Message, "room", where)
	h.note(token, refused.Kind.Status, refused.Message)
	answer(w, refused)
}

// note keeps a refused handshake for whoever looks.
func (h *Handler) note(token ivschat.ChatToken, status int, reason string) {
	e := journal.Entry{Time: h.Clock.Now(), Kind: journal.Handshake, UserID: token.UserID, Status: status, Reason: reason}
	if token.Room != (ivschat.ARN{}) {
		e = e.About(token.Room)
	}
	h.Journal.Add(e)
}

func answer(w http.ResponseWriter, refused *ivschat.Exception) {
	text, _ := json.Marshal(map[string]string{"message": refused.Message}) // strings always marshal
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-ErrorType", refused.Kind.Name)
	w.WriteHeader(refused.Kind.Status)
	_, _ = w.Write(text)
}

// Delivered is the number of frames that clients got so far.
func (h *Handler) Delivered() int64 { return h.delivered.Load() }

// Close ends every connection and waits for them until the context ends, then
// cuts off those that are left.
func (h *Handler) Close(ctx context.Context) {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.stopping)
	}
	for session := range h.sessions {
		session.End(hub.Shutdown)
	}
	h.mu.Unlock()

	done := make(chan struct{})
	go func() {
		h.all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		h.mu.Lock()
		for _, c := range h.sessions {
			if c != nil {
				_ = c.socket.Close()
			}
		}
		h.mu.Unlock()
		<-done
	}
}
