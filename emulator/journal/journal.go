// Package journal records what happened in the emulator: frames, calls, refused handshakes,
// sessions that began and ended, faults that fired. The admin API, tests and metrics read it. The
// emulated service itself does not.
//
// # How it works
//
// Every room and every request adds entries. One lock guards all, and is held for a short time only:
// adding an entry takes a few steps, and readers take small batches (Reader). An entry never changes.
//
// The journal is limited in bytes, over all accounts. Each account has a ring of its latest entries,
// whose oldest entry is dropped when there are too many. When the journal takes too much memory, the
// ring that takes the most drops its oldest entry. So no account can push out the entries of another
// that has fewer (decision D43).
//
// A reader that waits is woken only by entries that it can select (waiters).
//
// Several nodes can have one journal (Share). Then each node appends all entries, in one order, so that an
// entry has the same ID on all nodes. How many of them a node keeps depends on its own limit.
package journal

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Capacity is the maximum number of entries of an account. A new one replaces the oldest.
const Capacity = 10_000

// The size of a journal in bytes, for everything that it keeps.
const (
	DefaultBytes = 64 << 20
	MinimumBytes = 1 << 20 // several times the longest frame, so that there is always something to read
)

// A Listener is called with each entry, which does not have its ID yet. It must not block, and must be
// safe for concurrent use.
type Listener func(Entry)

// A Journal has the latest entries. The zero value is empty and ready, and takes at most DefaultBytes. It
// is safe for concurrent use.
type Journal struct {
	listeners []Listener   // static once there is an entry, as sharer and node
	sharer    Sharer       // nil if no other node has the journal
	node      string       // the name of this one
	maximum   int          // in bytes; static; 0 means DefaultBytes
	decoding  atomic.Int64 // number of waiters whose filter looks at requests

	mu sync.Mutex // guards what follows
	contents
	waiters waiters
}

// contents is what a journal has.
type contents struct {
	last  uint64 // ID of the latest entry
	bytes int    // of all rings
	rings map[string]*ring
	heap  ringHeap // the same rings

	// all has every entry in the order of the IDs. An entry that was removed leaves a place without one,
	// until there are too many such places.
	all   []place
	empty int // number of places without an entry

	dropped   uint64 // ID of the latest entry that was dropped for others
	vanished  uint64 // ID of the latest such entry that was the last one of its ring
	forgotten uint64 // ID of the latest entry when all were forgotten
}

// A place is where an entry is in the order of all.
type place struct {
	id    uint64
	entry *stored // nil if it was removed
}

// A stored entry is an entry in a ring.
type stored struct {
	Entry
	bytes  int
	number uint64  // of the entry in its ring, from 1
	newer  *stored // the next entry of the ring
}

// New returns a journal that takes at most so many bytes of memory.
func New(maximumBytes int) *Journal { return &Journal{maximum: maximumBytes} }

// Listen adds a listener. Call it before the first entry is added.
func (j *Journal) Listen(l Listener) { j.listeners = append(j.listeners, l) }

// A Sharer carries out changes of a journal on all nodes that have it, in one order.
type Sharer interface {
	// Post has each node Append the entry, soon. It does not wait for that, and keeps no part of the entry.
	Post(e Entry)
	// Forget has each node Remove the entries of an account, or all if it is "". It returns once all have done
	// so, or an error if that cannot be known.
	Forget(account string) error
}

// Share makes the journal one that other nodes have, too. The name of this node is in the entries about what
// happens here. Call it before the first entry is added.
func (j *Journal) Share(node string, sharer Sharer) { j.node, j.sharer = node, sharer }

// Add calls the listeners with an entry about what happened on this node, and appends it. If other nodes have
// the journal, too, the entry is appended a moment later, after the entries that this node added before.
func (j *Journal) Add(e Entry) {
	j.Notify(e)
	if j.sharer == nil {
		j.Append(e)
		return
	}
	e.Node = j.node
	j.sharer.Post(e)
}

// Notify calls the listeners with an entry, and does not store it.
func (j *Journal) Notify(e Entry) {
	for _, listen := range j.listeners {
		listen(e)
	}
}

// Append stores an entry with the next ID on this node alone, and wakes readers that wait for it. It does not
// call the listeners, because the entry can be about what happened on another node.
func (j *Journal) Append(e Entry) {
	added := newStored(e)
	var request *any
	if j.decoding.Load() > 0 { // without the lock, because it takes time
		value := added.Request.decode()
		request = &value
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	added.ID = j.last + 1
	j.storeLocked(added)
	j.waiters.tell(&added.Entry, request)
}

// newStored returns an entry that keeps no more memory alive than it needs.
func newStored(e Entry) *stored {
	s := &stored{Entry: e}
	s.compact()
	s.bytes = s.Entry.bytes()
	return s
}

// storeLocked stores an entry whose ID is greater than that of all others, and drops entries if there is too much.
func (j *Journal) storeLocked(added *stored) {
	j.last = added.ID
	in := j.ringLocked(added.Account)
	added.Account = in.account
	j.all = append(j.all, place{added.ID, added})
	in.push(added)
	j.resizeLocked(in, added.bytes)
	if in.added-in.dropped > Capacity {
		j.dropLocked(in)
	}
	for j.bytes > cmp.Or(j.maximum, DefaultBytes) {
		j.dropLocked(j.heap[0])
	}
}

// Last returns the ID of the latest entry, 0 if there is none.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Forget removes the entries of an account, or all entries if the account is "", on all nodes that have the
// journal. IDs continue. It fails only if it cannot be known whether all nodes have done so.
func (j *Journal) Forget(account string) error {
	if j.sharer != nil {
		return j.sharer.Forget(account)
	}
	j.Remove(account)
	return nil
}

// Remove is Forget on this node alone.
func (j *Journal) Remove(account string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if account == "" {
		j.rings, j.heap, j.all = nil, nil, nil
		j.bytes, j.empty, j.vanished, j.forgotten = 0, 0, 0, j.last // which is not before dropped
		return
	}
	if of := j.rings[account]; of != nil {
		for e := of.oldest; e != nil; e = e.newer {
			j.clearLocked(e)
		}
		j.removeLocked(of)
	}
}

// dropLocked removes the oldest entry of a ring, and the ring if it has no other.
func (j *Journal) dropLocked(from *ring) {
	e := from.pop()
	j.clearLocked(e)
	j.dropped = max(j.dropped, e.ID)
	j.resizeLocked(from, -e.bytes)
	if from.oldest == nil {
		j.vanished = max(j.vanished, e.ID)
		j.removeLocked(from)
	}
}

// clearLocked removes an entry from the order of all.
func (j *Journal) clearLocked(e *stored) {
	j.all[j.findLocked(e.ID)].entry = nil
	if j.empty++; j.empty > len(j.all)/2 {
		all := slices.Clone(j.all) // so that the journal gives back memory
		j.all, j.empty = slices.DeleteFunc(all, func(p place) bool { return p.entry == nil }), 0
	}
}

// findLocked returns the index in all of the first entry with this ID or a greater one.
func (j *Journal) findLocked(id uint64) int {
	i, _ := slices.BinarySearchFunc(j.all, id, func(p place, id uint64) int { return cmp.Compare(p.id, id) })
	return i
}
