// Package chatlog writes what is said in rooms to their chat logs: it makes the records, collects them in windows of
// the service's time, and delivers them.
//
// # How it works
//
// Observe is called for each frame that everyone in a room receives, under the lock of the room. It appends the
// record of the frame to the spool, once for each logging configuration of the room that is ACTIVE, and returns. So
// chat never waits for a destination, and what a client has received is in the spool.
//
// A queue has the batches of one logging configuration with one destination (queue.go). A batch has the records of a
// room and of a window, and is due at the end of the window, when an alarm of the clock wakes the queue. A goroutine
// then delivers what is due (delivery.go). It ends when nothing is due, and waits longer and longer after failures.
// Each queue has its own, so a destination that hangs holds up no other.
//
// Several processes can have the same chat logs (nodes.go). All accept the same records, and one adds them to its
// queues and delivers them. Where its records are in case it ends, is told when they are delivered.
//
// Who locks what: queue.mu guards a queue, and is held while a record is appended to the spool, so that no record
// gets into a window that is being delivered. Logs.mu guards the list of queues, and is never taken while a queue is
// locked. Losses are told by the spool, perhaps while a queue is locked, so they have a lock of their own.
package chatlog

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// DefaultWindow is how long records for S3 are collected into one object (decision D67).
const DefaultWindow = 5 * time.Minute

// The size of the spool in bytes.
const (
	DefaultSpoolBytes = 256 << 20
	MinimumSpoolBytes = 1 << 20
)

// streamWindow is how long records for CloudWatch Logs and Firehose are collected (User Guide: Chat Logging, which
// has 10 seconds as the average delay).
const streamWindow = 10 * time.Second

// recordsBytes is how much memory the records take that the admin API shows.
const recordsBytes = 64 << 20

// Config is what chat logs work with. Every member is required, except where noted.
type Config struct {
	Configurations Configurations
	Destinations   destination.Deliverer
	SpoolDir       string        // "" keeps records that are not delivered in memory
	SpoolBytes     int64         // the maximum
	Window         time.Duration // how long records for S3 are collected, in the service's time
	Clock          *clock.Clock
	Journal        *journal.Journal
	Logger         *slog.Logger
	Nodes          Nodes // nil if no other process has the same chat logs
}

// Configurations finds logging configurations.
type Configurations interface {
	// ActiveLoggingConfigurations returns those of a room that are ACTIVE. It is called for each frame, and must not
	// block.
	ActiveLoggingConfigurations(room ivschat.ARN) []ivschat.LoggingConfiguration
}

// Logs are the chat logs of all rooms. They are safe for concurrent use.
type Logs struct {
	Config    // static after New
	spool     *spool.Spool
	records   *journal.Journal // of records, as they were accepted
	context   context.Context  // of all deliveries; ends with Close
	stop      context.CancelFunc
	losses    losses
	lastBatch atomic.Uint64 // number of the latest batch
	waiting   atomic.Int64  // bytes that wait for the end of their window, see queue.weighLocked
	relieving atomic.Bool   // whether relieve is running

	mu     sync.RWMutex // guards what follows
	queues map[Target]*queue
	full   int // number of queues after which those that have nothing to deliver are removed
}

// A Target is where a record goes. Each has a queue. A logging configuration whose destination was changed has another
// one from then on, so what was accepted before is delivered to the old destination.
type Target struct {
	Place         destination.Place
	Configuration ivschat.ARN // the logging configuration
}

