package room

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// queueLength is how many frames can wait for one connection: five seconds of the busiest room that
// the service allows (decision D27).
const queueLength = 512

// A Connection sends the frames of a session to its client. It also carries out the effects that break
// a connection, and is the only one to know whether it is broken.
type Connection interface {
	hub.Transport
	// Break closes, resets or silences the connection, as the effect says.
	Break(fault.Effect)
	// Broken reports whether Break was called.
	Broken() bool
	// ClientIP returns the IP address of the client.
	ClientIP() string
}

// A Session is one connection of one user, from the handshake until it is closed.
type Session struct {
	// Static.
	Token       ivschat.ChatToken
	ConnectTime time.Time // when it began, in the service's time
	rooms       *Rooms
	member      Member
	expiry      *clock.Alarm

	connection Connection  // static once attached
	attached   atomic.Bool // it has a connection
	started    atomic.Bool // the client may know that it is connected

	brokenFor atomic.Pointer[string]       // why Break ended the session; nil if it did not
	toBreak   atomic.Pointer[fault.Effect] // what Break has to do once the session is started; nil if nothing

	left atomic.Bool // the fan-out knows that it is no recipient any more

	FramesIn, FramesOut atomic.Int64 // from the client and to it

	requests throttle.Bucket // owned by the caller of HandleFrame
}

