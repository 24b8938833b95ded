package room

import (
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

// A Connection sends the frames of a session to its client. It also carries out the faults that break
// a connection, and is the only one to know whether it is broken.
type Connection interface {
	hub.Transport
	// Break closes, resets or silences the connection, as the fault says, and then reports the fault.
	Break(*fault.Firing)
	// Broken reports whether a fault broke the connection.
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
	number      int64
	member      *hub.Member
	expiry      *clock.Alarm

	connection Connection  // static once started
	started    atomic.Bool // it has a connection

	FramesIn, FramesOut atomic.Int64 // from the client and to it

	requests throttle.Bucket // owned by the caller of HandleFrame
}

// Join opens a session, which misses nothing of what is sent in the room from now on. An alarm of the
// clock closes it when it expires. Every session must Leave in the end.
func (r *Rooms) Join(token ivschat.ChatToken) *Session {
	s := &Session{Token: token, rooms: r, number: r.joined.Add(1)}
	s.ConnectTime = s.now()
	s.member = r.Fanout.Join(token.Room, token.UserID, queueLength)
	s.expiry = s.clock().At(token.SessionExpirationTime, func() (closed <-chan struct{}) {
		s.expire("")
		return s.member.Closed() // so that sessions end in the order of their times
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[s] = struct{}{}
	return s
}

// clock returns the clock of the session's account.
func (s *Session) clock() clock.View { return s.rooms.Clock.Account(s.Token.Room.Owner.AccountID) }

// now returns the service's time for the session's account.
func (s *Session) now() time.Time { return s.clock().Now() }

// Start gives the session its connection. Call it at most once.
func (s *Session) Start(connection Connection) {
	s.connection = connection
	s.started.Store(true)
	s.record(journal.Entry{Kind: journal.Connect})
	s.member.Start(connection)
}

// Leave removes the session after its connection was closed. The reason is for the journal. Call it
// once.
func (s *Session) Leave(reason string) {
	s.rooms.Clock.Stop(s.expiry)
	s.member.Leave()
	s.rooms.mu.Lock()
	delete(s.rooms.sessions, s)
	s.rooms.mu.Unlock()
	if s.started.Load() && s.Reason() != hub.Reset { // a reset clears the journal
		s.record(journal.Entry{Kind: journal.Disconnect, Reason: reason})
	}
}

// Close closes the connection for the reason once what is queued is written.
func (s *Session) Close(reason hub.Reason) { s.member.Close(reason) }

// Reason returns why the session is being closed, or "" if it is not.
func (s *Session) Reason() hub.Reason { return s.member.Reason() }

// Queued returns the number of frames that wait for the client.
func (s *Session) Queued() int { return s.member.Queued() }

// Broken reports whether a fault broke the connection.
func (s *Session) Broken() bool { return s.started.Load() && s.connection.Broken() }

// Point returns where a fault can fire in the session.
func (s *Session) Point(operation string) fault.Point { return fault.SessionPoint(operation, s.Token) }

// expire sends the ERROR for an expired session and closes the connection. The alarm and a late
// request may call it at the same time: the client receives one ERROR.
func (s *Session) expire(requestID string) {
	s.send(messaging.ErrSessionExpired, requestID, hub.Expired)
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
