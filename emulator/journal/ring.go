package journal

import (
	"container/heap"
	"slices"
	"strings"
)

// ringCost is the number of bytes that a ring needs beside its entries.
const ringCost = 512

// A ring has the entries of one account, or those that belong to none.
type ring struct {
	account        string
	oldest, newest *stored
	bytes          int
	added, dropped uint64 // numbers of entries
	index          int    // in the heap

	// droppedID is the ID of the latest entry that was dropped. A new ring begins with that of the latest
	// ring that vanished, which may have been of the same account.
	droppedID uint64
}

// push adds an entry. The size of the ring has to be changed, too.
func (r *ring) push(e *stored) {
	r.added++
	e.number = r.added
	if r.newest == nil {
		r.oldest = e
	} else {
		r.newest.newer = e
	}
	r.newest = e
}

// pop removes the oldest entry. The size of the ring has to be changed, too.
func (r *ring) pop() *stored {
	e := r.oldest
	r.oldest = e.newer
	e.newer = nil // a reader that still has the entry must not keep the others alive
	r.dropped, r.droppedID = e.number, e.ID
	return e
}

// ringLocked returns the ring of an account.
func (j *Journal) ringLocked(account string) *ring {
	if r := j.rings[account]; r != nil {
		return r
	}
	if j.rings == nil {
		j.rings = map[string]*ring{}
	}
	r := &ring{account: strings.Clone(account), droppedID: j.vanished}
	j.rings[r.account] = r
	heap.Push(&j.heap, r)
	j.resizeLocked(r, ringCost)
	return r
}

// resizeLocked changes the size of a ring.
func (j *Journal) resizeLocked(r *ring, bytes int) {
	r.bytes += bytes
	j.bytes += bytes
	heap.Fix(&j.heap, r.index)
}

// removeLocked removes a ring.
func (j *Journal) removeLocked(r *ring) {
	heap.Remove(&j.heap, r.index)
	delete(j.rings, r.account)
	j.bytes -= r.bytes
}

// A ringHeap is a heap of rings (container/heap). The first one takes the most memory. Of several, it is
// the one with the oldest entry.
type ringHeap []*ring

// Len implements heap.Interface.
func (h ringHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h ringHeap) Less(i, k int) bool {
	a, b := h[i], h[k]
	if a.bytes != b.bytes || a.oldest == nil || b.oldest == nil {
		return a.bytes > b.bytes
	}
	return a.oldest.ID < b.oldest.ID
}

// Swap implements heap.Interface.
func (h ringHeap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].index, h[k].index = i, k
}

// Push adds a ring at the end.
func (h *ringHeap) Push(r any) {
	added := r.(*ring)
	added.index = len(*h)
	*h = append(*h, added)
}

// Pop removes the last ring.
func (h *ringHeap) Pop() any {
	last := len(*h) - 1
	removed := (*h)[last]
	*h = slices.Delete(*h, last, last+1)
	return removed
}