// Join opens a session, which misses nothing of what is sent in the room from now on. An alarm of the
// clock closes it when it expires. Every session must Leave in the end. The error is a ServiceUnavailable.
func (r *Rooms) Join(token ivschat.ChatToken) (*Session, error) {
	s := &Session{Token: token, rooms: r}
	s.ConnectTime = s.now()
	var err error
	if s.member, err = r.Fanout.Join(token.Room, token.UserID, queueLength); err != nil {
		return nil, unavailable(err)
	}
	s.expiry = s.clock().At(token.SessionExpirationTime, func() (closed <-chan struct{}) {
		s.expire("")
		return s.member.Closed() // so that sessions end in the order of their times
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[s.ID()] = s
	return s, nil
}

// clock returns the clock of the session's account.
func (s *Session) clock() clock.View { return s.rooms.Clock.Account(s.Token.Room.Owner.AccountID) }

// now returns the service's time for the session's account.
func (s *Session) now() time.Time { return s.clock().Now() }

// Attach tells the session its connection before the handshake is answered, so that ClientIP is known as soon as
// the client is connected. Call it at most once, and before Start, which does it otherwise.
func (s *Session) Attach(connection Connection) {
	s.connection = connection
	s.attached.Store(true)
}

// Start lets the session use its connection, once the handshake is answered. Call it at most once.
func (s *Session) Start(connection Connection) {
	if !s.attached.Load() {
		s.Attach(connection)
	}
	s.started.Store(true)
	s.record(journal.Entry{Kind: journal.Connect})
	s.breakPending()
	s.member.Start(connection)
}

// Leave removes the session after its connection was closed. The reason is for the journal. Call it
// once.
func (s *Session) Leave(reason string) {
	s.rooms.Clock.Stop(s.expiry)
	s.member.Leave()
	s.isLeft()
	s.rooms.mu.Lock()
	if s.rooms.sessions[s.ID()] == s { // numbers begin again when all nodes of a cluster were gone
		delete(s.rooms.sessions, s.ID())
	}
	s.rooms.mu.Unlock()
	switch {
	case !s.started.Load(), s.Reason() == hub.Reset: // which clears the journal
	case s.Reason() == hub.CutOff: // the other nodes have added it
	default:
		s.record(journal.Entry{Kind: journal.Disconnect, Reason: reason})
	}
}

// Close closes the connection for the reason once what is queued is written.
func (s *Session) Close(reason hub.Reason) {
	s.member.Close(reason)
	s.isLeft()
}

// isLeft tells the fan-out that the session is no recipient any more, unless it was told before.
func (s *Session) isLeft() {
	if !s.left.Swap(true) {
		s.rooms.Fanout.Leave(s.Token.Room, &s.member)
	}
}

// Reason returns why the session is being closed, or "" if it is not.
func (s *Session) Reason() hub.Reason { return s.member.Reason() }

// open reports whether the session is not being closed.
func (s *Session) open() bool { return s.Reason() == "" && s.brokenFor.Load() == nil }

// EndReason returns why the session has ended, for the journal and the log, once its connection is closed.
func (s *Session) EndReason() string {
	if reason := s.brokenFor.Load(); reason != nil {
		return *reason
	}
	return cmp.Or(string(s.Reason()), "left")
}

// ID returns a number from 1 that no other session of this run of the emulator has.
func (s *Session) ID() int64 { return s.member.Session }

// ClientIP returns the IP address of the client, or "" while its handshake is not answered yet.
func (s *Session) ClientIP() string {
	if !s.attached.Load() {
		return ""
	}
	return s.connection.ClientIP()
}

// Queued returns the number of frames that wait for the client.
func (s *Session) Queued() int { return s.member.Queued() }

// Broken reports whether a fault or Break broke the connection.
func (s *Session) Broken() bool { return s.started.Load() && s.connection.Broken() }

// Point returns where a fault can fire in the session.
func (s *Session) Point(operation string) fault.Point { return fault.SessionPoint(operation, s.Token) }

// expiryTimeout is how long, in the machine's time, Expire waits for a client that does not read.
const expiryTimeout = 100 * time.Millisecond

// Expire ends the session as at its SessionExpirationTime. It returns when the client has been told, or when
// that takes too long.
func (s *Session) Expire() {
	s.expire("")
	ctx, cancel := context.WithTimeout(context.Background(), expiryTimeout)
	defer cancel()
	s.awaitClosed(ctx)
}

// Why Break has ended a session, for the journal.
const (
	closedByAdmin = "closed by the admin API"
	resetByAdmin  = "reset by the admin API"
)

// Break closes, resets or silences the connection without a rule for a fault. The effect is a
// fault.CloseConnection, fault.ResetConnection or fault.SilenceConnection. A session whose connection was closed
// or reset is not open any more. During the handshake, it happens at its end.
func (s *Session) Break(effect fault.Effect) {
	var reason string
	switch effect.(type) {
	case fault.CloseConnection:
		reason = closedByAdmin
	case fault.ResetConnection:
		reason = resetByAdmin
	}
	if reason != "" {
		s.brokenFor.CompareAndSwap(nil, &reason)
	}
	s.toBreak.Store(&effect)
	if s.started.Load() {
		s.breakPending()
	}
}

// breakPending does what Break was called for, unless it was done.
func (s *Session) breakPending() {
	if effect := s.toBreak.Swap(nil); effect != nil {
		s.connection.Break(*effect)
	}
}

// expire sends the ERROR for an expired session and closes the connection. The alarm and a late
// request may call it at the same time: the client receives one ERROR.
func (s *Session) expire(requestID string) {
	s.send(messaging.ErrSessionExpired, requestID, hub.Expired)
	s.isLeft()
}

// refuse answers a request with an error.
func (s *Session) refuse(requestID string, err *messaging.Error) { s.send(err, requestID, "") }

// send sends an ERROR frame to this client only, unless the session is being closed. A reason that is
// not empty then closes it.
func (s *Session) send(err *messaging.Error, requestID string, reason hub.Reason) {
	payload := err.Encode(s.rooms.Random.ID(), requestID)
	s.member.Send(frame(ivschat.FrameError, payload), func() {
		s.record(journal.Entry{Kind: journal.Frame, Direction: journal.Out, Frame: payload})
	}, reason)
}

// record writes an entry about the session to the journal.
func (s *Session) record(e journal.Entry) {
	e = e.About(s.Token.Room)
	e.Time, e.UserID = s.now(), s.Token.UserID
	s.rooms.Journal.Add(e)
}

// awaitClosed waits until the connection is closed, or the context ends, and reports which.
func (s *Session) awaitClosed(ctx context.Context) bool {
	closed := s.member.Closed()
	select {
	case <-closed:
		return true
	default:
	}
	select {
	case <-closed:
		return true
	case <-ctx.Done():
		return false
	}
}

// abort closes the connection for a reset, in any state. It does not wait long for a client
// that does not read.
func (s *Session) abort(reason hub.Reason) {
	if s.started.Load() {
		s.connection.AbortSlowWrite()
		s.connection.Close(reason)
	}
}
