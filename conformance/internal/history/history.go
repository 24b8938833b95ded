// Package history checks what the clients of one room saw while nodes and networks failed.
package history

import "time"

// A History is what was sent to one room, and what its clients received. Times are those of one machine.
type History struct {
	Messages    []*Message
	Connections []*Connection
}

// A Message is sent to everyone in the room: a message of a user, an event, or what announces a disconnected user.
type Message struct {
	Text        string      // in the message, the name of the event, or the reason of the disconnection; unique
	Via         *Connection // of the sender; nil if the control plane sent it
	Disconnects string      // the user whose connections are closed; "" if it is no disconnection
	Sent        time.Time   // just before it was sent
	Answered    time.Time   // just after the answer arrived; zero without one
	Outcome     Outcome
	ID          string // if the answer has it
}

// An Outcome is what the sender of a message knows about it.
type Outcome int

// The outcomes.
const (
	Unknown Outcome = iota // no answer, or one that says that the service is not available
	Acknowledged
	Refused // for instance, because the rate is too high
)

// A Connection is a connection that was accepted, and what it received.
type Connection struct {
	Client string // has one connection at a time
	User   string
	Token  string
	Dialed time.Time // just before the handshake
	Opened time.Time // just after its answer
	Frames []Frame   // in the order in which they arrived
}

// A Frame is a message as a client received it.
type Frame struct{ ID, Text string }
