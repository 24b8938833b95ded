package chatlog

import (
	"context"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// A queue has the records of one logging configuration that are not delivered to one destination yet. While a
// goroutine sends, ended is a channel that it closes when it ends.
type queue struct {
	// Static.
	logs    *Logs
	key     Target
	limits  destination.Limits
	names   journal.LogEntry // of its logging configuration and its destination
	context context.Context  // of its deliveries
	cancel  context.CancelFunc
	wake    chan struct{} // has a value if there may be new attempts

	mu       sync.Mutex // guards what follows, and appending to the spool
	gone     bool       // was removed, and takes no more records
	batches  map[spool.Batch]*batch
	bytes    int64        // of the texts of all records
	waiting  int64        // its part of Logs.waiting
	alarm    *clock.Alarm // the latest one, nil if there was none
	alarmAt  time.Time
	attempts []attempt // that wait for the next round
	ended    chan struct{}
	looked   time.Time // when the goroutine last looked what is due, in the service's time
	round    *round    // that goes on, nil if there is none
	rooms    map[string]*roomState
	full     int // number of rooms after which those without records are forgotten
	total    Counts
	latest   time.Time // when records were delivered last, in the service's time
	where    string    // where they are
	failure  *Failure  // the latest one since the last success, nil if there is none
}

// A batch has the records of one room in one window.
type batch struct {
	spool.Batch
	number  uint64 // batches that began earlier have a smaller one
	records int
	bytes   int64
	// overdue says that it is due before its end: it is from an earlier process whose clock was ahead, or a delivery
	// before its end has failed.
	overdue bool
	origins origins // of its records, in their order

	// Used only by the goroutine that sends.
	failures int
	left     int    // number of records to deliver in this round
	partial  *chunk // what a delivery has left, to be delivered first
}

// A roomState is what a queue knows of a room.
type roomState struct {
	Counts
	window time.Time // the start of the one of which records were delivered last
	next   int       // the position behind that delivery
}

// An attempt is a wish to deliver.
type attempt struct {
	all  bool          // also what is not due yet
	done chan struct{} // closed when what was there was delivered, or has failed
}

// logEntry returns an entry with the names of the key.
func (k Target) logEntry() journal.LogEntry {
	return journal.LogEntry{LoggingConfiguration: k.Configuration.String(), Destination: k.Place.String()}
}

func newQueue(l *Logs, key Target) *queue {
	q := &queue{
		logs: l, key: key, names: key.logEntry(), limits: destination.LimitsOf(key.Place.Kind),
		wake: make(chan struct{}, 1), batches: map[spool.Batch]*batch{}, rooms: map[string]*roomState{},
		full: keptRooms,
	}
	q.context, q.cancel = context.WithCancel(l.context)
	return q
}

// restore adds what an earlier process has left in the spool.
func (q *queue) restore(pending spool.Pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.batchLocked(pending.Batch)
	b.overdue = pending.Start.After(q.now()) // the clock was ahead, and may not get there for a long time
	q.countLocked(b, pending.Records, pending.Bytes)
	q.setAlarmLocked(pending.End)
}

// now returns the time of the clock of the queue's account.
func (q *queue) now() time.Time { return q.logs.Clock.Account(q.key.Place.Owner.AccountID).Now() }

// earlyShare is the part of the spool that a queue may take before it is delivered early.
const earlyShare = 8

// observe shows and adds a record of the room with an ARN. It returns false if the queue was removed.
func (q *queue) observe(room string, record destination.Record) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone {
		return false
	}
	at := q.now() // before the record is shown: who sees it can move the clock, and expects that this ends the window
	q.logs.show(q.names, q.key.Configuration.Owner, room, record)
	q.appendLocked(record, at, nil)
	return true
}

// append adds a record that was accepted at a time. It returns false if the queue was removed.
func (q *queue) append(record destination.Record, at time.Time, from Origin) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone {
		return false
	}
	b, now := q.appendLocked(record, at, from), q.now()
	if b == nil || !b.Start.After(now) && b.End.After(now) {
		return true
	}
	b.overdue = true // its alarm has rung, or the clock was ahead, and may not get there for a long time
	q.looked = time.Time{}
	if q.ended == nil {
		q.attemptLocked(attempt{})
	}
	return true
}

// appendLocked adds a record that was accepted at a time. It returns its batch, or nil if it was dropped.
func (q *queue) appendLocked(record destination.Record, at time.Time, from Origin) *batch {
	if len(record.Text) > q.limits.RecordBytes {
		q.roomLocked(record.Room).Dropped++
		q.total.Dropped++
		q.logs.dropped(q.key, record.Room, 1, "the record is longer than the destination takes")
		if from != nil {
			from.Done(1)
		}
		return nil
	}
	window := q.logs.window(q.key.Place.Kind)
	start := at.Truncate(window)
	key := spool.Batch{
		Place: q.key.Place, Configuration: q.key.Configuration, Room: record.Room, Start: start, End: start.Add(window),
	}
	q.logs.spool.Append(key, record)
	b := q.batchLocked(key)
	b.origins.add(from)
	q.countLocked(b, 1, int64(len(record.Text)))
	q.applyLossesLocked()
	q.setAlarmLocked(key.End)
	if q.bytes > q.logs.SpoolBytes/earlyShare {
		q.deliverEarlyLocked()
	}
	return b
}

// deliverEarly makes the queue deliver everything, unless it is delivering, or its last delivery has failed.
func (q *queue) deliverEarly() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deliverEarlyLocked()
}

