package messaging

import (
	"strconv"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// A Message is a message that a client sent to the room (Messaging API: Message (Subscribe)). On
// the wire, its members have this order. Missing attributes are null for the message, but {} for
// the sender, as in recorded frames.
type Message struct {
	ID         string
	RequestID  string
	Attributes map[string]string
	Content    string
	SendTime   time.Time
	Sender     Sender
}

// A Sender is the user who sent a message, as in the user's chat token.
type Sender struct {
	UserID     string
	Attributes map[string]string
}

// An Event is an event in the room, sent by the application with SendEvent or by the service itself
// (Messaging API: Event (Subscribe)).
type Event struct {
	ID         string
	RequestID  string // "" if no client requested it
	EventName  string
	Attributes map[string]string
	SendTime   time.Time
}

// The names of the events that the service itself sends.
const (
	EventDeleteMessage  = "aws:DELETE_MESSAGE"
	EventDisconnectUser = "aws:DISCONNECT_USER"
)

// DeletedMessage returns the event that tells clients to delete a message. It has MessageId and its
// deprecated form MessageID, which clients still read.
func DeletedMessage(id, requestID, messageID, reason string, at time.Time) Event {
	attributes := map[string]string{"MessageID": messageID, "MessageId": messageID}
	return Event{
		ID: id, RequestID: requestID, EventName: EventDeleteMessage,
		Attributes: withReason(attributes, reason), SendTime: at,
	}
}

// DisconnectedUser returns the event that tells clients that a user is disconnected.
func DisconnectedUser(id, requestID, userID, reason string, at time.Time) Event {
	attributes := map[string]string{"UserId": userID}
	return Event{
		ID: id, RequestID: requestID, EventName: EventDisconnectUser,
		Attributes: withReason(attributes, reason), SendTime: at,
	}
}

// withReason adds Reason, unless it is empty (decision D26).
func withReason(attributes map[string]string, reason string) map[string]string {
	if reason != "" {
		attributes["Reason"] = reason
	}
	return attributes
}

// Encode returns the frame of the message.
func (m Message) Encode() []byte {
	sender := m.Sender.Attributes
	if sender == nil {
		sender = map[string]string{}
	}
	f := newFrame(ivschat.FrameMessage, len(m.ID)+len(m.RequestID)+len(m.Content)+len(m.Sender.UserID)+
		length(m.Attributes)+length(sender))
	f = f.text("Id", m.ID).text("RequestId", m.RequestID)
	f = f.attributes("Attributes", m.Attributes).text("Content", m.Content)
	f = f.time("SendTime", m.SendTime)
	f = append(f, `,"Sender":{"UserId":`...)
	f = plainjson.AppendString(f, m.Sender.UserID)
	return append(f.attributes("Attributes", sender), "}}"...)
}

// Encode returns the frame of the event.
func (e Event) Encode() []byte {
	f := newFrame(ivschat.FrameEvent, len(e.ID)+len(e.RequestID)+len(e.EventName)+length(e.Attributes))
	f = f.text("Id", e.ID).text("RequestId", e.RequestID).text("EventName", e.EventName)
	return append(f.attributes("Attributes", e.Attributes).time("SendTime", e.SendTime), '}')
}

// Encode returns the frame of the error with a new ID and the RequestId of the failed request. Its
// members have the order of the other frames (decision D25).
func (e *Error) Encode(id, requestID string) []byte {
	f := newFrame(ivschat.FrameError, len(id)+len(requestID)+len(e.Message))
	f = f.text("Id", id).text("RequestId", requestID)
	f = strconv.AppendInt(f.name("ErrorCode"), int64(e.Code), 10)
	return append(f.text("ErrorMessage", e.Message), '}')
}

// An encoding is the beginning of a frame. Its methods append a member each. They write what
// encoding/json would write, several times faster (decision D54).
type encoding []byte

// newFrame returns the beginning of a frame with its Type. The variable texts of the frame have that
// many bytes together. If none of them needs an escape, the memory fits: the journal keeps frames.
func newFrame(frameType ivschat.FrameType, texts int) encoding {
	const constant = len(`{"Type":"","Id":"","RequestId":"","Attributes":,"Content":"",`) +
		len(`"SendTime":"2006-01-02T15:04:05.999999999Z","Sender":{"UserId":"","Attributes":}}`)
	f := make(encoding, 0, constant+len(frameType)+texts)
	f = append(f, `{"Type":"`...)
	return append(append(f, frameType...), '"')
}

// length returns about how many bytes attributes have in a frame.
func length(attributes map[string]string) (bytes int) {
	bytes = len("null")
	for key, value := range attributes {
		bytes += len(key) + len(value) + len(`"":"",`)
	}
	return bytes
}

func (f encoding) name(name string) encoding {
	return append(append(append(f, `,"`...), name...), `":`...)
}

func (f encoding) text(name, value string) encoding {
	return plainjson.AppendString(f.name(name), value)
}

func (f encoding) attributes(name string, value map[string]string) encoding {
	return plainjson.AppendMap(f.name(name), value)
}

// time appends a time in nanoseconds without trailing zeros, as in recorded frames.
func (f encoding) time(name string, value time.Time) encoding {
	f = append(f.name(name), '"')
	return append(value.UTC().AppendFormat(f, time.RFC3339Nano), '"')
}
