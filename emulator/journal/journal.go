// Package journal remembers what happened, for whoever looks at the emulator
// and not at the service: frames, calls, handshakes that were refused, sessions
// that came and went, faults that fired.
package journal

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Kept is how many entries a journal keeps, over everything. Older ones are
// gone.
const Kept = 10_000

// A Kind says what an entry is about.
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

// An Entry is one thing that happened. Which members it has depends on its
// kind.
type Entry struct {
	ID      uint64    `json:"id"`   // counts up from 1
	Time    time.Time `json:"time"` // the service's
	Kind    Kind      `json:"kind"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	Room    string    `json:"room,omitempty"`   // ARN
	UserID  string    `json:"userId,omitempty"` // of whoever sent a frame or is the only one to get it; of a session

	Direction string          `json:"direction,omitempty"` // of a frame: in from a client, out to clients
	Frame     json.RawMessage `json:"frame,omitempty"`     // as it came, when it is JSON
	Text      string          `json:"text,omitempty"`      // as it came, when it is not

	Recipients int `json:"recipients,omitempty"` // of a frame to everyone: how many are in the room

	Operation string        `json:"operation,omitempty"`           // of a call, what caused a frame to everyone, or what a fault hit
	Status    int           `json:"status,omitempty"`              // of a call or a refused handshake
	RequestID string        `json:"requestId,omitempty"`           // of a call
	Duration  time.Duration `json:"durationNanoseconds,omitempty"` // of a call, by the machine
	Exception string        `json:"exception,omitempty"`           // of a call
	Reason    string        `json:"reason,omitempty"`              // why a handshake was refused or a connection ended
	Rule      int           `json:"rule,omitempty"`                // of a fault
}

// About gives the entry the owner and the ARN of a room.
func (e Entry) About(room ivschat.ARN) Entry {
	e.Account, e.Region, e.Room = room.Owner.AccountID, room.Owner.Region, room.String()
	return e
}

// WithFrame gives the entry a frame.
func (e Entry) WithFrame(frame []byte) Entry {
	if json.Valid(frame) {
		e.Frame = frame
	} else {
		e.Text = string(frame)
	}
	return e
}

// A Filter says which entries are wanted. An empty member wants any.
type Filter struct {
	Kind      Kind
	Account   string
	Room      string
	Direction string
}

func (f Filter) keeps(e Entry) bool {
	return e.Kind != "" && (f.Kind == "" || f.Kind == e.Kind) && (f.Account == "" || f.Account == e.Account) && (f.Room == "" || f.Room == e.Room) && (f.Direction == "" || f.Direction == e.Direction)
}

// A Journal keeps the latest entries. The zero value is empty and ready. Every
// room writes into it, so nobody waits for a lock to do so.
type Journal struct {
	Told func(Entry) // hears of each entry, if set before the first; it must not block, and be safe for concurrent use

	last    atomic.Uint64                 // the ID of the latest, which may still be under way to its place
	entries [Kept]atomic.Pointer[Entry]   // a ring: where an ID belongs is place
	more    atomic.Pointer[chan struct{}] // closed when there is more, nil while nobody waits
}

func (j *Journal) place(id uint64) *atomic.Pointer[Entry] { return &j.entries[(id-1)%Kept] }

// Add keeps an entry under the next ID.
func (j *Journal) Add(e Entry) {
	e.ID = j.last.Add(1)
	if j.Told != nil {
		j.Told(e)
	}
	place := j.place(e.ID)
	for {
		old := place.Load()
		if old != nil && old.ID > e.ID {
			break // so many others came meanwhile that it is too old to be kept
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

// Last is the ID of the latest entry, 0 if there is none.
func (j *Journal) Last() uint64 { return j.last.Load() }

// After gives the wanted entries whose IDs follow after, the oldest first, at
// most count of them; count 0 is no limit.
func (j *Journal) After(after uint64, count int, filter Filter) []Entry {
	entries, _ := j.look(after, count, filter)
	return entries
}

// Latest gives the latest wanted entries, at most count, the oldest first.
func (j *Journal) Latest(count int, filter Filter) []Entry {
	all := j.After(0, 0, filter)
	return all[max(0, len(all)-count):]
}

// Wait waits until count wanted entries follow after, and gives them, the
// oldest first. When the context ends before it gives those that there are.
func (j *Journal) Wait(ctx context.Context, after uint64, count int, filter Filter) []Entry {
	for {
		entries, more := j.look(after, count, filter)
		if len(entries) >= count {
			return entries
		}
		select {
		case <-more:
		case <-ctx.Done():
			return entries
		}
	}
}

func (j *Journal) look(after uint64, count int, filter Filter) (entries []Entry, more <-chan struct{}) {
	more = j.awaitMore() // before looking, so that nothing comes in between
	last := j.last.Load()
	first := max(last, Kept) - Kept + 1
	for id := max(first, after+1); id <= last; id++ {
		e := j.place(id).Load()
		if e == nil || e.ID < id {
			break // it is under way, and nothing is told before it
		}
		if e.ID == id && filter.keeps(*e) {
			entries = append(entries, *e)
			if count > 0 && len(entries) == count {
				break
			}
		}
	}
	return entries, more
}

// awaitMore gives what is closed when there is more.
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

// Forget drops the entries of an account, of all when it is "". IDs go on.
func (j *Journal) Forget(account string) {
	for i := range j.entries {
		place := &j.entries[i]
		for e := place.Load(); e != nil && (account == "" || e.Account == account); e = place.Load() {
			if place.CompareAndSwap(e, &Entry{ID: e.ID}) { // of no kind, which nobody wants
				break
			}
		}
	}
}
