package replica

import (
	"context"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// The times of a writer, of the machine.
const (
	// gatherTime is how long a writer waits for more records, which then need one message.
	gatherTime = 5 * time.Millisecond
	// saysInterval is how often a writer says at most what is written.
	saysInterval = 50 * time.Millisecond
	// removalPause is how long it waits after it could not remove messages.
	removalPause = 250 * time.Millisecond
)

// messageBytes is the size of a message with records at which another one begins.
const messageBytes = 128 << 10

// A writer is what a node has to do as the one that delivers.
type writer struct {
	// Static.
	logs    *ChatLogs
	context context.Context // ends when this node is the writer no longer
	stop    context.CancelFunc
	wake    chan struct{} // has a value if there may be something to do
	loaded  chan struct{} // closed when it has what the one before it has left
	quit    chan struct{} // closed by finish
	ended   chan struct{} // closed when its goroutine ends

	// Used by its goroutine, and by finish after that.
	said    uint64 // the number up to which it has said that records are written
	lastSay time.Time

	mu       sync.Mutex                  // guards what follows; nothing else is locked while it is held
	open     map[chatlog.Target]*message // to which records are added
	outgoing []*message                  // not in the queue yet, in their order
	queued   []*message                  // in the queue, in their order
	done     int                         // number of queued ones whose records are all done
	written  uint64                      // see logsState
	cleared  uint64                      // number of the latest removal
	removals []func()                    // wait until deliveries of removed records have ended
	finished bool                        // no other node is to go on meanwhile
}

// A message has records of one target and one window, which are done at about the same time. It stays in the queue
// until all of them are.
type message struct {
	writer  *writer
	target  chatlog.Target
	window  time.Time      // its start
	records []queuedRecord // nil once it is in the queue
	bytes   int            // of their texts
	last    uint64         // number of the latest record
	id      uint64         // in the queue
	left    int            // number of records that are not done
}

// A queuedMessage is the content of a message.
type queuedMessage struct {
	Run     string
	Target  chatlog.Target
	Records []queuedRecord
}

type queuedRecord struct {
	Number uint64    `json:"n"`
	At     time.Time `json:"at"`
	destination.Record
}

// newWriter makes this node the writer.
func (s *ChatLogs) newWriter() *writer {
	w := &writer{
		logs: s, wake: make(chan struct{}, 1), loaded: make(chan struct{}), quit: make(chan struct{}),
		ended: make(chan struct{}), open: map[chatlog.Target]*message{}, written: s.state.Written,
	}
	for _, cleared := range s.state.Cleared {
		w.cleared = max(w.cleared, cleared)
	}
	w.context, w.stop = context.WithCancel(context.Background())
	go w.run()
	return w
}

func (w *writer) isLoaded() bool {
	select {
	case <-w.loaded:
		return true
	default:
		return false
	}
}

// awaitLoaded waits until the writer has loaded, and reports whether it has before the context has ended.
func (w *writer) awaitLoaded(ctx context.Context) bool {
	select {
	case <-w.loaded:
		return true
	case <-ctx.Done():
	case <-w.context.Done():
	}
	return false
}

// notify wakes the goroutine.
func (w *writer) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// add adds the record of an item to the queues of these targets. It is called with ChatLogs.mu.
func (w *writer) add(i item, targets []chatlog.Target) {
	for _, target := range targets {
		w.mu.Lock()
		m, window := w.open[target], w.logs.WindowStart(target, i.At)
		if m == nil || !m.window.Equal(window) {
			m = &message{writer: w, target: target, window: window}
			w.open[target] = m
			w.outgoing = append(w.outgoing, m)
		}
		m.records = append(m.records, queuedRecord{i.Number, i.At, i.Record})
		m.last = i.Number
		m.left++
		if m.bytes += len(i.Text); m.bytes >= messageBytes {
			delete(w.open, target)
		}
		w.mu.Unlock()
		w.logs.Add(target, i.Record, i.At, m)
	}
	w.notify()
}

// Done implements chatlog.Origin.
func (m *message) Done(records int) {
	w := m.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	m.left -= records
	switch {
	case m.id == 0 && w.open[m.target] == m:
		delete(w.open, m.target) // what comes later is done later
	case m.id != 0 && m.left == 0:
		w.done++
		w.notify()
	}
}

// clear notes that records were removed, by the item with a number.
func (w *writer) clear(number uint64, await func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.open) // or a message would have records from before and after that
	w.cleared = number
	w.removals = append(w.removals, await)
	w.notify()
}

