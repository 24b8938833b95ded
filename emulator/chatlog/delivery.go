package chatlog

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

const (
	// deliveryTimeout is how long one delivery may take, in the machine's time.
	deliveryTimeout = 10 * time.Second
	// The wait after a failure, in the machine's time, doubles up to a maximum.
	minimumWait = time.Second
	maximumWait = time.Minute
	// parallelRooms is how many rooms a queue delivers at the same time, if its destination takes them separately.
	parallelRooms = 4
)

// A round is what is delivered together: everything that was due at a moment.
type round struct {
	due      []*batch
	attempts []attempt
	done     chan struct{} // closed when everything was delivered or has failed
}

// send delivers until nothing is due. After a failure it waits, until there is a new attempt.
func (q *queue) send() {
	wait := minimumWait
	for r := q.next(); r != nil; r = q.next() {
		worked := q.deliver(r.due)
		q.end(r, worked)
		if worked {
			wait = minimumWait
			continue
		}
		select {
		case <-time.After(wait):
			wait = min(2*wait, maximumWait)
		case <-q.wake:
		case <-q.context.Done():
		}
	}
}

// next begins a round, whose batches are in no order. If nothing is due, it returns nil, and the goroutine that sends
// has to end.
func (q *queue) next() *round {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.wake: // for the attempts that are taken now
	default:
	}
	q.applyLossesLocked()
	r := &round{attempts: q.attempts, done: make(chan struct{})}
	q.attempts = nil
	if q.context.Err() == nil {
		q.looked = q.now()
		r.due = q.dueLocked(slices.ContainsFunc(r.attempts, func(a attempt) bool { return a.all }))
	}
	if len(r.due) == 0 {
		for _, a := range r.attempts {
			a.end()
		}
		close(q.ended)
		q.ended = nil
		q.weighLocked()
		return nil
	}
	q.round = r
	return r
}

// dueLocked returns the batches that were due when the goroutine looked, or all.
func (q *queue) dueLocked(all bool) (due []*batch) {
	for _, b := range q.batches {
		if all || b.overdue || !b.End.After(q.looked) {
			b.left = b.records
			due = append(due, b)
		}
	}
	return due
}

// end ends a round. What was to be delivered, but was not, is due from now on, also if its window has not ended.
func (q *queue) end(r *round, worked bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range r.due {
		b.overdue = b.overdue || !worked
	}
	q.round = nil
	close(r.done)
	for _, a := range r.attempts {
		a.end()
	}
}

// deliver delivers batches, and reports whether that worked. It stops at the first failure.
func (q *queue) deliver(due []*batch) bool {
	rooms := byRoom(due)
	if !q.limits.OneRoom {
		return q.deliverTogether(slices.Concat(rooms...))
	}
	var next, failures atomic.Int64
	var senders sync.WaitGroup
	for range min(parallelRooms, len(rooms)) {
		senders.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rooms)); i = next.Add(1) - 1 {
				for b := range slices.Chunk(rooms[i], 1) {
					if failures.Load() > 0 {
						return
					}
					if !q.deliverTogether(b) {
						failures.Add(1)
					}
				}
			}
		})
	}
	senders.Wait()
	return failures.Load() == 0
}

// byRoom returns the batches of each room in the order in which they began, so that the records of a room arrive in
// their order. Rooms whose delivery has failed come last, so that they do not hold up the others.
func byRoom(due []*batch) [][]*batch {
	slices.SortFunc(due, func(a, b *batch) int { return cmp.Compare(a.number, b.number) })
	rooms := map[string][]*batch{}
	for _, b := range due {
		rooms[b.Room] = append(rooms[b.Room], b)
	}
	return slices.SortedFunc(maps.Values(rooms), func(a, b []*batch) int {
		return cmp.Or(cmp.Compare(a[0].failures, b[0].failures), cmp.Compare(a[0].number, b[0].number))
	})
}

// deliverTogether delivers batches with as many records in one delivery as fit, and reports whether that worked.
func (q *queue) deliverTogether(batches []*batch) bool {
	batches = slices.Clone(batches)
	for {
		c, ok := q.take(batches)
		if c == nil {
			return ok
		}
		if !q.deliverChunk(c) {
			return false
		}
		batches = slices.DeleteFunc(batches, func(b *batch) bool { return b.left <= 0 })
	}
}

// A chunk has the records of one delivery. Once they are delivered, its parts are removed from the spool.
type chunk struct {
	records []destination.Record
	parts   []part
}

// setPartial sets what is left of a delivery for all batches of the chunk.
func (c *chunk) setPartial(rest *chunk) {
	for _, p := range c.parts {
		p.batch.partial = rest
	}
}

// A part is the records of a chunk that are from one batch.
type part struct {
	batch   *batch
	records int
	bytes   int64
	through uint64 // their end in the spool
}