func (q *queue) deliverEarlyLocked() {
	if len(q.batches) > 0 && q.failure == nil && q.ended == nil {
		q.attemptLocked(attempt{all: true})
	}
}

// About how many bytes of the spool a record and a batch take beside the texts.
const (
	recordOverhead = 64
	batchOverhead  = 512
)

// weighLocked notes how many bytes of the spool wait for the end of their window. What is being delivered does not
// wait, and what cannot be delivered would not become less.
func (q *queue) weighLocked() {
	weight := int64(0)
	if !q.gone && q.failure == nil && q.ended == nil {
		weight = q.bytes + int64(q.total.Spooled)*recordOverhead + int64(len(q.batches))*batchOverhead
	}
	q.logs.waiting.Add(weight - q.waiting)
	q.waiting = weight
}

// show adds a record to the journal of records. The entry has the names of its target.
func (l *Logs) show(entry journal.LogEntry, owner ivschat.Owner, room string, record destination.Record) {
	entry.Record = record.Text
	l.records.Add(journal.Entry{
		Kind: journal.Record, Time: record.Time, Account: owner.AccountID, Region: owner.Region, Room: room,
		Log: &entry,
	})
}

// roomARN returns the ARN of a room of the queue's owner. Rooms and logging configurations have the same one.
func (q *queue) roomARN(id string) ivschat.ARN {
	return ivschat.ARN{Owner: q.key.Configuration.Owner, ResourceType: ivschat.RoomResource, ID: id}
}

// batchLocked returns the batch with a key, and makes it if there is none.
func (q *queue) batchLocked(key spool.Batch) *batch {
	b := q.batches[key]
	if b == nil {
		b = &batch{Batch: key, number: q.logs.lastBatch.Add(1)}
		q.batches[key] = b
	}
	return b
}

// countLocked counts records that came into a batch, or left it if the numbers are negative.
func (q *queue) countLocked(b *batch, records int, bytes int64) {
	b.records += records
	b.bytes += bytes
	b.origins.done(-records)
	q.bytes += bytes
	q.roomLocked(b.Room).Spooled += records
	q.total.Spooled += records
	if b.records == 0 {
		q.bytes -= b.bytes
		delete(q.batches, b.Batch)
	}
	q.weighLocked()
}

// setAlarmLocked makes the clock wake the queue at the end of a window.
func (q *queue) setAlarmLocked(end time.Time) {
	if end.Equal(q.alarmAt) {
		return
	}
	q.alarmAt = end
	q.alarm = q.logs.Clock.Account(q.key.Place.Owner.AccountID).At(end, func() <-chan struct{} {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.ended == nil { // otherwise it will look again, after a failure when its time has come
			q.attemptLocked(attempt{})
		}
		return nil
	})
}

// attempt makes the queue deliver what is due, or all. It returns a channel that is closed when that was delivered
// or has failed.
func (q *queue) attempt(a attempt) (done <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	a.done = make(chan struct{})
	q.attemptLocked(a)
	return a.done
}

func (q *queue) attemptLocked(a attempt) {
	if q.gone || q.context.Err() != nil {
		a.end()
		return
	}
	q.attempts = append(q.attempts, a)
	if q.ended == nil {
		q.ended = make(chan struct{})
		q.weighLocked()
		go q.send()
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// settle makes the queue deliver what is due. It returns nil if there is nothing new since the goroutine last looked,
// which then tries again when its time has come. Otherwise, it returns a channel that is closed when what is due was
// delivered or has failed, and whether the last delivery worked.
func (q *queue) settle() (done <-chan struct{}, works bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	for _, b := range q.batches {
		if b.End.After(q.looked) && !b.End.After(now) {
			a := attempt{done: make(chan struct{})}
			q.attemptLocked(a)
			return a.done, q.failure == nil
		}
	}
	if q.round == nil {
		return nil, false
	}
	return q.round.done, q.failure == nil
}

// end tells who waits for the attempt.
func (a attempt) end() {
	if a.done != nil {
		close(a.done)
	}
}

// remove removes everything from the queue, which takes no more records, and cancels its deliveries.
func (q *queue) remove() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.retireLocked()
	for key, b := range q.batches {
		q.logs.spool.Remove(key, math.MaxUint64)
		b.origins.done(b.records)
	}
	clear(q.batches)
	q.weighLocked()
}

// retireLocked makes the queue take no more records, and cancels its deliveries.
func (q *queue) retireLocked() {
	q.gone = true
	q.cancel()
	if q.alarm != nil { // it would keep the queue in memory, for ever if the clock stands still
		q.logs.Clock.Stop(q.alarm)
	}
	q.applyLossesLocked() // or the next queue with this key would count them
}

// removeIfIdle removes the queue if there is nothing to deliver, and reports whether it did.
func (q *queue) removeIfIdle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	idle := len(q.batches) == 0 && q.ended == nil
	if idle {
		q.retireLocked()
	}
	return idle
}

// awaitIdle waits until nothing is being sent.
func (q *queue) awaitIdle() {
	q.mu.Lock()
	ended := q.ended
	q.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// keptRooms is how many rooms a queue has numbers of before those without records are forgotten.
const keptRooms = 10_000

// roomLocked returns what is known of a room.
func (q *queue) roomLocked(id string) *roomState {
	r := q.rooms[id]
	if r == nil {
		if len(q.rooms) >= q.full {
			maps.DeleteFunc(q.rooms, func(_ string, r *roomState) bool { return r.Spooled == 0 })
			q.full = max(keptRooms, 2*len(q.rooms)) // so that looking at all of them is rare
		}
		r = new(roomState)
		q.rooms[id] = r
	}
	return r
}