// awaitRemovals waits until deliveries of removed records have ended.
func (w *writer) awaitRemovals() {
	w.mu.Lock()
	removals := w.removals
	w.removals = nil
	w.mu.Unlock()
	for _, await := range removals {
		await()
	}
}

// confirmed notes that all nodes know what is written.
func (w *writer) confirmed(number uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = max(w.written, number)
	if w.done > 0 {
		w.notify()
	}
}

// run loads what is left of the writer before this one, and then works until its context ends or finish is called.
func (w *writer) run() {
	defer close(w.ended)
	if !w.load() {
		return
	}
	for {
		select {
		case <-w.wake:
		case <-w.quit:
			return
		case <-w.context.Done():
			return
		}
		again := w.work(w.context)
		pause(w.context, max(again, gatherTime))
		if again > 0 {
			w.notify()
		}
	}
}

// pause waits, but not longer than the context.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// work appends records to the queue, removes what is done from it, and says what is written. It returns how soon it
// has to be called again if nothing else happens, 0 for never.
func (w *writer) work(ctx context.Context) (again time.Duration) {
	s := w.logs
	s.mu.Lock()
	number, run := s.state.Number, s.state.Run // what has this number is in a message, or was removed
	s.mu.Unlock()
	if !w.append(ctx, run) {
		return removalPause
	}
	if err := w.remove(ctx); err != nil {
		s.logger.Debug("records of chat logs that are done stay in NATS for the moment", "error", err)
		return removalPause
	}
	s.mu.Lock()
	lacks := s.state.lacks(number)
	s.mu.Unlock()
	switch since := time.Since(w.lastSay); {
	case !lacks || number <= w.said:
		return 0
	case since < saysInterval:
		return saysInterval - since
	}
	w.said, w.lastSay = number, time.Now()
	s.post(logsChange{Written: number})
	return 0
}

// append appends all outgoing messages to the queue, and reports whether that worked.
func (w *writer) append(ctx context.Context, run string) bool {
	w.mu.Lock()
	outgoing := w.outgoing
	w.outgoing = nil
	clear(w.open)
	w.mu.Unlock()
	for i, m := range outgoing {
		w.mu.Lock()
		left, records := m.left, m.records
		w.mu.Unlock()
		if left == 0 {
			continue // it was delivered, or removed, meanwhile
		}
		id, err := w.logs.queue.Append(ctx, encode(queuedMessage{run, m.target, records}))
		w.mu.Lock()
		if err != nil {
			w.outgoing = append(outgoing[i:], w.outgoing...)
			w.mu.Unlock()
			return false
		}
		w.addQueuedLocked(m, id)
		w.mu.Unlock()
	}
	return true
}

// addQueuedLocked notes that a message is in the queue.
func (w *writer) addQueuedLocked(m *message, id uint64) {
	m.id, m.records = id, nil
	w.queued = append(w.queued, m)
	if m.left == 0 {
		w.done++
	}
}

// remove removes messages from the queue whose records are done. A record that was delivered stays until all nodes
// know that it is in the queue. Otherwise the next writer could think that it is lost.
func (w *writer) remove(ctx context.Context) error {
	w.mu.Lock()
	if w.done == 0 {
		w.mu.Unlock()
		return nil
	}
	var ids []uint64
	first := uint64(0) // that stays
	for _, m := range w.queued {
		switch removable := m.left == 0 && (m.last <= max(w.written, w.cleared) || w.finished); {
		case !removable && first == 0:
			first = m.id
		case removable && first != 0:
			ids = append(ids, m.id)
		}
	}
	if first == 0 {
		first = w.queued[len(w.queued)-1].id + 1
	}
	w.mu.Unlock()
	if err := w.logs.queue.Remove(ctx, ids, first); err != nil {
		return err
	}
	w.forget(ids, first)
	return nil
}

// forget forgets messages that were removed: those with these IDs, and all before the first.
func (w *writer) forget(ids []uint64, first uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := make([]*message, 0, len(w.queued))
	for _, m := range w.queued {
		switch {
		case len(ids) > 0 && m.id == ids[0]:
			ids = ids[1:]
			w.done--
		case m.id < first:
			w.done--
		default:
			left = append(left, m)
		}
	}
	w.queued = left
}

// finish does what is left to do until the context ends, instead of the goroutine.
func (w *writer) finish(ctx context.Context) {
	close(w.quit)
	select {
	case <-w.ended:
	case <-ctx.Done():
		return
	}
	w.mu.Lock()
	w.finished = true
	w.mu.Unlock()
	w.lastSay = time.Time{}
	w.work(ctx)
}