// take returns the records that are delivered next, or nil if there are none. It returns false if they cannot be read
// for the moment.
func (q *queue) take(batches []*batch) (c *chunk, ok bool) {
	for _, b := range batches {
		if c = b.partial; c != nil {
			c.setPartial(nil)
			return c, true
		}
	}
	c = new(chunk)
	free := q.limits
	for _, b := range batches {
		if free.Records == 0 || free.Bytes < q.limits.RecordBytes+q.limits.Overhead {
			break
		}
		if b.left <= 0 {
			continue
		}
		records, through, err := q.logs.spool.Read(b.Batch, free)
		if err != nil {
			if len(c.records) > 0 {
				break
			}
			q.failed(&chunk{parts: []part{{batch: b}}}, err)
			return nil, false
		}
		if len(records) == 0 {
			q.unreadable(b)
			continue
		}
		p := part{batch: b, records: len(records), through: through}
		for _, record := range records {
			p.bytes += int64(len(record.Text))
		}
		free.Records -= p.records
		free.Bytes -= int(p.bytes) + p.records*q.limits.Overhead
		c.records = append(c.records, records...)
		c.parts = append(c.parts, p)
	}
	if len(c.records) == 0 {
		return nil, true
	}
	return c, true
}

// unreadable gives up a batch of which the spool has nothing. It has said why, if it lost the records.
func (q *queue) unreadable(b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.left = 0
	has := q.logs.spool.Has(b.Batch)
	q.applyLossesLocked()                // after that, or a loss in between would be counted twice
	if q.batches[b.Batch] == b && !has { // otherwise one was appended meanwhile
		q.loseLocked(b, b.records)
	}
}

// deliverChunk makes one delivery, and reports whether it worked.
func (q *queue) deliverChunk(c *chunk) bool {
	first := c.parts[0].batch
	delivery := destination.Delivery{
		Place: q.key.Place, Configuration: q.key.Configuration, Start: first.Start, End: first.End, Records: c.records,
		NotBefore: q.notBefore(first),
	}
	ctx, cancel := context.WithTimeout(q.context, deliveryTimeout)
	defer cancel()
	where, err := q.logs.Destinations.Deliver(ctx, delivery)
	if err == nil {
		q.delivered(c, where, delivery.Position()+1)
	} else if q.context.Err() == nil { // otherwise nobody knows, and it is delivered again or removed
		q.failed(c, err)
	}
	return err == nil
}

// notBefore returns the position behind the latest delivery of the room and window of a batch, or 0.
func (q *queue) notBefore(b *batch) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if r := q.rooms[b.Room]; r != nil && r.window.Equal(b.Start) {
		return r.next
	}
	return 0
}

// delivered removes what was delivered from the spool. next is the position behind the delivery.
func (q *queue) delivered(c *chunk, where string, next int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone { // the spool may have new batches with the same names
		return
	}
	q.applyLossesLocked()
	for _, p := range c.parts {
		p.batch.failures = 0
		removed := q.logs.spool.Remove(p.batch.Batch, p.through) // fewer if the spool has lost some meanwhile
		p.batch.left -= removed
		room := q.roomLocked(p.batch.Room)
		room.Delivered += removed
		room.window, room.next = p.batch.Start, next
		q.total.Delivered += removed
		// It may be another one by now, if all records of the one that was due were lost, and others came.
		if b := q.batches[p.batch.Batch]; b != nil && removed > 0 {
			bytes := p.bytes * int64(removed) / int64(p.records)
			q.countLocked(b, -min(removed, b.records), -min(bytes, b.bytes))
		}
	}
	q.latest, q.where = q.now(), where
	if q.failure != nil {
		q.logs.Logger.Info("records of chat logs are delivered again",
			"logging_configuration", q.key.Configuration, "destination", q.key.Place)
		q.failure = nil
	}
	entry := q.names
	entry.Where = where
	q.journal(c, &entry, "")
}

// failed notes that a delivery has failed. If a part of the records was delivered, only the others are delivered
// again.
func (q *queue) failed(c *chunk, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone {
		return
	}
	reason := destination.Other
	if e, ok := errors.AsType[*destination.Error](err); ok {
		reason = e.Reason
		if e.Failed != nil {
			rest := &chunk{parts: c.parts}
			for _, i := range e.Failed {
				rest.records = append(rest.records, c.records[i])
			}
			rest.setPartial(rest)
		}
	}
	for _, p := range c.parts {
		p.batch.failures++
	}
	if q.failure == nil || q.failure.Message != err.Error() {
		q.logs.Logger.Warn("records of chat logs cannot be delivered, and are kept to try again",
			"logging_configuration", q.key.Configuration, "destination", q.key.Place, "error", err)
	}
	attempts := 1
	if q.failure != nil {
		attempts += q.failure.Attempts
	}
	q.failure = &Failure{Time: q.now(), Reason: reason, Message: err.Error(), Attempts: attempts}
	entry := q.names
	entry.Failure = journal.LogFailure(reason)
	q.journal(c, &entry, err.Error())
}

// journal writes a delivery to the journal.
func (q *queue) journal(c *chunk, entry *journal.LogEntry, reason string) {
	entry.Records = len(c.records)
	q.logs.journalDelivery(q.key, c.parts[0].batch.Room, len(c.parts) == 1, entry, reason)
}
