package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A writer lets writes that come at the same time share a commit, and with it
// the wait for the disk.
type writer struct {
	mu      sync.Mutex
	waiting []*write
	busy    bool
}

type write struct {
	ctx   context.Context // of the caller
	do    func(*bolt.Tx) error
	rooms bool // it may change rooms
	done  chan error
}

// update runs do in a transaction, which it may share with others, and returns
// when that is on the disk. When do fails nothing of it is kept. It may be run
// again when another one failed.
func (s *Store) update(ctx context.Context, do func(*bolt.Tx) error) error {
	return s.write(ctx, do, true)
}

// updateOther is update for what changes no room.
func (s *Store) updateOther(ctx context.Context, do func(*bolt.Tx) error) error {
	return s.write(ctx, do, false)
}

func (s *Store) write(ctx context.Context, do func(*bolt.Tx) error, rooms bool) error {
	w := &write{ctx, do, rooms, make(chan error, 1)}
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

// commit writes what waits, and leaves what has come since to somebody else, so
// that no caller works for others for long.
func (s *Store) commit() {
	s.writer.mu.Lock()
	writes := s.writer.waiting
	s.writer.waiting = nil
	s.writer.mu.Unlock()
	for len(writes) > 0 {
		failed, err := s.transact(writes)
		if slices.ContainsFunc(writes, func(w *write) bool { return w.rooms }) {
			s.rooms.forget()
		}
		if failed >= 0 { // the others try again without it
			writes[failed].done <- err
			writes = append(writes[:failed:failed], writes[failed+1:]...)
			continue
		}
		for _, w := range writes {
			w.done <- err
		}
		break
	}
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	if s.writer.busy = len(s.writer.waiting) > 0; s.writer.busy {
		go s.commit()
	}
}

// transact runs writes in one transaction. An error is about the one that
// failed, or about all if that is -1. bbolt panics when it finds its file
// damaged: then, too, everybody has to be told.
func (s *Store) transact(writes []*write) (failed int, err error) {
	failed = -1
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	err = s.db.Update(func(tx *bolt.Tx) error {
		for i, w := range writes {
			if err := w.run(tx); err != nil {
				failed = i
				return err
			}
		}
		return nil
	})
	return failed, err
}

// run runs a write, unless its caller's context has ended. A panic is returned as an error, so that it
// does not reach the callers that share the transaction.
func (w *write) run(tx *bolt.Tx) (err error) {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.do(tx)
}

// A roomCache has rooms as they are on the disk. Reading a room is what every
// message begins with.
type roomCache struct {
	mu         sync.RWMutex
	rooms      map[ivschat.ARN]ivschat.Room
	generation uint64 // counts the writes that may change one
}

// mostCached is how many rooms a cache has at most.
const mostCached = 10_000

// get gives a room, if it is known, and the generation to put it with if not.
func (c *roomCache) get(arn ivschat.ARN) (room ivschat.Room, known bool, generation uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	room, known = c.rooms[arn]
	return room, known, c.generation
}

// put keeps a room that was read, unless something was written since.
func (c *roomCache) put(room ivschat.Room, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != generation {
		return
	}
	if c.rooms == nil || len(c.rooms) >= mostCached {
		c.rooms = map[ivschat.ARN]ivschat.Room{}
	}
	c.rooms[room.ARN] = room
}

// forget is told of every write that may change a room, before its caller is.
func (c *roomCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	clear(c.rooms)
}
