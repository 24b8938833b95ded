package journal

import "iter"

// A batch has at most so many entries. It also ends when they take more than batchBytes, or when so many
// places have been looked at, so that the lock is not held for long.
const (
	batchEntries = 64
	batchBytes   = 64 << 10
	batchPlaces  = 1024
)

// A Reader reads the selected entries in the order of their IDs. It keeps none of them alive. It is not
// safe for concurrent use.
type Reader struct {
	journal *Journal
	filter  Filter
	looked  uint64 // ID up to which it has looked at the entries

	// The ring of the filter's account, when the reader last met it, and the number in it of the latest
	// entry that it has passed.
	ring *ring
	seen uint64
}

// Read returns a reader of the selected entries with an ID greater than after.
func (j *Journal) Read(after uint64, filter Filter) *Reader {
	return &Reader{journal: j, filter: filter, looked: after}
}

// Last returns the ID of the latest entry of the journal.
func (r *Reader) Last() uint64 { return r.journal.Last() }

// A Batch is a part of what a Reader reads.
type Batch struct {
	Entries []*Entry // selected; must not be changed

	// Missed is at most how many entries were dropped before the reader looked at them. They belong to the
	// filter's account, but not all of them need be of its room or kind. It is 0 if none was dropped.
	Missed uint64

	End bool // whether there are no more entries for now
}

// Next returns the next entries. A batch can have no entries although there are more.
func (r *Reader) Next() Batch {
	b := r.nextMatching()
	if r.filter.Request == nil {
		return b
	}
	selected := b.Entries[:0]
	for _, e := range b.Entries { // without the lock, because this decodes requests
		if contains(e.Request.decode(), r.filter.Request) {
			selected = append(selected, e)
		}
	}
	b.Entries = selected
	return b
}

// nextMatching returns the next entries that match the filter.
func (r *Reader) nextMatching() (b Batch) {
	j := r.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	b.Missed = r.skipDroppedLocked()
	passed := max(r.looked, j.forgotten) // the last ID that is not missing
	first, bytes := j.findLocked(r.looked+1), 0
	i := first
	for ; i < len(j.all); i++ {
		if i == first+batchPlaces || len(b.Entries) == batchEntries || bytes > batchBytes {
			break
		}
		r.looked = j.all[i].id
		e := j.all[i].entry
		if e == nil {
			continue
		}
		b.Missed += r.missingLocked(passed, e.ID-1)
		passed = e.ID
		if e.Account == r.filter.Account {
			r.seen = e.number
		}
		if r.filter.matches(&e.Entry) {
			b.Entries = append(b.Entries, &e.Entry)
			bytes += e.bytes
		}
	}
	if b.End = i == len(j.all); b.End {
		r.looked = max(r.looked, j.last)
		if r.ring != nil {
			r.seen = r.ring.added
		}
	}
	b.Missed += r.missingLocked(passed, r.looked)
	return b
}

// missingLocked returns how many entries were dropped, of those with an ID greater than after, up to the
// given one, none of which exists. It is for readers of all accounts.
func (r *Reader) missingLocked(after, upTo uint64) uint64 {
	if r.filter.Account != "" {
		return 0
	}
	return max(after, min(upTo, r.journal.dropped)) - after
}

// skipDroppedLocked goes on to the first entry of the account that was not dropped, and returns at most
// how many were. It is for readers of one account, whose oldest entries are always dropped first.
func (r *Reader) skipDroppedLocked() (missed uint64) {
	if r.filter.Account == "" {
		return 0
	}
	j := r.journal
	known, of := r.ring, j.rings[r.filter.Account]
	if r.ring = of; of != known {
		r.seen = 0
	}
	dropped := j.vanished // perhaps of this account
	if of != nil {
		dropped = of.droppedID
	}
	if dropped <= r.looked {
		return 0
	}
	missed = dropped - max(r.looked, j.forgotten)
	if of != nil && of.dropped > 0 {
		missed = min(missed, of.dropped-min(r.seen, of.dropped))
	}
	r.looked = dropped
	return missed
}

// After returns the selected entries with an ID greater than after, the oldest first, at most count
// of them. A count of 0 means no limit.
func (j *Journal) After(after uint64, count int, filter Filter) (entries []Entry) {
	for e := range j.All(after, filter) {
		entries = append(entries, *e)
		if len(entries) == count {
			break
		}
	}
	return entries
}

// All returns the selected entries with an ID greater than after that exist by now, the oldest first. It
// takes a few at a time. They must not be changed.
func (j *Journal) All(after uint64, filter Filter) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		r, last := j.Read(after, filter), j.Last()
		for end := false; !end; {
			b := r.Next()
			for _, e := range b.Entries {
				if e.ID > last || !yield(e) {
					return
				}
			}
			end = b.End
		}
	}
}

// Latest returns the latest selected entries, at most count of them, the oldest first.
func (j *Journal) Latest(count int, filter Filter) []Entry {
	return j.After(j.BeforeLatest(count, filter), 0, filter)
}

// BeforeLatest returns the ID after which there are at most count selected entries, the latest. It is 0 if
// there are not more than that.
func (j *Journal) BeforeLatest(count int, filter Filter) (after uint64) {
	for next := j.Last(); next > 0; {
		var found []*Entry // the latest first
		found, next = j.matchingBefore(next, filter)
		for _, e := range found {
			if filter.Request != nil && !contains(e.Request.decode(), filter.Request) {
				continue
			}
			if count == 0 {
				return e.ID
			}
			count--
		}
	}
	return 0
}

// matchingBefore returns a few entries that match the filter, with this ID or a smaller one, the latest
// first. Then it returns the ID with which to go on, or 0 at the end.
func (j *Journal) matchingBefore(id uint64, filter Filter) (found []*Entry, next uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := j.findLocked(id+1) - 1
	for i := last; i >= 0; i-- {
		if i == last-batchPlaces || len(found) == batchEntries {
			return found, j.all[i].id
		}
		if e := j.all[i].entry; e != nil && filter.matches(&e.Entry) {
			found = append(found, &e.Entry)
		}
	}
	return found, 0
}

// Has reports whether there is a selected entry.
func (j *Journal) Has(filter Filter) bool {
	for range j.All(0, filter) {
		return true
	}
	return false
}
