package socket

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// Config is what the endpoint works with. Every member is required, unless it says otherwise.
type Config struct {
	Tokens     Tokens
	UsedTokens UsedTokens
	Rooms      room.Finder
	Live       *room.Rooms
	Clock      *clock.Clock
	Journal    *journal.Journal
	Faults     *fault.Set
	Logger     *slog.Logger

	// Ready says why this node of a cluster must not accept a client. It is nil without a cluster. It is asked
	// about each valid handshake, before its token is looked at.
	Ready func() error

	// PingInterval is how often every client receives a ping, in the machine's time. 0 means never.
	PingInterval time.Duration

	// CloseOnShutdown, which can be false, closes connections with code 1001 when the emulator shuts down, instead
	// of dropping them.
	CloseOnShutdown bool
}

// Tokens decrypts chat tokens.
type Tokens interface {
	// OpenChatToken returns ivschat.ErrInvalidToken for every text that is not a chat token of this
	// emulator. It does not check the times.
	OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error)
}

// UsedTokens remembers which chat tokens have opened a connection.
type UsedTokens interface {
	// UseToken records a use and reports whether it was the first. It may forget tokens that have
	// expired by now.
	UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error)
}

// A Handler is the messaging endpoint: an http.Handler for WebSocket handshakes.
type Handler struct {
	// Static after New.
	Config
	ctx    context.Context // of requests and handshakes; ends when Close has begun to close the sessions
	cancel context.CancelFunc

	mu       sync.Mutex              // guards what follows
	sessions map[*room.Session]*conn // nil during the handshake
	closed   bool

	open      sync.WaitGroup // of handshakes and sessions; none begins once closed is true
	delivered atomic.Int64   // frames
	pinging   sync.WaitGroup // of the goroutines that send pings

	startPoller sync.Once              // by the first connection
	poller      atomic.Pointer[poller] // nil if connections wait in goroutines
}

// handshakeTimeout is how long a client may take to receive the answer to its handshake, in the
// machine's time.
const handshakeTimeout = 2 * time.Second

// New returns the endpoint. Close ends it.
func New(config Config) *Handler {
	h := &Handler{Config: config, sessions: map[*room.Session]*conn{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	if h.PingInterval > 0 {
		h.pinging.Go(h.ping)
	}
	return h
}

// await makes a connection wait for the first input from its client. The connection may have been woken
// already, so await does not use what the reader uses.
func (h *Handler) await(c *conn) {
	h.startPoller.Do(func() { h.poller.Store(newPoller()) })
	if p := h.poller.Load(); p != nil {
		p.add(c)
	} else {
		c.wake()
	}
}

// serve serves a connection until it ends.
func (h *Handler) serve(c *conn) {
	c.serve(h.ctx)
	reason := c.session.EndReason()
	h.Logger.Info("a client disconnected", "reason", reason, "room", c.session.Token.Room)
	h.leave(c.session, reason) // after which Close no longer waits for this goroutine
}

// enter counts a handshake, which Close then waits for. It returns a ServiceUnavailable if the endpoint is closed, or
// if this node must not accept a client.
func (h *Handler) enter() error {
	if h.Ready != nil {
		if err := h.Ready(); err != nil {
			return unavailable(err.Error())
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return unavailable("the emulator is shutting down")
	}
	h.open.Add(1)
	return nil
}

// join opens a session after a handshake that was counted by enter. If the endpoint was closed
// meanwhile, the session ends at once.
func (h *Handler) join(token ivschat.ChatToken) (*room.Session, error) {
	session, err := h.Live.Join(token) // without the lock, because it may wait for other processes
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[session] = nil
	if h.closed {
		session.Close(hub.Shutdown)
	}
	return session, nil
}

// leave ends a session whose connection was closed.
func (h *Handler) leave(session *room.Session, reason string) {
	session.Leave(reason)
	h.mu.Lock()
	delete(h.sessions, session)
	h.mu.Unlock()
	h.open.Done()
}

// Delivered returns the number of frames that were written to clients so far.
func (h *Handler) Delivered() int64 { return h.delivered.Load() }

// Close closes every connection and waits until they are gone. When the context ends, it cuts off
// those that are left.
func (h *Handler) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	for session := range h.sessions {
		session.Close(hub.Shutdown)
	}
	h.mu.Unlock()
	h.cancel() // a request that this interrupts is not answered, because its session is being closed

	done := make(chan struct{})
	go func() {
		h.open.Wait()
		h.pinging.Wait()
		if p := h.poller.Load(); p != nil {
			p.close()
		}
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		h.mu.Lock()
		for _, c := range h.sessions {
			if c != nil {
				c.cutOff()
			}
		}
		h.mu.Unlock()
		<-done
	}
}
