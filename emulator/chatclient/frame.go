package chatclient

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Frame is what a client receives: a MESSAGE, an EVENT or an ERROR (Messaging
// API). Members that a frame does not have are zero.
type Frame struct {
	Type      string // MESSAGE, EVENT or ERROR
	ID        string `json:"Id"`
	RequestID string `json:"RequestId"`

	// Of a MESSAGE and an EVENT.
	Attributes map[string]string
	SendTime   time.Time

	// Of a MESSAGE.
	Content string
	Sender  Sender

	// Of an EVENT.
	EventName string

	// Of an ERROR.
	ErrorCode    int
	ErrorMessage string

	// Raw is the whole frame, unchanged.
	Raw string `json:"-"`
	// Binary is true for a binary frame, which the service never sends.
	Binary bool `json:"-"`
}

// A Sender is the user who sent a message, as in their chat token.
type Sender struct {
	UserID     string `json:"UserId"`
	Attributes map[string]string
}

// ParseFrame decodes a text frame. When the frame is not valid it returns an
// error, and a Frame with the members that could be read and with Raw.
func ParseFrame(raw string) (Frame, error) {
	var f Frame
	err := json.Unmarshal([]byte(raw), &f)
	f.Raw = raw
	if err != nil {
		return f, fmt.Errorf("the frame is not a chat frame: %w", err)
	}
	return f, nil
}
