package room

import (
	"context"
	"sync/atomic"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// minimumSweep is how many rooms have counters at least before those of deleted rooms are dropped.
const minimumSweep = 1024

// Messages returns how many messages were accepted in the room since the emulator started, or since its account
// was reset or restored.
func (r *Rooms) Messages(room ivschat.ARN) int64 {
	r.mu.Lock()
	count := r.messages[room]
	r.mu.Unlock()
	if count == nil {
		return 0
	}
	return count.Load()
}

// messageCount returns the counter of a room, and makes it if there is none. Each session keeps it, so that a message
// costs one atomic addition.
func (r *Rooms) messageCount(room ivschat.ARN) *atomic.Int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if count := r.messages[room]; count != nil {
		return count
	}
	if len(r.messages) >= max(r.sweepAt, minimumSweep) {
		r.sweepMessagesLocked()
	}
	count := new(atomic.Int64)
	r.messages[room] = count
	return count
}

// sweepMessagesLocked drops the counters of rooms that were deleted and have no sessions. It is called when there are
// twice as many as it left the last time, so a new counter costs a constant number of steps on average.
func (r *Rooms) sweepMessagesLocked() {
	live := map[ivschat.ARN]bool{}
	for _, s := range r.sessions {
		live[s.Token.Room] = true
	}
	for room := range r.messages {
		if _, err := r.Finder.Room(context.Background(), room); err != nil && !live[room] {
			delete(r.messages, room)
		}
	}
	r.sweepAt = 2 * len(r.messages)
}

// forgetMessages drops the counters of an account, or all when it is "".
func (r *Rooms) forgetMessages(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for room := range r.messages {
		if account == "" || room.Owner.AccountID == account {
			delete(r.messages, room)
		}
	}
}
