package messaging

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// A Request is a request of a client (Messaging API: SendMessage, DeleteMessage, DisconnectUser).
// Its Action determines which members it has.
type Request struct {
	Action     ivschat.Action
	RequestID  string            // "" if the client sent none
	Content    string            // SEND_MESSAGE
	Attributes map[string]string // SEND_MESSAGE; nil if the client sent none
	ID         string            // DELETE_MESSAGE: the ID of the message
	UserID     string            // DISCONNECT_USER
	Reason     string            // DELETE_MESSAGE and DISCONNECT_USER; "" if the client sent none
}
