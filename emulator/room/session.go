package room

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// queueLength is how many frames may wait for one connection: five seconds of
// the busiest room that the service allows.
const queueLength = 512

// A Connection takes what the session has to say to the other side, and
// carries out what faults ask for.
type Connection interface {
	hub.Transport
	// Pause waits for so long of the machine's time, or until everything ends.
	Pause(time.Duration)
	// Break does what a fault says with the connection: Close, Reset or
	// Silence.
	Break(fault.Rule)
}

// A Session is one connection of one user, from its handshake to its end.
type Session struct {
	// Static.
	Token  ivschat.ChatToken
	Since  time.Time // the service's
	rooms  *Rooms
	number int64
	member *hub.Member
	expiry *clock.Alarm

	connection Connection // static from Start on

	In, Out atomic.Int64 // frames from and to the client

	broken atomic.Bool // a fault has closed, reset or silenced its connection
	silent atomic.Bool // and it was silence

	started atomic.Bool // it has a connection

	requests rate // owned by the caller of Do
}

// Join opens a session: from now on nothing is missed of what happens in the
// room. Its end by time is an alarm of the clock. Whoever joined must Leave.
func (r *Rooms) Join(token ivschat.ChatToken) *Session {
	s := &Session{Token: token, Since: r.Clock.Now(), rooms: r, number: r.numbered.Add(1)}
	s.member = r.hub.Join(token.Room.String(), token.UserID, queueLength)
	s.expiry = r.Clock.At(token.SessionExpirationTime, func() {
		s.expire("")
		patience := time.NewTimer(endTimeout)
		defer patience.Stop()
		s.awaitEnd(patience) // so that sessions end in the order of their times
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[s] = struct{}{}
	return s
}

// expire tells the client, once, that its session is over, and lets it go.
func (s *Session) expire(requestID string) {
	if s.member.Reason() == "" {
		s.refuse(requestID, messaging.ErrSessionExpired)
		s.member.End(hub.Expired)
	}
}

// endTimeout is how long others wait for a client that was let go to be told.
const endTimeout = 100 * time.Millisecond

// awaitEnd waits until the connection was ended, or the timer has fired, now or
// for another session before.
func (s *Session) awaitEnd(patience *time.Timer) (ended bool) {
	select {
	case <-s.member.Ended():
		return true
	case <-patience.C:
		patience.Reset(0) // whoever is next does not wait
		return false
	}
}

// breakOff ends the connection for a reset, whatever it is at.
func (s *Session) breakOff() {
	if s.started.Load() {
		s.connection.End(hub.Reset)
	}
}

// Start gives the session its connection, once.
func (s *Session) Start(connection Connection) {
	s.connection = connection
	s.started.Store(true)
	s.note(journal.Entry{Kind: journal.Connect})
	s.member.Start(connection)
}

// End lets the session go for the reason, once what waits for it is written.
func (s *Session) End(reason hub.Reason) { s.member.End(reason) }

// Reason says why the session was let go, if it was.
func (s *Session) Reason() hub.Reason { return s.member.Reason() }

// Queued gives the number of frames that wait for the client.
func (s *Session) Queued() int { return s.member.Queued() }

// Point is where a fault can hit the session.
func (s *Session) Point(operation string) fault.Point {
	return fault.Point{
		Operation:    operation,
		Account:      s.Token.Room.Owner.AccountID,
		Room:         s.Token.Room.String(),
		UserID:       s.Token.UserID,
		Capabilities: s.Token.Capabilities,
	}
}

// note keeps something that happened to the session.
func (s *Session) note(e journal.Entry) {
	e = e.About(s.Token.Room)
	e.Time, e.UserID = s.rooms.Clock.Now(), s.Token.UserID
	s.rooms.Journal.Add(e)
}

// Leave ends the session after its connection was closed, for a reason that is
// told to whoever looks.
func (s *Session) Leave(why string) {
	s.rooms.Clock.Stop(s.expiry)
	s.member.Leave()
	s.rooms.mu.Lock()
	delete(s.rooms.sessions, s)
	s.rooms.mu.Unlock()
	if s.connection != nil && s.Reason() != hub.Reset { // what was before a reset is forgotten
		s.note(journal.Entry{Kind: journal.Disconnect, Reason: why})
	}
}

// Do performs what a text or binary frame asks for. If it fails the session is
// told, and only this one. A session that was let go or broken is not listened
// to any more. Which error is told first, and what counts for the rate of the
// connection, are decisions D25 and D23. It is called for one frame at a time.
func (s *Session) Do(frame []byte, binary bool) {
	now := s.rooms.Clock.Now()
	if s.member.Reason() != "" || s.Broken() {
		return
	}
	s.In.Add(1)
	s.note(journal.Entry{Kind: journal.Frame, Direction: "in"}.WithFrame(frame))
	action, malformed := messaging.Action{}, messaging.ErrBinary
	if !binary {
		action, malformed = messaging.Parse(frame)
	}
	if !now.Before(s.Token.SessionExpirationTime) {
		// It was faster than the alarm. Whoever asks is told (decision D27),
		// since clients wait for an answer to each of their requests.
		s.expire(action.RequestID)
		return
	}
	if s.suffer(action) {
		return
	}
	switch {
	case !s.requests.allow(now, ivschat.MessagingRequestRate):
		s.refuse(action.RequestID, messaging.ErrRateLimited)
	case malformed != nil:
		s.refuse(action.RequestID, malformed)
	default:
		if err := s.perform(action, now); err != nil {
			s.refuse(action.RequestID, err)
		}
	}
}

// suffer lets a fault have its way with an action, and reports whether that is
// all that is to be done.
func (s *Session) suffer(action messaging.Action) bool {
	if !s.rooms.Faults.Armed() {
		return false
	}
	at := s.Point(action.Name)
	rule, fires := s.rooms.Faults.Fire(at)
	if !fires {
		return false
	}
	if rule.Delay > 0 {
		s.connection.Pause(rule.Delay)
	}
	switch {
	case rule.Error != 0:
		text := rule.Message
		if text == "" {
			text = "fault"
		}
		s.refuse(action.RequestID, &messaging.Error{Code: messaging.Code(rule.Error), Message: text})
		return true
	case rule.Breaks():
		s.Break(rule, at)
		return true
	default:
		return rule.Frame == fault.Drop
	}
}

// Break does what a fault says with the connection, Close, Reset or Silence, and
// tells of it.
func (s *Session) Break(rule fault.Rule, at fault.Point) {
	s.broken.Store(true)
	if rule.Silence {
		s.silent.Store(true)
	}
	s.connection.Break(rule)
	s.rooms.Faults.Tell(rule, at)
}

// Broken reports whether a fault broke the connection. No other fault should
// be wasted on it.
func (s *Session) Broken() bool { return s.broken.Load() }

func (s *Session) refuse(requestID string, err *messaging.Error) {
	frame := err.Encode(s.rooms.Random.ID(), requestID)
	s.note(journal.Entry{Kind: journal.Frame, Direction: "out"}.WithFrame(frame))
	s.member.Send(frame)
}

func (s *Session) perform(action messaging.Action, now time.Time) *messaging.Error {
	if !slices.Contains(s.Token.Capabilities, ivschat.Capability(action.Name)) {
		return messaging.ErrForbidden(action.Name)
	}
	room, err := s.rooms.Rooms.Room(s.Token.Room)
	if err != nil {
		return s.unfound(err)
	}
	account, limits := s.rooms.ratesOf(room.ARN.Owner), s.rooms.Config
	switch action.Name {
	case messaging.SendMessage:
		return s.send(action, room, account, now)
	case messaging.DeleteMessage:
		if !account.deleteMessage.allow(now, limits.DeleteMessageRate) {
			return messaging.ErrRateLimited
		}
		s.rooms.deleteMessage(room.ARN, now, action.RequestID, action.ID, action.Reason)
	case messaging.DisconnectUser:
		if !account.disconnectUser.allow(now, limits.DisconnectUserRate) {
			return messaging.ErrRateLimited
		}
		s.rooms.disconnectUser(room.ARN, now, action.RequestID, action.UserID, action.Reason)
	}
	return nil
}

// unfound answers when the room is not there any more, though its connections
// are (decision D29).
func (s *Session) unfound(err error) *messaging.Error {
	if exception := (*ivschat.Exception)(nil); errors.As(err, &exception) {
		return messaging.ErrRoomNotFound
	}
	s.rooms.Logger.Error("internal error", "room", s.Token.Room, "error", err)
	return messaging.ErrInternal
}

func (s *Session) send(action messaging.Action, room ivschat.Room, account *accountRates, now time.Time) *messaging.Error {
	if utf8.RuneCountInString(action.Content) > room.MaximumMessageLength {
		return messaging.ErrContentTooLong
	}
	sent, _ := s.rooms.senders.LoadOrStore(room.ARN, new(rate))
	allowed := sent.(*rate).allowIf(now, room.MaximumMessageRatePerSecond, func() bool {
		return account.sendMessage.allow(now, s.rooms.SendMessageRate)
	})
	if !allowed {
		return messaging.ErrRateLimited
	}
	message := messaging.Message{
		ID:         s.rooms.Random.ID(),
		RequestID:  action.RequestID,
		Attributes: action.Attributes,
		Content:    action.Content,
		SendTime:   now,
		Sender:     messaging.Sender{UserID: s.Token.UserID, Attributes: s.Token.Attributes},
	}
	s.rooms.publish(room.ARN, now, action.Name, message.Encode(), "", "")
	return nil
}
