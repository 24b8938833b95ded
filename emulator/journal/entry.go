package journal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Kind is what an entry is about.
type Kind string

// The kinds.
const (
	Call       Kind = "call"       // a request to the control plane and its answer
	Frame      Kind = "frame"      // a frame from a client, to everyone in a room, or to one client
	Handshake  Kind = "handshake"  // a WebSocket handshake that was refused
	Connect    Kind = "connect"    // a client connected
	Disconnect Kind = "disconnect" // a connection ended
	Fault      Kind = "fault"      // a fault fired
	Review     Kind = "review"     // a message was reviewed
	Delivery   Kind = "delivery"   // records of a chat log were delivered, or could not be
)

// Record is the kind of an entry in the journal of chat logs, which has no others: a record of a chat log.
const Record Kind = "record"

// Kinds lists every kind of entry in the journal of the emulator.
func Kinds() []Kind {
	return []Kind{Call, Frame, Handshake, Connect, Disconnect, Fault, Review, Delivery}
}

// A Direction is the direction of a frame, as the emulator sees it.
type Direction string

// The directions.
const (
	In  Direction = "in"  // from a client
	Out Direction = "out" // to one client, or to everyone in a room
)

// Directions lists every direction.
func Directions() []Direction { return []Direction{In, Out} }

// An Entry is one thing that happened. Which members it has depends on its kind.
type Entry struct {
	ID      uint64    `json:"id"`   // counts up from 1
	Time    time.Time `json:"time"` // of the service's clock
	Kind    Kind      `json:"kind"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	Room    string    `json:"room,omitempty"` // ARN

	// Node is the name of the node of a cluster where it happened. It is "" without a cluster, and for a frame to
	// everyone in a room, which all nodes send.
	Node string `json:"node,omitempty"`

	// UserID is the user of a session or a fault, or the sender or the only recipient of a frame.
	UserID string `json:"userId,omitempty"`

	// Of a frame.
	Direction  Direction       `json:"direction,omitempty"`
	Frame      json.RawMessage `json:"frame,omitempty"`      // unchanged, if it is JSON
	Text       string          `json:"text,omitempty"`       // unchanged, if it is not JSON
	FrameBytes int             `json:"frameBytes,omitempty"` // the size of a frame that is left out (decision D58)
	Recipients int             `json:"recipients,omitempty"` // if it was sent to everyone in the room

	// Operation is the operation of a call, the cause of a frame to everyone, or what a fault
	// affected.
	Operation string `json:"operation,omitempty"`

	// Of a call. A refused handshake has a status, too.
	Status    int           `json:"status,omitempty"`              // HTTP
	RequestID string        `json:"requestId,omitempty"`           // also of a review, as the client chose it
	Duration  time.Duration `json:"durationNanoseconds,omitempty"` // of the machine's clock; also of a review
	Exception string        `json:"exception,omitempty"`
	Caller    *CallerEntry  `json:"caller,omitempty"` // if the signature was verified

	// Of a call. The request has the members of the body, the path and the query. Both have *** in place
	// of chat tokens. Instead of a body of more than 16 KiB, there is its size. Of a review, they are the
	// event and the answer of the handler.
	Request       Body `json:"request,omitempty"`
	RequestBytes  int  `json:"requestBytes,omitempty"`
	Response      Body `json:"response,omitempty"`
	ResponseBytes int  `json:"responseBytes,omitempty"`

	Review *ReviewEntry `json:"review,omitempty"`
	Log    *LogEntry    `json:"log,omitempty"` // of a delivery or a record

	// Reason says why a handshake was refused, a connection ended, a handler did not decide about a message, or
	// records were not delivered.
	Reason string `json:"reason,omitempty"`
	Rule   int    `json:"rule,omitempty"` // ID of the rule of a fault
}

// About returns the entry with the account, region and ARN of a room.
func (e Entry) About(room ivschat.ARN) Entry {
	e.Account, e.Region, e.Room = room.Owner.AccountID, room.Owner.Region, room.String()
	return e
}

// WithFrame returns the entry with a frame that a client sent.
func (e Entry) WithFrame(frame []byte) Entry {
	if json.Valid(frame) {
		e.Frame = frame
	} else {
		e.Text = string(frame)
	}
	return e
}

// A Filter selects entries. An empty member selects all.
type Filter struct {
	Kind Kind
	// Kinds selects the entries of any of these kinds. Direction then selects frames only, and leaves out none of
	// the other kinds.
	Kinds     []Kind
	Account   string
	Room      string // ARN
	Direction Direction
	Operation string
	Status    int // HTTP
	// LoggingConfiguration is the ARN of that of a delivery or a record.
	LoggingConfiguration string

	Request map[string]any // members that the request of a call must have, as encoding/json decodes them
}

// matches reports whether the filter selects an entry, except that it does not look at the request of a call,
// which has to be decoded.
func (f Filter) matches(e *Entry) bool {
	return (f.Kind == "" || f.Kind == e.Kind) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, e.Kind)) &&
		(f.Account == "" || f.Account == e.Account) &&
		(f.Room == "" || f.Room == e.Room) &&
		(f.Direction == "" || f.Direction == e.Direction || len(f.Kinds) > 0 && e.Kind != Frame) &&
		(f.Operation == "" || f.Operation == e.Operation) &&
		(f.Status == 0 || f.Status == e.Status) &&
		(f.LoggingConfiguration == "" || e.Log != nil && f.LoggingConfiguration == e.Log.LoggingConfiguration)
}

// entryCost is the number of bytes that an entry needs beside its frame, its bodies and its texts. A test
// compares it with the memory that a full journal takes.
const entryCost = 512

// texts returns the texts of an entry that a compact entry has in one piece of memory.
func (e *Entry) texts() [8]*string {
	return [...]*string{
		&e.Region, &e.Room, &e.Node, &e.UserID, &e.Operation, &e.RequestID, &e.Exception, &e.Reason,
	}
}

// bytes returns the memory that a compact entry takes.
func (e *Entry) bytes() int {
	n := entryCost + cap(e.Frame) + cap(e.Request) + cap(e.Response) + len(e.Text)
	for _, text := range e.texts() {
		n += len(*text)
	}
	if e.Review != nil {
		n += reviewCost + len(e.Review.URI)
	}
	if e.Log != nil {
		n += e.Log.bytes()
	}
	if e.Caller != nil {
		n += e.Caller.bytes()
	}
	return n
}

// compact removes from the entry everything that keeps more memory alive than the entry needs: its texts
// can be parts of a request, and its frame part of a buffer.
func (e *Entry) compact() {
	if e.Kind == Record { // chat logs make its texts for entries alone
		e.Log.compact()
		return
	}
	e.Frame, e.Request, e.Response = fitted(e.Frame), fitted(e.Request), fitted(e.Response)
	e.Text = strings.Clone(e.Text)
	e.joinTexts()
	if e.Review != nil {
		review := *e.Review // which others may have, too
		review.URI = strings.Clone(review.URI)
		e.Review = &review
	}
	if e.Log != nil {
		e.Log.compact()
	}
}

// joinTexts puts the texts of an entry into one piece of memory.
func (e *Entry) joinTexts() {
	texts := e.texts()
	var parts [len(texts)]string
	for i, text := range texts {
		parts[i] = *text
	}
	rest := strings.Join(parts[:], "")
	for _, text := range texts {
		n := len(*text)
		*text, rest = rest[:n], rest[n:]
	}
}

// fitted returns the bytes, copied unless they fill their memory.
func fitted[B ~[]byte](b B) B {
	if cap(b)-len(b) > len(b)/8+16 {
		return bytes.Clone(b)
	}
	return b
}
