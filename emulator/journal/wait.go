package journal

import (
	"context"
	"slices"
)

// Wait waits until there are count selected entries with an ID greater than after, and returns
// them, the oldest first. If the context ends earlier, it returns those that exist.
func (j *Journal) Wait(ctx context.Context, after uint64, count int, filter Filter) []Entry {
	for {
		complete := j.Await(ctx, after, count, filter)
		if found := j.After(after, count, filter); len(found) >= count || !complete {
			return found
		} // otherwise, entries were dropped meanwhile
	}
}

// Await waits until there are count selected entries with an ID greater than after. If the context ends
// earlier, it returns false.
func (j *Journal) Await(ctx context.Context, after uint64, count int, filter Filter) bool {
	for {
		r, found := j.Read(after, filter), 0
		for end := false; !end && found < count; {
			b := r.Next()
			found, end = found+len(b.Entries), b.End
		}
		if found >= count {
			return true
		}
		if !r.Wait(ctx, count-found) {
			return false
		}
	}
}

// Wait waits until count selected entries have been added since the last batch, if that was the end. They
// need not exist any more. If the context ends earlier, it returns false.
func (r *Reader) Wait(ctx context.Context, count int) bool {
	j := r.journal
	if r.filter.Request != nil {
		j.decoding.Add(1)
		defer j.decoding.Add(-1)
	}
	w := &waiter{filter: r.filter, after: r.looked, missing: count, done: make(chan struct{})}
	j.mu.Lock()
	if j.last > r.looked {
		j.mu.Unlock()
		return ctx.Err() == nil
	}
	j.waiters.add(w)
	j.mu.Unlock()
	select {
	case <-w.done:
		r.looked = w.first - 1 // no entry before it is selected
		return true
	case <-ctx.Done():
		j.mu.Lock()
		defer j.mu.Unlock()
		j.waiters.remove(w)
		return false
	}
}

// A waiter waits for entries.
type waiter struct {
	filter  Filter
	after   uint64        // ID that the entries must exceed
	missing int           // number of entries
	first   uint64        // ID of the first of them
	done    chan struct{} // closed when none is missing
	index   int           // among the waiters with the same key; -1 once it does not wait any more
}

// A key has the members of a filter that can be compared with those of an entry. An empty member stands
// for every value.
type key struct {
	kind      Kind
	account   string
	room      string
	direction Direction
	operation string
	status    int
}

// A mask says which members of a key are not empty.
type mask [6]bool

func (k key) mask() mask {
	return mask{k.kind != "", k.account != "", k.room != "", k.direction != "", k.operation != "", k.status != 0}
}

// under returns the key with those members alone.
func (k key) under(m mask) key {
	var part key
	if m[0] {
		part.kind = k.kind
	}
	if m[1] {
		part.account = k.account
	}
	if m[2] {
		part.room = k.room
	}
	if m[3] {
		part.direction = k.direction
	}
	if m[4] {
		part.operation = k.operation
	}
	if m[5] {
		part.status = k.status
	}
	return part
}

func (f Filter) key() key { return key{f.Kind, f.Account, f.Room, f.Direction, f.Operation, f.Status} }

// waiters has everyone who waits, by what they wait for. So an entry that nobody waits for costs one
// look-up for each mask, however many wait. The lock of the journal guards it.
type waiters struct {
	byKey map[key][]*waiter
	masks []mask       // of these keys
	uses  map[mask]int // number of keys
}

func (w *waiters) add(one *waiter) {
	if w.byKey == nil {
		w.byKey, w.uses = map[key][]*waiter{}, map[mask]int{}
	}
	k := one.filter.key()
	if len(w.byKey[k]) == 0 {
		if w.uses[k.mask()]++; w.uses[k.mask()] == 1 {
			w.masks = append(w.masks, k.mask())
		}
	}
	one.index = len(w.byKey[k])
	w.byKey[k] = append(w.byKey[k], one)
}

// remove removes a waiter, unless it was removed before.
func (w *waiters) remove(one *waiter) {
	if one.index < 0 {
		return
	}
	k := one.filter.key()
	same := w.byKey[k]
	last := same[len(same)-1]
	same[one.index], last.index = last, one.index
	same[len(same)-1] = nil
	w.byKey[k], one.index = same[:len(same)-1], -1
	if len(same) > 1 {
		return
	}
	delete(w.byKey, k)
	if w.uses[k.mask()]--; w.uses[k.mask()] == 0 {
		w.masks = slices.DeleteFunc(w.masks, func(m mask) bool { return m == k.mask() })
	}
}

// tell tells everyone who waits for the entry. The request is that of a call, decoded, or nil if it was
// not decoded: then, whoever waits for certain requests has to look.
func (w *waiters) tell(e *Entry, request *any) {
	k := key{e.Kind, e.Account, e.Room, e.Direction, e.Operation, e.Status}
	for i := len(w.masks) - 1; i >= 0; i-- { // backwards, because of remove
		same := w.byKey[k.under(w.masks[i])]
		for i := len(same) - 1; i >= 0; i-- {
			one := same[i]
			if e.ID <= one.after ||
				one.filter.Request != nil && request != nil && !contains(*request, one.filter.Request) {
				continue
			}
			if one.first == 0 {
				one.first = e.ID
			}
			if one.missing--; one.missing <= 0 {
				w.remove(one)
				close(one.done)
			}
		}
	}
}
