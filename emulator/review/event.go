package review

import (
	"maps"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// An Event is a message that is to be reviewed, as its handler gets it (User Guide: Chat Message Review
// Handler). Its members in JSON have the same names as in AWS. Attributes that are missing are null for the
// message, but {} for the sender, as in frames (decision D62).
type Event struct {
	Content    string
	MessageID  string            `json:"MessageId"` // the ID with which the message is delivered later
	RoomARN    string            `json:"RoomArn"`
	Attributes map[string]string // nil if the client sent none
	Sender     Sender
}

// A Sender is the user who sent a message, as in the user's chat token.
type Sender struct {
	Attributes map[string]string
	UserID     string `json:"UserId"`
	IP         string `json:"Ip"` // the address of the client (decision D66)
}

func newEvent(room ivschat.ARN, m messaging.Message, ip string) Event {
	sender := Sender{m.Sender.Attributes, m.Sender.UserID, ip}
	if sender.Attributes == nil {
		sender.Attributes = map[string]string{}
	}
	return Event{m.Content, m.ID, room.String(), m.Attributes, sender}
}

// encode returns the event in JSON, in one line.
func (e Event) encode() []byte { return encode(e) }

// clone returns a copy of the event that may be changed.
func (e Event) clone() Event {
	e.Attributes, e.Sender.Attributes = maps.Clone(e.Attributes), maps.Clone(e.Sender.Attributes)
	return e
}
