package store

// How writes share commits
//
// Each commit waits for the disk. So writes that come at the same time share one: when no commit
// is running, the caller's own goroutine commits its write at once. Writes that come meanwhile wait,
// and are committed together as the next batch, by a goroutine that ends after that batch.
//
// The writes of a batch run one after the other, in the order in which they came. Each makes a new index
// from that of the write before it, and changes of the file. When one of them fails, both are dropped, and
// the failed write returns its error. At the end, the file is changed in one transaction. The last index
// becomes the one of the store when that is committed, before the callers are answered. So a read never
// waits for the disk, and sees neither half of a write nor what may still be lost. In memory there is no
// file, and all else is the same.
//
// The context of a write is checked once, when its batch begins. If it has ended by then, the write
// does not run, and its caller gets the context's error at that moment, not earlier. A write that has
// begun is finished even if its context ends.
//
// Who owns what:
//   - writer.mu guards waiting and busy. It is not held while writes run.
//   - busy is true while a goroutine runs commit, or is about to. There is at most one.
//   - A batch, and each write in it, belongs to the goroutine that runs commit.
//   - write.done is a channel with a buffer of one. commit sends exactly one error, the caller
//     receives it, and no one closes the channel.
//
// Why this is not bolt.DB.Batch (bbolt 1.5.0, db.go):
//   - The first call of a batch starts a timer, and the batch runs when that fires, after
//     MaxBatchDelay (10 ms), or when it has MaxBatchSize (1000) calls. A write that comes alone waits
//     the 10 ms too. Here such a write took 0.3 ms on a disk.
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
	"fmt"
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

// A write is one call of update.
type write struct {
	ctx  context.Context // of the caller
	run  func(*draft) error
	done chan error
}

// update runs a function that changes a draft, and returns when the change is on disk, and all reads see
// it. If the function returns an error, nothing of it is stored and update returns that error. If the
// context ends before the function begins, it does not run and update returns the context's error. In a shared
// store, the function may run several times: see shared.go.
func (s *Store) update(ctx context.Context, run func(*draft) error) error {
	w := &write{ctx: ctx, run: run, done: make(chan error, 1)}
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

	if s.log != nil {
		s.commitShared(batch)
	} else {
		s.commitBatch(slices.DeleteFunc(batch, (*write).cancelled))
	}

	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	if s.writer.busy = len(s.writer.waiting) > 0; s.writer.busy {
		go s.commit()
	}
}

// commitBatch makes the writes, and answers their callers. A write that fails is dropped, and the others
// are made without it.
func (s *Store) commitBatch(batch []*write) {
	before, err := s.beforeWrites()
	if err != nil {
		answer(batch, err)
		return
	}
	after := before
	var made []*write
	var changes []func(*bolt.Tx) error
	for _, w := range batch {
		d := draft{index: *after, edit: new(edit), keeps: s.db != nil}
		if err := w.make(&d); err != nil {
			w.done <- err
			continue
		}
		after, made, changes = &d.index, append(made, w), append(changes, d.file...)
	}
	written, err := s.store(changes)
	if written {
		s.index.CompareAndSwap(before, after) // unless the store was closed meanwhile
	}
	answer(made, err)
}

func answer(writes []*write, err error) {
	for _, w := range writes {
		w.done <- err
	}
}

// beforeWrites returns the index that writes begin with.
func (s *Store) beforeWrites() (*index, error) {
	if err := s.file.check(betweenCommits); err != nil {
		return nil, err
	}
	return s.current()
}

// store makes the changes in the file: all of them or none. They may be written although there is an error,
// for instance because the system does not say that they are on the disk. bbolt panics when it finds its
// file damaged. That becomes an error, so that every caller gets an answer.
func (s *Store) store(changes []func(*bolt.Tx) error) (written bool, err error) {
	if len(changes) == 0 {
		return true, nil
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	tx, err := s.begin()
	if err != nil {
		return false, err
	}
	defer s.end(tx, &err)
	for _, change := range changes {
		if err := change(tx); err != nil {
			return false, err
		}
	}
	id := uint64(tx.ID())
	if err := tx.Commit(); err != nil {
		return s.file.failed(err)
	}
	s.file.wrote(id)
	return true, s.file.check(betweenCommits)
}

// end ends a transaction, unless its commit has ended it. If the commit has panicked, the rollback makes
// bbolt release its lock; it does not read the file.
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

// make runs the write. It returns a panic as an error, so that the panic does not reach the other callers.
func (w *write) make(d *draft) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.run(d)
}
