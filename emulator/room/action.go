package room

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/internal/contexts"
)

// HandleFrame carries out what a text or binary frame from the client asks for. If that fails, this
// client alone receives an ERROR frame. Frames of a session that is being closed, or that a fault
// broke, are ignored. Which error comes first is decision D25, and what counts for the rate of the
// connection is decision D23. It reports whether the frame was within that rate. It must be called for
// one frame after another, and returns when the request is carried out: a review delays the next
// request of this client only.
func (s *Session) HandleFrame(ctx context.Context, frame []byte, binary bool) (withinRate bool) {
	now := s.now()
	if s.member.Reason() != "" || s.Broken() {
		return true
	}
	s.FramesIn.Add(1)
	withinRate = s.requests.Allow(now, ivschat.MessagingRequestRate)
	request, malformed := s.read(frame, binary, withinRate)
	if !now.Before(s.Token.SessionExpirationTime) {
		// The frame came before the alarm ran. Clients wait for an answer to each of their requests, so
		// the ERROR has the RequestId of this one (decision D27).
		s.expire(request.RequestID)
		return withinRate
	}
	if s.applyFault(ctx, request) {
		return withinRate
	}
	switch {
	case !withinRate:
		s.refuse(request.RequestID, messaging.ErrRateLimited)
	case malformed != nil:
		s.refuse(request.RequestID, malformed)
	default:
		if err := s.perform(ctx, request, now); err != nil {
			s.refuse(request.RequestID, err)
		}
	}
	return withinRate
}

// maximumFrameOverRate is the size in bytes of the longest frame over the rate of the connection that is
// still parsed and kept (decision D58).
const maximumFrameOverRate = 4 << 10

// read writes a frame to the journal and parses it. Of a long frame over the rate of the connection, the
// journal has only the size, and the request is empty.
func (s *Session) read(frame []byte, binary, withinRate bool) (messaging.Request, *messaging.Error) {
	entry := journal.Entry{Kind: journal.Frame, Direction: journal.In}
	if !withinRate && len(frame) > maximumFrameOverRate {
		entry.FrameBytes = len(frame)
		s.record(entry)
		return messaging.Request{}, nil
	}
	if binary {
		s.record(entry.WithFrame(frame))
		return messaging.Request{}, messaging.ErrBinary
	}
	request, err := messaging.Parse(frame)
	if err == nil { // it is JSON, so the journal need not look
		entry.Frame = frame
		s.record(entry)
		return request, s.rooms.checkAttributes(request.Attributes)
	}
	s.record(entry.WithFrame(frame))
	return request, err
}

// checkAttributes returns an error if the Attributes of a message are too large. The log says so once,
// because AWS does not document a limit (decision D24).
func (r *Rooms) checkAttributes(attributes map[string]string) *messaging.Error {
	err := messaging.CheckAttributes(attributes, r.MessageAttributeBytes)
	if err != nil {
		r.warnOfAttributes.Do(func() {
			r.Logger.Warn("a message was refused with ERROR 413, because its Attributes are too large; "+
				"AWS does not document a limit, and --message-attribute-bytes changes the emulator's",
				"maximum_bytes", r.MessageAttributeBytes)
		})
	}
	return err
}

// applyFault carries out the fault that fires for a request, if one does, and reports whether the
// request ends there.
func (s *Session) applyFault(ctx context.Context, request messaging.Request) (done bool) {
	if !s.rooms.Faults.Armed() {
		return false
	}
	firing := s.rooms.Faults.Fire(s.Point(string(request.Action)))
	if firing == nil {
		return false
	}
	firing.Wait(ctx, s.member.Closed())
	if s.Reason() != "" || s.Broken() { // which may have happened during the delay
		return true
	}
	switch effect := firing.Effect.(type) {
	case fault.SendError:
		s.refuse(request.RequestID, effect.Frame())
		return true
	case fault.DropFrame:
		return true
	}
	if firing.Breaks() {
		firing.Break(s.connection)
		return true
	}
	return false
}

// perform carries out a request, or returns the error for the client. A panic is an internal error: it must
// not end the program, which serves other clients.
func (s *Session) perform(
	ctx context.Context, request messaging.Request, now time.Time,
) (failure *messaging.Error) {
	defer func() {
		if p := recover(); p != nil {
			failure = s.roomError(ctx, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if !slices.Contains(s.Token.Capabilities, request.Action.Capability()) {
		return messaging.ErrForbidden(request.Action)
	}
	room, err := s.rooms.Finder.Room(ctx, s.Token.Room)
	if err != nil {
		return s.roomError(ctx, err)
	}
	switch request.Action {
	case ivschat.ActionSendMessage:
		return s.sendMessage(ctx, request, room, now)
	case ivschat.ActionDeleteMessage:
		_, err = s.rooms.deleteMessage(room.ARN, now, request.RequestID, request.ID, request.Reason)
	case ivschat.ActionDisconnectUser:
		err = s.rooms.disconnectUser(room.ARN, now, request.RequestID, request.UserID, request.Reason)
	}
	return publishError(err)
}

// publishError returns the error for a client whose request was not carried out, because of an error of
// Fanout.Publish.
func publishError(err error) *messaging.Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrThrottled):
		return messaging.ErrRateLimited
	default: // the log already says that the cluster cannot be reached
		return messaging.ErrInternal
	}
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
	ctx context.Context, request messaging.Request, room ivschat.Room, now time.Time,
) *messaging.Error {
	if utf8.RuneCountInString(request.Content) > room.MaximumMessageLength {
		return messaging.ErrContentTooLong
	}
	limits := s.rooms.messageLimits(room)
	handler := room.MessageReviewHandler
	reviewed := handler != nil && handler.URI != ""
	if reviewed { // what exceeds the limits is not reviewed, and what is denied counts, too
		switch allowed, err := s.rooms.Limiter.Allow(limits[:]...); {
		case err != nil:
			return publishError(err)
		case !allowed:
			return messaging.ErrRateLimited
		}
		limits = Limits{}
	}
	message := messaging.Message{
		ID:         s.rooms.Random.ID(),
		RequestID:  request.RequestID,
		Attributes: request.Attributes,
		Content:    request.Content,
		SendTime:   now,
		Sender:     messaging.Sender{UserID: s.Token.UserID, Attributes: s.Token.Attributes},
	}
	if reviewed {
		var err *messaging.Error
		if message, err = s.review(ctx, room, message); err != nil {
			return err
		}
		if s.Broken() { // a fault may have broken it during the review
			return nil
		}
	}
	return publishError(s.rooms.Fanout.Publish(room.ARN, Publication{
		Frame: frame(ivschat.FrameMessage, message.Encode()), Cause: string(request.Action), Time: now,
		Limits: limits, Sender: &s.member,
	}))
}

// review asks the message review handler of the room about a message. The session may end meanwhile, and then the
// hub does not publish the message. The room may be deleted, and then nothing is delivered in it (decision D65).
func (s *Session) review(
	ctx context.Context, room ivschat.Room, message messaging.Message,
) (messaging.Message, *messaging.Error) {
	untilClosed, cancel := contexts.UntilClosed(ctx, s.member.Closed())
	defer cancel()
	message, refused := s.rooms.Reviewer.Review(untilClosed, room, s.Token, s.connection.ClientIP(), message)
	if refused != nil {
		return message, refused
	}
	if _, err := s.rooms.Finder.Room(ctx, room.ARN); err != nil {
		return message, s.roomError(ctx, err)
	}
	return message, nil
}
