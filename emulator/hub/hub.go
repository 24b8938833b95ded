// Package hub fans frames out: what is published in a room reaches every member of that room, in the
// same order for all (decision D53).
//
// The hub does not know what a frame means, and makes no decisions. Publishing never waits for a
// member: each has a bounded queue, and one that does not keep up is disconnected. It never misses a
// frame in between.
//
// # How it works
//
// A group is the members of one room (group.go). Its lock guards the group, the queues of its members
// and the order of what is published. Publishing puts a frame into every queue and lists the members
// that have something to write as ready.
//
// Workers write for ready members (work in group.go). A group has at most as many as the process has
// cores, and none while nothing is to be written. The publisher is the worker if the group has no other and
// few members: then it writes once for each of them. A worker never waits for a client: where a write
// would block, it hands the member over to a new goroutine (finish in member.go). A worker ends when no
// member is ready, and the other goroutine when everything is written. No one waits for their end, but
// Leave waits until they no longer use the member and its transport.
//
// A member is idle, ready, or being written for. Only one goroutine writes for it at a time, so its
// frames stay in order.
//
// Who closes the channels: Member.idle is closed by the goroutine that writes for the member, when it
// is done; Member.closed by the one that has closed the connection, or by Leave.
package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Frame is what members receive. It must not be changed once it is sent.
type Frame struct {
	Kind    string // what the frame is, for transports that treat kinds differently
	Payload []byte
}

// A Publication is one frame for all members of a room, with what observers need to know of it.
type Publication struct {
	Frame *Frame
	Cause string    // the action or operation that caused it; only for observers
	Time  time.Time // the service's; only for observers

	// Recipients is the number of recipients in all processes, for observers. 0 means that of the hub.
	Recipients int
	// Elsewhere is whether it was published in another process; only for observers.
	Elsewhere bool
	// Counter, if there is one, counts publications of its kind; only for observers.
	Counter *atomic.Int64
	// Sender, if there is one, is the member that caused it. Nothing is published once it is being closed: after
	// the frame that says so, no one receives anything from it.
	Sender *Member
	// CloseReason, if there is one, closes the members named CloseName after this frame.
	CloseReason Reason
	CloseName   string
}

// An Observer is called once for each publication, with the number of members for which it was
// queued. It is called under the lock that also orders the frames, so observers see publications in
// the order in which members receive them, and before. It must not block or call the hub.
type Observer func(room ivschat.ARN, p Publication, recipients int)

// A Hub has the members of all rooms. The zero value is ready.
type Hub struct {
	// Static once something is published.
	observers []Observer
	handsOver bool // publishers do not write
	coreCount int  // for how many cores a group has workers; 0 means those of the process

	mu     sync.RWMutex // guards what follows
	groups map[ivschat.ARN]*group
}

// Observe adds an observer. Call it before anything is published.
func (h *Hub) Observe(o Observer) { h.observers = append(h.observers, o) }

// HandOver makes workers write everything, because publishers must not be kept. Call it before anything is published.
func (h *Hub) HandOver() { h.handsOver = true }

// Join makes a new member of the room. What is published from now on is queued for it, up to capacity
// frames, and is written once Start has given it a transport. Every member must Leave in the end.
func (h *Hub) Join(room ivschat.ARN, name string, capacity int) *Member {
	m := &Member{name: name, capacity: capacity, busy: true}
	for !h.group(room).join(m) {
	}
	return m
}

// cores returns how many cores the process may use. That can change while it runs: Go follows the limit of
// its container.
func (h *Hub) cores() int {
	if h.coreCount > 0 {
		return h.coreCount
	}
	return runtime.GOMAXPROCS(0)
}

// Publish puts the frame into the queue of every member of the room, unless its sender is being closed. It never
// waits for a client.
func (h *Hub) Publish(room ivschat.ARN, p Publication) {
	for !h.group(room).publish(p) {
	}
}

// Has reports whether the room has members.
func (h *Hub) Has(room ivschat.ARN) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.groups[room] != nil
}

// group returns the group of the room, and makes it if there is none. The hub may have dropped it
// again by the time it is used.
func (h *Hub) group(room ivschat.ARN) *group {
	h.mu.RLock()
	g := h.groups[room]
	h.mu.RUnlock()
	if g != nil {
		return g
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if g = h.groups[room]; g == nil {
		if h.groups == nil {
			h.groups = map[ivschat.ARN]*group{}
		}
		g = &group{hub: h, room: room}
		h.groups[room] = g
	}
	return g
}

// drop removes a group that has no members. Its caller holds the group's lock.
func (h *Hub) drop(g *group) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.groups, g.room)
}
