package messaging

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Message is what a client sent to the room. Its members travel in this
// order. Attributes of a message without any are null, those of a sender
// without any are {}.
type Message struct {
	ID         string
	RequestID  string
	Attributes map[string]string
	Content    string
	SendTime   time.Time
	Sender     Sender
}

// A Sender is whoever sent a message, as their chat token describes them.
type Sender struct {
	UserID     string
	Attributes map[string]string
}

// An Event is what happened in the room: sent by the application with
// SendEvent, or by the service itself.
type Event struct {
	ID         string
	RequestID  string // "" when nobody in the room asked for it
	EventName  string
	Attributes map[string]string
	SendTime   time.Time
}

// The names of the events that the service itself sends.
const (
	EventDeleteMessage  = "aws:DELETE_MESSAGE"
	EventDisconnectUser = "aws:DISCONNECT_USER"
)

// DeletedMessage is the event that tells clients to delete a message. Clients
// read MessageID, the older name of MessageId, so both are there.
func DeletedMessage(id, requestID, messageID, reason string, at time.Time) Event {
	attributes := map[string]string{"MessageID": messageID, "MessageId": messageID}
	return Event{ID: id, RequestID: requestID, EventName: EventDeleteMessage, Attributes: withReason(attributes, reason), SendTime: at}
}

// DisconnectedUser is the event that tells clients of a user who has to go.
func DisconnectedUser(id, requestID, userID, reason string, at time.Time) Event {
	attributes := map[string]string{"UserId": userID}
	return Event{ID: id, RequestID: requestID, EventName: EventDisconnectUser, Attributes: withReason(attributes, reason), SendTime: at}
}

// withReason leaves Reason out when none was given (decision D26).
func withReason(attributes map[string]string, reason string) map[string]string {
	if reason != "" {
		attributes["Reason"] = reason
	}
	return attributes
}

// Encode gives the frame of the message.
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
	}{ivschat.FrameMessage, m.ID, m.RequestID, m.Attributes, m.Content, formatTime(m.SendTime), wireSender{m.Sender.UserID, sender}})
}

// Encode gives the frame of the event.
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

// Encode gives the frame of the error under the id. The order of its members is
// that of the other frames (decision D25).
func (e *Error) Encode(id, requestID string) []byte {
	return encode(struct {
		Type         ivschat.FrameType
		ID           string `json:"Id"`
		RequestID    string `json:"RequestId"`
		ErrorCode    ivschat.ErrorCode
		ErrorMessage string
	}{ivschat.FrameError, id, requestID, e.Code, e.Message})
}

// formatTime writes nanoseconds without trailing zeros, as recorded frames do.
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func encode(frame any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(frame) // plain structs always encode
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
