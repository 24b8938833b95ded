package room

import (
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// queueLength is how many frames may wait for one connection: five seconds of
// the busiest room that the service allows.
const queueLength = 512

// A Session is one connection of one user, from its handshake to its end.
type Session struct {
	// Static.
	rooms  *Rooms
	token  ivschat.ChatToken
	member *hub.Member
	expiry *clock.Alarm

	requests rate // owned by the caller of Do
}

// Join opens a session: from now on nothing is missed of what happens in the
// room. Its end by time is an alarm of the clock. Whoever joined must Leave.
func (r *Rooms) Join(token ivschat.ChatToken) *Session {
	s := &Session{rooms: r, token: token}
	s.member = r.hub.Join(token.Room.String(), token.UserID, queueLength)
	s.expiry = r.Clock.At(token.SessionExpirationTime, func() {
		s.refuse("", messaging.ErrSessionExpired)
		s.member.End(hub.Expired)
	})
	return s
}

// Start gives the session its connection, once.
func (s *Session) Start(transport hub.Transport) { s.member.Start(transport) }

// End lets the session go for the reason, once what waits for it is written.
func (s *Session) End(reason hub.Reason) { s.member.End(reason) }

// Reason says why the session was let go, if it was.
func (s *Session) Reason() hub.Reason { return s.member.Reason() }

// Leave ends the session after its connection was closed.
func (s *Session) Leave() {
	s.rooms.Clock.Stop(s.expiry)
	s.member.Leave()
}

// Do performs what a text or binary frame asks for. If it fails the session is
// told, and only this one. A session that was let go, or whose time is over, is
// not listened to any more. It is called for one frame at a time.
func (s *Session) Do(frame []byte, binary bool) {
	now := s.rooms.Clock.Now()
	if s.member.Reason() != "" || !now.Before(s.token.SessionExpirationTime) {
		return
	}
	action, malformed := messaging.Action{}, messaging.ErrBinary
	if !binary {
		action, malformed = messaging.Parse(frame)
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

func (s *Session) refuse(requestID string, err *messaging.Error) {
	s.member.Send(err.Encode(ivschat.NewID(), requestID))
}

func (s *Session) perform(action messaging.Action, now time.Time) *messaging.Error {
	if !slices.Contains(s.token.Capabilities, ivschat.Capability(action.Name)) {
		return messaging.ErrForbidden(action.Name)
	}
	room, err := s.rooms.Rooms.Room(s.token.Room)
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
	s.rooms.Logger.Error("internal error", "room", s.token.Room, "error", err)
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
		ID:         ivschat.NewID(),
		RequestID:  action.RequestID,
		Attributes: action.Attributes,
		Content:    action.Content,
		SendTime:   now,
		Sender:     messaging.Sender{UserID: s.token.UserID, Attributes: s.token.Attributes},
	}
	s.rooms.hub.Publish(room.ARN.String(), message.Encode())
	return nil
}
