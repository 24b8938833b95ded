// Package journal records what happened in the emulator: frames, calls, refused handshakes,
// sessions that began and ended, faults that fired. The admin API, tests and metrics read it. The
// emulated service itself does not.
//
// # How it works
//
// Every room and every request writes into one ring of the latest entries, so writing takes no
// lock. A writer first takes the next ID (last), then stores the entry at the ID's place in the
// ring. A reader that meets a place whose entry is older than expected knows that its writer is not
// done yet, and stops there: entries are read in the order of their IDs, without gaps.
//
// A reader that waits creates a channel (more). The next writer takes it away and closes it.
package journal

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Capacity is how many entries a journal has, over all accounts. A new one replaces the oldest.
const Capacity = 10_000

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
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Call, Frame, Handshake, Connect, Disconnect, Fault} }

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

	// UserID is the user of a session or a fault, or the sender or the only recipient of a frame.
	UserID string `json:"userId,omitempty"`

	// Of a frame.
	Direction  Direction       `json:"direction,omitempty"`
	Frame      json.RawMessage `json:"frame,omitempty"`      // unchanged, if it is JSON
	Text       string          `json:"text,omitempty"`       // unchanged, if it is not JSON
	FrameBytes int             `json:"frameBytes,omitempty"` // the size of a frame that is left out (decision D129)
	Recipients int             `json:"recipients,omitempty"` // if it was sent to everyone in the room

	// Operation is the operation of a call, the cause of a frame to everyone, or what a fault
	// affected.
	Operation string `json:"operation,omitempty"`

	// Of a call. A refused handshake has a status, too.
	Status    int           `json:"status,omitempty"` // HTTP
	RequestID string        `json:"requestId,omitempty"`
	Duration  time.Duration `json:"durationNanoseconds,omitempty"` // of the machine's clock
	Exception string        `json:"exception,omitempty"`

	// Of a call. The request has the members of the body, the path and the query. Both have *** in place
	// of chat tokens. Instead of a body of more than 16 KiB, there is its size.
	Request       Body `json:"request,omitempty"`
	RequestBytes  int  `json:"requestBytes,omitempty"`
	Response      Body `json:"response,omitempty"`
	ResponseBytes int  `json:"responseBytes,omitempty"`

	Reason string `json:"reason,omitempty"` // why a handshake was refused or a connection ended
	Rule   int    `json:"rule,omitempty"`   // ID of the rule of a fault
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
	Kind      Kind
	Account   string
	Room      string // ARN
	Direction Direction
	Operation string
	Status    int            // HTTP
	Request   map[string]any // members that the request of a call must have, as encoding/json decodes them
}

func (f Filter) selects(e Entry) bool {
	return e.Kind != "" &&
		(f.Kind == "" || f.Kind == e.Kind) &&
		(f.Account == "" || f.Account == e.Account) &&
		(f.Room == "" || f.Room == e.Room) &&
		(f.Direction == "" || f.Direction == e.Direction) &&
		(f.Operation == "" || f.Operation == e.Operation) &&
		(f.Status == 0 || f.Status == e.Status) &&
		(f.Request == nil || e.Request.has(f.Request))
}

// A Listener is called with each entry. It must not block, and must be safe for concurrent use.
type Listener func(Entry)

// A Journal has the latest entries. The zero value is empty and ready. It is safe for concurrent
// use.
type Journal struct {
	listeners []Listener // static once there is an entry

	forgotten atomic.Uint64 // how often Forget was called

	last    atomic.Uint64                   // the ID of the latest entry, which may not be stored yet
	entries [Capacity]atomic.Pointer[Entry] // the ring, see place
	more    atomic.Pointer[chan struct{}]   // closed at the next entry; nil while no one is waiting
}

// Listen adds a listener. Call it before the first entry is added.
func (j *Journal) Listen(l Listener) { j.listeners = append(j.listeners, l) }

func (j *Journal) place(id uint64) *atomic.Pointer[Entry] { return &j.entries[(id-1)%Capacity] }

// Add calls the listeners with an entry that has the next ID, stores it and wakes waiting readers.
func (j *Journal) Add(e Entry) {
	e.ID = j.last.Add(1)
	for _, listen := range j.listeners {
		listen(e)
	}
	place := j.place(e.ID)
	for {
		old := place.Load()
		if old != nil && old.ID > e.ID {
			break // so many entries were added meanwhile that this one is too old
		}
		if place.CompareAndSwap(old, &e) {
			break
		}
	}
	if j.more.Load() != nil {
		if more := j.more.Swap(nil); more != nil {
			close(*more)
		}
	}
}

// Last returns the ID of the latest entry, 0 if there is none.
func (j *Journal) Last() uint64 { return j.last.Load() }

// After returns the selected entries with an ID greater than after, the oldest first, at most count
// of them. A count of 0 means no limit.
func (j *Journal) After(after uint64, count int, filter Filter) []Entry {
	entries, _, _ := j.read(after, count, filter)
	return entries
}

// Latest returns the latest selected entries, at most count of them, the oldest first.
func (j *Journal) Latest(count int, filter Filter) []Entry {
	all := j.After(0, 0, filter)
	return all[max(0, len(all)-count):]
}

// Has reports whether there is a selected entry.
func (j *Journal) Has(filter Filter) bool { return len(j.After(0, 1, filter)) > 0 }

// Wait waits until there are count selected entries with an ID greater than after, and returns
// them, the oldest first. If the context ends earlier, it returns those that exist. It looks at each
// entry once, because a filter may have to decode it, unless entries are forgotten meanwhile.
func (j *Journal) Wait(ctx context.Context, after uint64, count int, filter Filter) (found []Entry) {
	next, forgotten := after, j.forgotten.Load()
	for {
		if now := j.forgotten.Load(); now != forgotten {
			found, next, forgotten = nil, after, now
		}
		entries, last, more := j.read(next, count-len(found), filter)
		found, next = append(found, entries...), last
		if len(found) >= count {
			return found
		}
		select {
		case <-more:
		case <-ctx.Done():
			return found
		}
	}
}

// read does what After does. It also returns the ID of the last entry that it looked at, and a channel
// that is closed when there may be another entry.
func (j *Journal) read(
	after uint64, count int, filter Filter,
) (entries []Entry, looked uint64, more <-chan struct{}) {
	more = j.awaitMore() // before reading, so that no entry is missed in between
	last := j.last.Load()
	first := max(last, Capacity) - Capacity + 1
	looked = after
	for id := max(first, after+1); id <= last; id++ {
		e := j.place(id).Load()
		if e == nil || e.ID < id {
			break // its writer is not done, and no later entry may be returned before it
		}
		looked = id
		if e.ID == id && filter.selects(*e) {
			entries = append(entries, *e)
			if count > 0 && len(entries) == count {
				break
			}
		}
	}
	return entries, looked, more
}

// awaitMore returns a channel that is closed at the next entry.
func (j *Journal) awaitMore() <-chan struct{} {
	for {
		if more := j.more.Load(); more != nil {
			return *more
		}
		more := make(chan struct{})
		if j.more.CompareAndSwap(nil, &more) {
			return more
		}
	}
}

// Forget removes the entries of an account, or all entries if the account is "". IDs continue.
func (j *Journal) Forget(account string) {
	defer j.forgotten.Add(1)
	for i := range j.entries {
		place := &j.entries[i]
		for e := place.Load(); e != nil && (account == "" || e.Account == account); e = place.Load() {
			if place.CompareAndSwap(e, &Entry{ID: e.ID}) { // without a kind, so no filter selects it
				break
			}
		}
	}
}
