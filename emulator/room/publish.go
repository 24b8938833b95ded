package room

import (
	"context"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// sendEvent is the only operation that causes a frame and is not also an action.
const sendEvent = "SendEvent"

// record counts a message, and writes a publication to the journal. It is an observer, so the order of the
// journal is that of delivery.
func (r *Rooms) record(room ivschat.ARN, p hub.Publication, recipients int) {
	if p.Counter != nil {
		p.Counter.Add(1)
	}
	r.Journal.Add(journal.Entry{
		Time: p.Time, Kind: journal.Frame, Direction: journal.Out, Operation: p.Cause,
		Recipients: recipients, Frame: p.Frame.Payload,
	}.About(room))
}

func frame(frameType ivschat.FrameType, payload []byte) *hub.Frame {
	return &hub.Frame{Kind: string(frameType), Payload: payload}
}

// SendEvent sends an event of the application to everyone in the room and returns the event's ID. The
// error is a ThrottlingException.
func (r *Rooms) SendEvent(
	_ context.Context, room ivschat.ARN, now time.Time, name string, attributes map[string]string,
) (id string, err error) {
	if !r.allow(room, sendEvent, r.SendEventRate) {
		return "", ivschat.Throttled(room.Owner, room.ID, sendEvent, r.SendEventRate)
	}
	event := messaging.Event{ID: r.Random.ID(), EventName: name, Attributes: attributes, SendTime: now}
	r.Fanout.Publish(room, hub.Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()), Cause: sendEvent, Time: now,
	})
	return event.ID, nil
}

// DeleteMessage tells everyone in the room to delete a message, which does not need to exist, and
// returns the ID of that event. The error is a ThrottlingException.
func (r *Rooms) DeleteMessage(
	_ context.Context, room ivschat.ARN, now time.Time, messageID, reason string,
) (id string, err error) {
	if !r.allow(room, string(ivschat.ActionDeleteMessage), r.DeleteMessageRate) {
		return "", ivschat.Throttled(room.Owner, room.ID, "DeleteMessage", r.DeleteMessageRate)
	}
	return r.deleteMessage(room, now, "", messageID, reason), nil
}

func (r *Rooms) deleteMessage(
	room ivschat.ARN, now time.Time, requestID, messageID, reason string,
) (id string) {
	event := messaging.DeletedMessage(r.Random.ID(), requestID, messageID, reason, now)
	r.Fanout.Publish(room, hub.Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()),
		Cause: string(ivschat.ActionDeleteMessage), Time: now,
	})
	return event.ID
}

// DisconnectUser tells everyone in the room, including the user, that the user is disconnected, and
// closes each of the user's connections. The error is a ThrottlingException.
func (r *Rooms) DisconnectUser(
	_ context.Context, room ivschat.ARN, now time.Time, userID, reason string,
) error {
	if !r.allow(room, string(ivschat.ActionDisconnectUser), r.DisconnectUserRate) {
		return ivschat.Throttled(room.Owner, room.ID, "DisconnectUser", r.DisconnectUserRate)
	}
	r.disconnectUser(room, now, "", userID, reason)
	return nil
}

// disconnectUser publishes one frame that closes the user's connections, so that the user receives it
// as the last one, and no one can join between the frame and the closing.
func (r *Rooms) disconnectUser(room ivschat.ARN, now time.Time, requestID, userID, reason string) {
	event := messaging.DisconnectedUser(r.Random.ID(), requestID, userID, reason, now)
	r.Fanout.Publish(room, hub.Publication{
		Frame: frame(ivschat.FrameEvent, event.Encode()),
		Cause: string(ivschat.ActionDisconnectUser), Time: now,
		CloseName: userID, CloseReason: hub.Disconnected,
	})
}
