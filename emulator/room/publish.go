package room

import (
	"context"
	"errors"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// sendEvent is the only operation that causes a frame and is not also an action.
const sendEvent = "SendEvent"

// record counts a message, and writes a publication to the journal. It is an observer, so the order of the
// journal is that of delivery. Every node of a cluster does so, with the same entries.
func (r *Rooms) record(room ivschat.ARN, p hub.Publication, recipients int) {
	if p.Counter != nil {
		p.Counter.Add(1)
	}
	entry := journal.Entry{
		Time: p.Time, Kind: journal.Frame, Direction: journal.Out, Operation: p.Cause,
		Recipients: recipients, Frame: p.Frame.Payload,
	}.About(room)
	if !p.Elsewhere {
		r.Journal.Notify(entry)
	}
	r.Journal.Append(entry)
}

func frame(frameType ivschat.FrameType, payload []byte) *hub.Frame {
	return &hub.Frame{Kind: string(frameType), Payload: payload}
}

// SendEvent sends an event of the application to everyone in the room and returns the event's ID. The
// error is a ThrottlingException or a ServiceUnavailable.
func (r *Rooms) SendEvent(
	_ context.Context, room ivschat.ARN, now time.Time, name string, attributes map[string]string,
) (id string, err error) {
	event := messaging.Event{ID: r.Random.ID(), EventName: name, Attributes: attributes, SendTime: now}
	err = r.Fanout.Publish(room, Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()), Cause: sendEvent, Time: now,
		Limits: Limits{accountLimit(room, sendEvent, r.SendEventRate)},
	})
	if err != nil {
		return "", exception(err, room, sendEvent, r.SendEventRate)
	}
	return event.ID, nil
}

// DeleteMessage tells everyone in the room to delete a message, which does not need to exist, and
// returns the ID of that event. The error is a ThrottlingException or a ServiceUnavailable.
func (r *Rooms) DeleteMessage(
	_ context.Context, room ivschat.ARN, now time.Time, messageID, reason string,
) (id string, err error) {
	if id, err = r.deleteMessage(room, now, "", messageID, reason); err != nil {
		return "", exception(err, room, "DeleteMessage", r.DeleteMessageRate)
	}
	return id, nil
}

// deleteMessage returns an error of Fanout.Publish.
func (r *Rooms) deleteMessage(
	room ivschat.ARN, now time.Time, requestID, messageID, reason string,
) (id string, err error) {
	const cause = string(ivschat.ActionDeleteMessage)
	event := messaging.DeletedMessage(r.Random.ID(), requestID, messageID, reason, now)
	return event.ID, r.Fanout.Publish(room, Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()), Cause: cause, Time: now,
		Limits: Limits{accountLimit(room, cause, r.DeleteMessageRate)},
	})
}

// DisconnectUser tells everyone in the room, including the user, that the user is disconnected, and
// closes each of the user's connections. The error is a ThrottlingException or a ServiceUnavailable.
func (r *Rooms) DisconnectUser(
	_ context.Context, room ivschat.ARN, now time.Time, userID, reason string,
) error {
	if err := r.disconnectUser(room, now, "", userID, reason); err != nil {
		return exception(err, room, "DisconnectUser", r.DisconnectUserRate)
	}
	return nil
}

// disconnectUser publishes one frame that closes the user's connections, so that the user receives it
// as the last one, and no one can join between the frame and the closing. It returns an error of Fanout.Publish.
func (r *Rooms) disconnectUser(room ivschat.ARN, now time.Time, requestID, userID, reason string) error {
	const cause = string(ivschat.ActionDisconnectUser)
	event := messaging.DisconnectedUser(r.Random.ID(), requestID, userID, reason, now)
	return r.Fanout.Publish(room, Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()), Cause: cause, Time: now,
		Limits:    Limits{accountLimit(room, cause, r.DisconnectUserRate)},
		CloseUser: userID, CloseReason: hub.Disconnected,
	})
}

// exception returns the exception of the control plane for an error of Fanout.Publish.
func exception(err error, room ivschat.ARN, operation string, perSecond int) *ivschat.Exception {
	if errors.Is(err, ErrThrottled) {
		return ivschat.Throttled(room.Owner, room.ID, operation, perSecond)
	}
	return unavailable(err)
}

// unavailable returns the exception for another error of a Fanout, or of Nodes.
func unavailable(err error) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: err.Error()}
}
