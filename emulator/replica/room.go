package replica

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// roomsPart is the name of the part in the log.
const roomsPart = "rooms"

// Rooms are the rooms of all nodes: the fan-out, and the sessions of all nodes. A frame for everyone in a room is one
// entry of the log, however many members the room has. Each node delivers it to its own members when it applies the
// entry, so all receive the frames of a room in the order of the log. All nodes know which sessions there are, and
// decide in the same way which entries are accepted. It is safe for concurrent use.
type Rooms struct {
	RoomsConfig // static
	cluster     Cluster
	hub         hub.Hub
	local       *room.Rooms // static once the node joins

	mu       sync.Mutex // guards what follows
	registry registry
	joining  map[uint64]*joining // sessions whose entry this node waits for, by the numbers of the requests
	requests uint64
	members  map[*hub.Member]bool // of this node, unless they have left
	sweepAt  int                  // number of rooms without sessions at which those that were deleted are dropped

	words map[string]string // owned by the caller of Apply, Left and Load, of which there is one at a time; see word
}

// A joining session is one whose entry is not applied yet.
type joining struct {
	capacity int
	member   room.Member // without a hub.Member before the entry is applied
}

// RoomsConfig is what Rooms work with. Every member is required.
type RoomsConfig struct {
	Finder  room.Finder
	Limiter *throttle.Limiter
	Journal *journal.Journal
	Now     func(account string) time.Time // the service's time
	Logger  *slog.Logger
}

var (
	_ room.Fanout    = (*Rooms)(nil)
	_ room.Nodes     = (*Rooms)(nil)
	_ cluster.Leaver = (*Rooms)(nil)
)

// ShareRooms makes the rooms of this node those of the cluster. Call it, and then Serve, before the node joins.
func ShareRooms(c Cluster, config RoomsConfig) *Rooms {
	r := &Rooms{RoomsConfig: config, cluster: c, words: map[string]string{}}
	r.hub.HandOver() // who applies entries must not be kept
	r.loseLocked()
	c.Handle(roomsPart, r)
	c.OnLost(r.cutOff)
	r.answer()
	return r
}

// Serve says which rooms this node has. They use the Rooms as Fanout and Nodes.
func (r *Rooms) Serve(local *room.Rooms) { r.local = local }

// Observe implements room.Fanout.
func (r *Rooms) Observe(o hub.Observer) { r.hub.Observe(o) }

// errNotApplied is the reason if an entry made no sense to this node.
var errNotApplied = errors.New("the entry of the log could not be applied: the log of this node has the reason")

// Join implements room.Fanout.
func (r *Rooms) Join(in ivschat.ARN, user string, capacity int) (room.Member, error) {
	session := &joining{capacity: capacity}
	r.mu.Lock()
	r.requests++
	request := r.requests
	r.joining[request] = session
	r.mu.Unlock()
	_, err := r.cluster.Do(roomsPart, encodeJoin(in, user, request))
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.joining, request) // if the entry is applied later, the session leaves at once
	if session.member.Member != nil {
		return session.member, nil
	}
	if err == nil {
		err = errNotApplied
	}
	return room.Member{}, err
}

// Leave implements room.Fanout.
func (r *Rooms) Leave(in ivschat.ARN, m *room.Member) {
	r.mu.Lock()
	known := r.members[m.Member]
	delete(r.members, m.Member)
	idle := r.idleLocked()
	r.mu.Unlock()
	if known { // otherwise this node has joined again since, and the number may be that of another session
		r.cluster.Post(roomsPart, encodeLeave(in, m.Session))
	}
	r.sweep(idle)
}

// Publish implements room.Fanout.
func (r *Rooms) Publish(in ivschat.ARN, p room.Publication) error {
	result, err := r.cluster.Do(roomsPart, encodePublication(in, p, r.Now(in.Owner.AccountID)))
	switch {
	case err != nil:
		return err
	case result == throttled:
		return room.ErrThrottled
	case result == published || result == dropped:
		return nil
	default:
		return errNotApplied
	}
}

// Messages implements room.Fanout.
func (r *Rooms) Messages(in ivschat.ARN) int64 {
	key := appendKey(nil, in)
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.registry.rooms[string(key)]; found != nil {
		return found.messages
	}
	return 0
}

// Forget implements room.Fanout. It returns when all nodes have forgotten.
func (r *Rooms) Forget(account string) error {
	_, err := r.cluster.DoOnAll(roomsPart, encodeForget(account))
	return err
}

// minimumSweep is how many rooms without sessions have counters at least before those of deleted rooms are dropped.
const minimumSweep = 1024

// idleLocked returns the rooms without sessions if there are so many that those that were deleted are to be dropped.
func (r *Rooms) idleLocked() (idle []ivschat.ARN) {
	if r.registry.idle < max(r.sweepAt, minimumSweep) {
		return nil
	}
	r.sweepAt = 2 * r.registry.idle
	for _, in := range r.registry.rooms {
		if len(in.sessions) == 0 {
			idle = append(idle, in.arn)
		}
	}
	return idle
}

// sweep has all nodes drop the counters of these rooms, as far as they were deleted. Only a node that looks, which
// is one whose session leaves, knows that.
func (r *Rooms) sweep(idle []ivschat.ARN) {
	var deleted []ivschat.ARN
	for _, in := range idle {
		if !room.Exists(r.Finder, in) {
			deleted = append(deleted, in)
		}
	}
	if len(deleted) == 0 {
		return
	}
	r.cluster.Post(roomsPart, encodeDrop(deleted))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweepAt = 2 * (len(idle) - len(deleted))
}

// cutOff closes the connections of this node, which is no longer a member.
func (r *Rooms) cutOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loseLocked()
}

// loseLocked closes the connections of this node, whose sessions the other nodes do not know any more.
func (r *Rooms) loseLocked() {
	for m := range r.members {
		m.Close(hub.CutOff)
	}
	r.members, r.joining = map[*hub.Member]bool{}, map[uint64]*joining{}
	r.registry = registry{rooms: map[string]*roomState{}}
}
