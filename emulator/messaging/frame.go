package messaging

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
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
	type wireSender struct {
		UserID     string `json:"UserId"`
		Attributes map[string]string
	}
	return encode(struct {
		Type       ivschat.FrameType
		ID         string `json:"Id"`
		RequestID  string `json:"RequestId"`
		Attributes map[string]string
		Content    string
		SendTime   string
		Sender     wireSender
	}{
		ivschat.FrameMessage, m.ID, m.RequestID, m.Attributes, m.Content, formatTime(m.SendTime),
		wireSender{m.Sender.UserID, sender},
	})
}

// Encode returns the frame of the event.
func (e Event) Encode() []byte {
	return encode(struct {
		Type       ivschat.FrameType
		ID         string `json:"Id"`
		RequestID  string `json:"RequestId"`
		EventName  string
		Attributes map[string]string
		SendTime   string
	}{ivschat.FrameEvent, e.ID, e.RequestID, e.EventName, e.Attributes, formatTime(e.SendTime)})
}

// Encode returns the frame of the error with a new ID and the RequestId of the failed request. Its
// members have the order of the other frames (decision D25).
func (e *Error) Encode(id, requestID string) []byte {
	return encode(struct {
		Type         ivschat.FrameType
		ID           string `json:"Id"`
		RequestID    string `json:"RequestId"`
		ErrorCode    ivschat.ErrorCode
		ErrorMessage string
	}{ivschat.FrameError, id, requestID, e.Code, e.Message})
}

// formatTime returns the time in nanoseconds without trailing zeros, as in recorded frames.
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func encode(frame any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // decision D54
	_ = encoder.Encode(frame)    // plain structs never fail
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
