package chatclient

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// Send sends a text frame unchanged. After an error, nothing more can be sent on
// this connection. The error is a *ClosedError if the connection has ended.
func (c *Client) Send(text string) error { return c.write(websocket.TextMessage, []byte(text)) }

// SendBinary sends a binary frame, which the service refuses.
func (c *Client) SendBinary(data []byte) error { return c.write(websocket.BinaryMessage, data) }

func (c *Client) write(kind int, data []byte) error {
	<-c.writing
	defer func() { c.writing <- struct{}{} }()
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.writeTimeout)) // never fails
	err := c.conn.WriteMessage(kind, data)
	if err == nil {
		return nil
	}
	select {
	case <-c.done:
		return fmt.Errorf("send a frame: %w", &ClosedError{c.status})
	default:
		return fmt.Errorf("send a frame: %w", err)
	}
}

// A request is what a client asks for. Its members are those of the Messaging API.
type request struct {
	Action     string
	RequestID  string            `json:"RequestId"`
	Content    *string           `json:",omitempty"`
	Attributes map[string]string `json:",omitempty"`
	ID         *string           `json:"Id,omitempty"`
	UserID     *string           `json:"UserId,omitempty"`
	Reason     string            `json:",omitempty"`
}

// SendMessage sends a message to the room and returns the RequestId that it
// used. Attributes may be nil.
func (c *Client) SendMessage(content string, attributes map[string]string) (requestID string, err error) {
	return c.request(request{Action: "SEND_MESSAGE", Content: &content, Attributes: attributes})
}

// DeleteMessage asks for the deletion of a message and returns the RequestId that
// it used. Reason may be "".
func (c *Client) DeleteMessage(messageID, reason string) (requestID string, err error) {
	return c.request(request{Action: "DELETE_MESSAGE", ID: &messageID, Reason: reason})
}

// DisconnectUser asks for the disconnection of a user and returns the RequestId
// that it used. Reason may be "".
func (c *Client) DisconnectUser(userID, reason string) (requestID string, err error) {
	return c.request(request{Action: "DISCONNECT_USER", UserID: &userID, Reason: reason})
}

func (c *Client) request(r request) (requestID string, err error) {
	r.RequestID = c.requestIDPrefix + strconv.FormatInt(c.requests.Add(1), 10)
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode %s: %w", r.Action, err)
	}
	return r.RequestID, c.write(websocket.TextMessage, text)
}
