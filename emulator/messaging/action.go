package messaging

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// An Action is a request of a client. Which members it has depends on its name.
type Action struct {
	Name       ivschat.Action
	RequestID  string            // "" when the client sent none
	Content    string            // SEND_MESSAGE
	Attributes map[string]string // SEND_MESSAGE; nil when the client sent none
	ID         string            // DELETE_MESSAGE: the message
	UserID     string            // DISCONNECT_USER
	Reason     string            // DELETE_MESSAGE and DISCONNECT_USER; "" when the client sent none
}
