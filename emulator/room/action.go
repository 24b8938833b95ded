package room

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// Do carries out what a text or binary frame asks for. If that fails, this client alone receives an
// ERROR frame. Frames of a session that is being closed, or that a fault broke, are ignored. Which
// error comes first is decision D25, and what counts for the rate of the connection is decision D23.
// It must be called for one frame after another.
func (s *Session) Do(ctx context.Context, frame []byte, binary bool) {
	now := s.rooms.Clock.Now()
	if s.member.Reason() != "" || s.Broken() {
		return
	}
	s.FramesIn.Add(1)
	s.note(journal.Entry{Kind: journal.Frame, Direction: journal.In}.WithFrame(frame))
	action, malformed := messaging.Action{}, messaging.ErrBinary
	if !binary {
		action, malformed = messaging.Parse(frame)
	}
	if !now.Before(s.Token.SessionExpirationTime) {
		// The frame came before the alarm ran. Clients wait for an answer to each of their requests, so
		// the ERROR has the RequestId of this one (decision D27).
		s.expire(action.RequestID)
		return
	}
	if s.applyFault(ctx, action) {
		return
	}
	switch {
	case !s.requests.Allow(now, ivschat.MessagingRequestRate):
		s.refuse(action.RequestID, messaging.ErrRateLimited)
	case malformed != nil:
		s.refuse(action.RequestID, malformed)
	default:
		if err := s.perform(ctx, action, now); err != nil {
			s.refuse(action.RequestID, err)
		}
	}
}

// applyFault carries out the fault that fires for an action, if one does, and reports whether the
// action ends there.
func (s *Session) applyFault(ctx context.Context, action messaging.Action) (done bool) {
	if !s.rooms.Faults.Armed() {
		return false
	}
	firing := s.rooms.Faults.Fire(s.Point(string(action.Name)))
	if firing == nil {
		return false
	}
	firing.Wait(ctx)
	switch effect := firing.Effect.(type) {
	case fault.SendError:
		text := effect.Message
		if text == "" {
			text = "fault"
		}
		s.refuse(action.RequestID, &messaging.Error{Code: effect.Code, Message: text})
		return true
	case fault.DropFrame:
		return true
	}
	if firing.Breaks() {
		s.connection.Break(firing)
		return true
	}
	return false
}

// perform carries out an action, or returns the error for the client.
func (s *Session) perform(ctx context.Context, action messaging.Action, now time.Time) *messaging.Error {
	if !slices.Contains(s.Token.Capabilities, action.Name.Capability()) {
		return messaging.ErrForbidden(action.Name)
	}
	room, err := s.rooms.Rooms.Room(ctx, s.Token.Room)
	if err != nil {
		return s.roomError(ctx, err)
	}
	switch action.Name {
	case ivschat.ActionSendMessage:
		return s.sendMessage(ctx, action, room, now)
	case ivschat.ActionDeleteMessage:
		if !s.rooms.allow(room.ARN, string(action.Name), s.rooms.DeleteMessageRate) {
			return messaging.ErrRateLimited
		}
		s.rooms.deleteMessage(room.ARN, now, action.RequestID, action.ID, action.Reason)
	case ivschat.ActionDisconnectUser:
		if !s.rooms.allow(room.ARN, string(action.Name), s.rooms.DisconnectUserRate) {
			return messaging.ErrRateLimited
		}
		s.rooms.disconnectUser(room.ARN, now, action.RequestID, action.UserID, action.Reason)
	}
	return nil
}

// roomError returns the error for a client whose room cannot be read. The room may have been deleted,
// which leaves its connections open (decision D29).
func (s *Session) roomError(ctx context.Context, err error) *messaging.Error {
	if _, ok := errors.AsType[*ivschat.Exception](err); ok {
		return messaging.ErrRoomNotFound
	}
	if ctx.Err() == nil { // otherwise the emulator is shutting down
		s.rooms.Logger.Error("internal error", "room", s.Token.Room, "error", err)
	}
	return messaging.ErrInternal
}

func (s *Session) sendMessage(
	ctx context.Context, action messaging.Action, room ivschat.Room, now time.Time,
) *messaging.Error {
	if utf8.RuneCountInString(action.Content) > room.MaximumMessageLength {
		return messaging.ErrContentTooLong
	}
	if !s.rooms.allowMessage(room) {
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
	message, err := s.review(ctx, room, message)
	if err != nil {
		return err
	}
	s.rooms.Fanout.Publish(room.ARN, hub.Publication{
		Frame: frame(ivschat.FrameMessage, message.Encode()), Cause: string(action.Name), Time: now,
	})
	return nil
}

// review asks the reviewer about a message if its room has a message review handler.
func (s *Session) review(
	ctx context.Context, room ivschat.Room, message messaging.Message,
) (messaging.Message, *messaging.Error) {
	if s.rooms.Reviewer == nil || room.MessageReviewHandler == nil || room.MessageReviewHandler.URI == "" {
		return message, nil
	}
	return s.rooms.Reviewer.Review(ctx, room, message)
}
