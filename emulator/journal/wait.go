package journal

import (
	"context"
	"slices"
	"strconv"
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
// need not exist any more. It also ends when the journal is loaded. If the context ends earlier, it returns false.
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
		if w.first > 0 {
			r.looked = w.first - 1 // no entry before it is selected
		}
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
	first   uint64        // ID of the first of them, 0 if there is none
	done    chan struct{} // closed when none is missing, or when the journal is loaded
	index   int           // among the waiters with the same key; -1 once it does not wait any more
}

// A key has the members of a filter that can be compared with those of an entry. An empty member stands
// for every value. The other members of the filter are looked at for each waiter with the key.
type key [6]string

// directionInKey is the index of the direction in a key.
const directionInKey = 3

// A mask says which members of a key are not empty.
type mask [len(key{})]bool

func (k key) mask() (m mask) {
	for i, member := range k {
		m[i] = member != ""
	}
	return m
}

// under returns the key with those members alone.
func (k key) under(m mask) key {
	for i, kept := range m {
		if !kept {
			k[i] = ""
		}
	}
	return k
}

func (f Filter) key() key {
	k := key{string(f.Kind), f.Account, f.Room, string(f.Direction), f.Operation}
	if len(f.Kinds) > 0 { // some entries that are selected may have no direction
		k[directionInKey] = ""
	}
	if f.Status != 0 {
		k[len(k)-1] = strconv.Itoa(f.Status)
	}
	return k
}

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
	last := len(same) - 1
	same[one.index], same[last].index = same[last], one.index
	w.byKey[k], one.index = slices.Delete(same, last, last+1), -1
	if last > 0 {
		return
	}
	delete(w.byKey, k)
	if w.uses[k.mask()]--; w.uses[k.mask()] == 0 {
		w.masks = slices.DeleteFunc(w.masks, func(m mask) bool { return m == k.mask() })
	}
}

// wake ends every wait.
func (w *waiters) wake() {
	for _, same := range w.byKey {
		for _, one := range same {
			one.index = -1
			close(one.done)
		}
	}
	*w = waiters{}
}

// tell tells everyone who waits for the entry. The request is that of the entry, decoded, or nil if it was
// not decoded: then, a reader that waits for certain requests has to look.
func (w *waiters) tell(e *Entry, request *any) {
	if len(w.masks) == 0 { // nobody waits
		return
	}
	k := Filter{
		Kind: e.Kind, Account: e.Account, Room: e.Room,
		Direction: e.Direction, Operation: e.Operation, Status: e.Status,
	}.key()
	for i := len(w.masks) - 1; i >= 0; i-- { // backwards, because of remove
		same := w.byKey[k.under(w.masks[i])]
		for i := len(same) - 1; i >= 0; i-- {
			one := same[i]
			if e.ID <= one.after || !one.filter.matches(e) ||
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
