package room

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// minimumSweep is how many rooms have counters at least before those of deleted rooms are dropped.
const minimumSweep = 1024

// counts are how many messages were accepted in each room.
type counts struct {
	live func(ivschat.ARN) bool // whether the room exists or has sessions; static

	mu      sync.Mutex // guards what follows
	rooms   map[ivschat.ARN]*atomic.Int64
	sweepAt int // number of counters at which those of deleted rooms are dropped
}

// messages returns how many messages were accepted in the room.
func (c *counts) messages(room ivschat.ARN) int64 {
	c.mu.Lock()
	count := c.rooms[room]
	c.mu.Unlock()
	if count == nil {
		return 0
	}
	return count.Load()
}

// of returns the counter of a room, and makes it if there is none. Each session keeps it, so that a message
// costs one atomic addition.
func (c *counts) of(room ivschat.ARN) *atomic.Int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if count := c.rooms[room]; count != nil {
		return count
	}
	if len(c.rooms) >= max(c.sweepAt, minimumSweep) {
		c.sweepLocked()
	}
	if c.rooms == nil {
		c.rooms = map[ivschat.ARN]*atomic.Int64{}
	}
	count := new(atomic.Int64)
	c.rooms[room] = count
	return count
}

// sweepLocked drops the counters of rooms that were deleted and have no sessions. It is called when there are
// twice as many as it left the last time, so a new counter costs a constant number of steps on average.
func (c *counts) sweepLocked() {
	for room := range c.rooms {
		if !c.live(room) {
			delete(c.rooms, room)
		}
	}
	c.sweepAt = 2 * len(c.rooms)
}

// Exists reports whether a finder finds the room.
func Exists(finder Finder, room ivschat.ARN) bool {
	_, err := finder.Room(context.Background(), room)
	return err == nil
}

// forget drops the counters of an account, or all when it is "".
func (c *counts) forget(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for room := range c.rooms {
		if account == "" || room.Owner.AccountID == account {
			delete(c.rooms, room)
		}
	}
}
