package chatlog

import (
	"log/slog"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// losses are what the spool has lost, until the queues count it. The spool tells it at any time, perhaps while some
// other queue is locked.
type losses struct {
	mu      sync.Mutex // guards what follows
	batches map[Target]map[spool.Batch]int

	unlogged int // number of records that the log does not say yet
	logged   time.Time
}

// logRest logs what the log does not say yet.
func (l *losses) logRest(logger *slog.Logger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unlogged > 0 {
		logger.Warn("more records of chat logs were dropped", "records", l.unlogged)
		l.unlogged = 0
	}
}

// lossLogInterval is how often the log says that records were dropped, in the machine's time.
const lossLogInterval = time.Minute

// lost notes that the spool has lost records of a batch.
func (l *Logs) lost(b spool.Batch, records int, reason string) {
	key := Target{b.Place, b.Configuration}
	l.losses.mu.Lock()
	if l.losses.batches == nil {
		l.losses.batches = map[Target]map[spool.Batch]int{}
	}
	if l.losses.batches[key] == nil {
		l.losses.batches[key] = map[spool.Batch]int{}
	}
	l.losses.batches[key][b] += records
	l.losses.mu.Unlock()
	l.dropped(key, b.Room, records, reason)
}

// dropped writes to the journal, and now and then to the log, that records of a room were dropped. The room of damaged
// records is not known, and is "".
func (l *Logs) dropped(key Target, room string, records int, reason string) {
	entry := key.logEntry()
	entry.Records, entry.Failure = records, journal.LogDropped
	l.journalDelivery(key, room, room != "", &entry, reason)
	l.losses.mu.Lock()
	defer l.losses.mu.Unlock()
	l.losses.unlogged += records
	if time.Since(l.losses.logged) >= lossLogInterval {
		l.Logger.Warn("records of chat logs were dropped", "records", l.losses.unlogged,
			"logging_configuration", key.Configuration, "reason", reason)
		l.losses.unlogged, l.losses.logged = 0, time.Now()
	}
}

// journalDelivery writes an entry about records of a queue to the journal, and of a room if they are all of one.
func (l *Logs) journalDelivery(key Target, room string, oneRoom bool, entry *journal.LogEntry, reason string) {
	owner := key.Configuration.Owner
	e := journal.Entry{
		Kind: journal.Delivery, Time: l.Clock.Account(owner.AccountID).Now(), Account: owner.AccountID,
		Region: owner.Region, Log: entry, Reason: reason,
	}
	if oneRoom {
		e.Room = ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: room}.String()
	}
	l.Journal.Add(e)
}

// takeAll returns what the spool has lost, and forgets it.
func (l *losses) takeAll() map[Target]map[spool.Batch]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.batches
	l.batches = nil
	return all
}

// lostBefore counts records that the spool has lost when it was opened, and of which the queue has therefore never
// known. The room of damaged records is not known.
func (q *queue) lostBefore(lost map[spool.Batch]int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for b, records := range lost {
		q.total.Dropped += records
		if b.Room != "" {
			q.roomLocked(b.Room).Dropped += records
		}
	}
}

// applyLossesLocked counts what the spool has lost of the queue.
func (q *queue) applyLossesLocked() {
	l := &q.logs.losses
	l.mu.Lock()
	lost := l.batches[q.key]
	delete(l.batches, q.key)
	l.mu.Unlock()
	for key, records := range lost {
		if b := q.batches[key]; b != nil {
			q.loseLocked(b, min(records, b.records))
		}
	}
}

// loseLocked counts records of a batch that are lost. Their bytes are about their share of the batch.
func (q *queue) loseLocked(b *batch, records int) {
	if records == 0 {
		return
	}
	q.roomLocked(b.Room).Dropped += records
	q.total.Dropped += records
	q.countLocked(b, -records, -b.bytes*int64(records)/int64(b.records))
}
