package store

// How writes share commits
//
// Each commit waits for the disk. So writes that come at the same time share one: when no commit
// is running, the caller's own goroutine commits its write at once. Writes that come meanwhile wait,
// and are committed together as the next batch, by a goroutine that ends after that batch.
//
// A batch is one transaction, in which its writes run one after the other, in the order in which
// they came. When one of them fails, the transaction is rolled back, the failed write returns its
// error, and the others run again in a new transaction, without it.
//
// The context of a write is checked once, when its batch begins. If it has ended by then, the write
// does not run, and its caller gets the context's error at that moment, not earlier. A write that has
// begun is finished even if its context ends: others share its transaction.
//
// Who owns what:
//   - writer.mu guards waiting and busy. It is not held during a transaction.
//   - busy is true while a goroutine runs commit, or is about to. There is at most one.
//   - A batch, and each write in it, belongs to the goroutine that runs commit.
//   - write.done is a channel with a buffer of one. commit sends exactly one error, the caller
//     receives it, and no one closes the channel.
//
// Why this is not bolt.DB.Batch (bbolt 1.5.0, db.go):
//   - The first call of a batch starts a timer, and the batch runs when that fires, after
//     MaxBatchDelay (10 ms), or when it has MaxBatchSize (1000) calls. A write that comes alone waits
//     the 10 ms too. Here such a write took 0.02 ms in memory and 0.3 ms on a disk.
//   - A shorter delay shares less, because a batch closes when its timer fires, even while another
//     one is being committed. With a delay of 0, 640 writes by 32 goroutines took 640 transactions
//     on that disk; here they took 40.
//   - A function that fails in a batch is run again, alone, by its caller. Most of our failures are
//     exceptions such as ResourceNotFoundException, which a second run would only repeat.
//   - Batch recovers from panics in the functions only (safelyCall), and the timer runs the batch in a
//     goroutine of its own. So a panic during the commit, as bbolt has for a damaged file, would end
//     the program. Here it becomes the error of every write in the batch.
//   - Batch has no contexts.

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"
)

// A writer queues writes.
type writer struct {
	mu      sync.Mutex
	waiting []*write
	busy    bool
}

// A write is one call of update or updateWithoutRooms.
type write struct {
	ctx   context.Context // of the caller
	run   func(*bolt.Tx) error
	rooms bool // run may change rooms
	done  chan error
}

// update runs a function in a transaction, which others may share, and returns when that is on disk.
// If the function returns an error, nothing of it is stored and update returns that error. The
// function may run again after another write failed. If the context ends before the transaction
// begins, the function does not run and update returns the context's error.
func (s *Store) update(ctx context.Context, run func(*bolt.Tx) error) error {
	return s.write(&write{ctx: ctx, run: run, rooms: true})
}

// updateWithoutRooms is update for a function that does not change rooms.
func (s *Store) updateWithoutRooms(ctx context.Context, run func(*bolt.Tx) error) error {
	return s.write(&write{ctx: ctx, run: run})
}

func (s *Store) write(w *write) error {
	w.done = make(chan error, 1)
	s.writer.mu.Lock()
	s.writer.waiting = append(s.writer.waiting, w)
	first := !s.writer.busy
	s.writer.busy = true
	s.writer.mu.Unlock()
	if first {
		s.commit()
	}
	return <-w.done
}

// commit commits the waiting writes as one batch. The next batch gets a goroutine of its own, so that
// no caller works long for others.
func (s *Store) commit() {
	s.writer.mu.Lock()
	batch := s.writer.waiting
	s.writer.waiting = nil
	s.writer.mu.Unlock()

	s.commitBatch(slices.DeleteFunc(batch, (*write).cancelled))

	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	if s.writer.busy = len(s.writer.waiting) > 0; s.writer.busy {
		go s.commit()
	}
}

func (s *Store) commitBatch(batch []*write) {
	for len(batch) > 0 {
		failed, err := s.transact(batch)
		if slices.ContainsFunc(batch, func(w *write) bool { return w.rooms }) {
			s.rooms.clear()
		}
		if failed < 0 {
			for _, w := range batch {
				w.done <- err
			}
			return
		}
		batch[failed].done <- err
		batch = slices.Delete(batch, failed, failed+1)
	}
}

// transact runs the writes in one transaction. failed is the index of the write that failed, or -1 if
// the error is about all of them. bbolt panics when it finds its file damaged. That becomes an error
// too, so that every caller gets an answer.
func (s *Store) transact(writes []*write) (failed int, err error) {
	failed = -1
	if err := s.file.check(betweenCommits); err != nil {
		return failed, err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	tx, err := s.begin(true)
	if err != nil {
		return failed, err
	}
	defer s.end(tx, &err)
	for i, w := range writes {
		if err := w.runIn(tx, s.file); err != nil {
			return i, err
		}
	}
	id := uint64(tx.ID())
	if err := tx.Commit(); err != nil {
		return failed, s.file.failed(err)
	}
	s.file.wrote(id)
	return failed, s.file.check(betweenCommits)
}

// end ends a transaction that writes, unless its commit has ended it. If the commit has panicked, the
// rollback makes bbolt release its lock; it does not read the file.
func (s *Store) end(tx *bolt.Tx, err *error) {
	if p := recover(); p != nil {
		*err = s.file.panicked(p)
	}
	_ = tx.Rollback() // fails for a transaction that has ended
}

// cancelled reports whether the context of the write has ended, and if so, answers the caller.
func (w *write) cancelled() bool {
	err := w.ctx.Err()
	if err != nil {
		w.done <- err
	}
	return err != nil
}

// runIn runs the write in the transaction. It returns a panic as an error, so that the panic does not
// reach the other callers.
func (w *write) runIn(tx *bolt.Tx, f *file) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = f.writePanicked(p)
		}
	}()
	return f.found(w.run(tx))
}