// New returns chat logs, and begins to deliver what an earlier process has left in the spool. Close ends them.
func New(config Config) (*Logs, error) {
	l := &Logs{Config: config, records: journal.New(recordsBytes), queues: map[Target]*queue{}, full: keptQueues}
	l.context, l.stop = context.WithCancel(context.Background())
	var err error
	l.spool, err = spool.Open(spool.Config{
		Dir: config.SpoolDir, Bytes: config.SpoolBytes, Lost: l.lost, Logger: config.Logger,
	})
	if err != nil {
		l.stop()
		return nil, err
	}
	left := 0
	for _, pending := range l.spool.Pending() {
		l.queue(Target{pending.Place, pending.Configuration}).restore(pending)
		left += pending.Records
	}
	if left > 0 {
		l.Logger.Info("an earlier run has left records of chat logs, which are delivered now or when their window ends",
			"records", left)
	}
	for key, lost := range l.losses.takeAll() {
		l.queue(key).lostBefore(lost)
	}
	for _, q := range l.selected("", ivschat.ARN{}) {
		q.attempt(attempt{})
	}
	l.Clock.AfterMove(l.settle)
	return l, nil
}

// Observe adds a frame to the chat logs of its room. It is a hub.Observer.
func (l *Logs) Observe(room ivschat.ARN, p hub.Publication, _ int) {
	configurations := l.Configurations.ActiveLoggingConfigurations(room)
	if len(configurations) == 0 {
		return
	}
	name, record := room.String(), newRecord(room, p)
	for _, c := range configurations {
		key := Target{destination.PlaceOf(c), c.ARN}
		for q := l.queue(key); !q.observe(name, record); q = l.queue(key) {
			l.drop(q)
		}
	}
	l.relieveIfFull()
}

// relieveIfFull delivers what waits for the end of its window if that is too much.
func (l *Logs) relieveIfFull() {
	if l.waiting.Load() > l.SpoolBytes/waitingShare && l.relieving.CompareAndSwap(false, true) {
		go l.relieve() // because it looks at all queues
	}
}

// waitingShare is the part of the spool that all records may take that wait for the end of their window. Beyond it,
// they are delivered early. Otherwise many logging configurations could fill the spool, and lose records although
// their destinations work.
const waitingShare = 4

// relieve delivers what waits for the end of its window.
func (l *Logs) relieve() {
	defer l.relieving.Store(false)
	for _, q := range l.selected("", ivschat.ARN{}) {
		q.deliverEarly()
	}
}

// drop removes a queue that takes no more records from the list.
func (l *Logs) drop(q *queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queues[q.key] == q {
		delete(l.queues, q.key)
	}
}

// Records returns the journal of the records, as they were accepted. Its entries have the kind Record.
func (l *Logs) Records() *journal.Journal { return l.records }

// window returns how long records of a kind are collected.
func (l *Logs) window(kind destination.Kind) time.Duration {
	if kind == destination.S3 {
		return l.Window
	}
	return streamWindow
}

// keptQueues is how many queues there may be before those that have nothing to deliver are removed. A queue without
// records is kept only for its numbers.
const keptQueues = 10_000

// queue returns the queue for a key. It may have been removed by the time it is used.
func (l *Logs) queue(key Target) *queue {
	l.mu.RLock()
	q := l.queues[key]
	l.mu.RUnlock()
	if q != nil {
		return q
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if q = l.queues[key]; q == nil {
		if len(l.queues) >= l.full {
			l.removeIdleLocked()
			l.full = max(keptQueues, 2*len(l.queues)) // so that looking at all of them is rare
		}
		q = newQueue(l, key)
		l.queues[key] = q
	}
	return q
}

// removeIdleLocked removes the queues that have nothing to deliver.
func (l *Logs) removeIdleLocked() {
	for key, q := range l.queues {
		if q.removeIfIdle() {
			delete(l.queues, key)
		}
	}
}

// selected returns the queues of an account, or of all if it is "", and of a logging configuration, or of all if it
// is the zero value. They are in the order of their logging configurations.
func (l *Logs) selected(account string, configuration ivschat.ARN) (found []*queue) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for key, q := range l.queues {
		if (account == "" || key.Configuration.Owner.AccountID == account) &&
			(configuration == ivschat.ARN{} || key.Configuration == configuration) {
			found = append(found, q)
		}
	}
	slices.SortFunc(found, func(a, b *queue) int {
		return cmp.Or(cmp.Compare(a.key.Configuration.String(), b.key.Configuration.String()),
			cmp.Compare(a.key.Place.Kind, b.key.Place.Kind), cmp.Compare(a.key.Place.Name, b.key.Place.Name))
	})
	return found
}

// Those who move the clock wait until what fell due is delivered, but not longer than settleTimeout for a destination
// that delivers nothing, and settleMaximum in total. Both are in the machine's time (decision D73).
const (
	settleTimeout = 5 * time.Second
	settleMaximum = time.Minute
)

// settle delivers what is due after the clock of an account was moved, or of all if it is "". It waits for
// destinations that work, but not for one that has failed since its last success: it may hang.
func (l *Logs) settle(account string) {
	ctx, cancel := context.WithTimeout(l.context, settleMaximum)
	defer cancel()
	if l.Nodes != nil {
		l.Nodes.Await(ctx)
	}
	var waiting sync.WaitGroup
	for _, q := range l.selected(account, ivschat.ARN{}) {
		if done, works := q.settle(); done != nil && works {
			waiting.Go(func() { q.awaitProgress(ctx, done) })
		}
	}
	waiting.Wait()
}

// awaitProgress waits until done is closed, as long as records are delivered and the context has not ended.
func (q *queue) awaitProgress(ctx context.Context, done <-chan struct{}) {
	for before := -1; ; {
		q.mu.Lock()
		delivered := q.total.Delivered
		q.mu.Unlock()
		if delivered == before {
			return
		}
		before = delivered
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-time.After(settleTimeout):
		}
	}
}

// Flush delivers everything of an account, or of all accounts if it is "", also before its window ends. It returns
// when everything was delivered or has failed, or when the context ends. The error is that of Nodes.
func (l *Logs) Flush(ctx context.Context, account string) error {
	if l.Nodes != nil {
		return l.Nodes.Flush(ctx, account)
	}
	l.FlushOwn(ctx, account)
	return nil
}

// FlushOwn is Flush for this process.
func (l *Logs) FlushOwn(ctx context.Context, account string) {
	var waiting []<-chan struct{}
	for _, q := range l.selected(account, ivschat.ARN{}) {
		waiting = append(waiting, q.attempt(attempt{all: true}))
	}
	await(ctx, waiting)
}

// await waits for all channels until the context ends.
func await(ctx context.Context, all []<-chan struct{}) {
	for _, done := range all {
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
	}
}

// Clear removes the records of an account that are not delivered yet, or of all if it is "", and what the admin API
// shows of them. It cancels deliveries that are in progress. The error is that of Nodes.
func (l *Logs) Clear(account string) error {
	if l.Nodes != nil {
		return l.Nodes.Clear(account)
	}
	l.Remove(account)()
	l.records.Remove(account)
	return nil
}

// Remove removes the records of an account from this process that are not delivered yet, or all if it is "". It cancels
// deliveries that are in progress, and returns a function that waits for their end.
func (l *Logs) Remove(account string) (await func()) {
	removed := l.selected(account, ivschat.ARN{})
	for _, q := range removed {
		q.remove()
		l.drop(q)
	}
	return func() {
		for _, q := range removed {
			q.awaitIdle()
		}
	}
}

// Close delivers what it can until the context ends, and then closes the spool and the destinations. It says how
// many records are left, which are lost if they were in memory only. Call it when nothing is published any more.
func (l *Logs) Close(ctx context.Context) error {
	l.FlushOwn(ctx, "")
	l.stop()
	left := 0
	for _, q := range l.selected("", ivschat.ARN{}) {
		q.awaitIdle()
		left += q.status("").Spooled
	}
	if left > 0 && l.SpoolDir == "" {
		l.Logger.Warn("records of chat logs were not delivered, and are lost because they were in memory only",
			"records", left)
	} else if left > 0 {
		l.Logger.Info("records of chat logs are not delivered yet; the next start goes on with them", "records", left)
	}
	l.Destinations.Close()
	err := l.spool.Close() // loses what cannot be written
	l.losses.logRest(l.Logger)
	return err
}
