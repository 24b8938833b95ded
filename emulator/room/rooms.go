// Package room has the rules of a chat room: who may do what, how often, and who receives it. It is
// the only package that makes decisions about live chat.
//
// rooms.go has the sessions of all rooms, publish.go what is sent to everyone in a room, session.go
// one connection of one user, action.go what its client asks for, limit.go the rate limits. fanout.go says what
// delivers frames: local.go does in a single process, with count.go for how many messages there were. nodes.go has
// the sessions of all processes.
package room

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// Config is what live rooms work with. Every member is required, except where noted.
type Config struct {
	Finder  Finder
	Fanout  Fanout
	Random  *random.Source
	Clock   *clock.Clock
	Journal *journal.Journal
	Faults  *fault.Set
	Logger  *slog.Logger

	// Nodes are all processes that have sessions; nil if this is the only one.
	Nodes Nodes

	// Reviewer reviews messages of rooms that have a message review handler.
	Reviewer Reviewer
	// Observers see what is sent to everyone in a room. There may be none.
	Observers []hub.Observer

	// Limiter has the buckets of all rate limits of accounts and rooms. The fan-out uses the same one.
	Limiter *throttle.Limiter
	// MessageAttributeBytes is the maximum size of the Attributes of a message (decision D24).
	MessageAttributeBytes int

	// Limits for an account in a region, per second. 0 means no limit.
	SendMessageRate, DeleteMessageRate, DisconnectUserRate, SendEventRate int
}

// A Finder finds rooms as they are now.
type Finder interface {
	// Room returns the room, or a ResourceNotFoundException.
	Room(context.Context, ivschat.ARN) (ivschat.Room, error)
}

// A Reviewer decides about messages before they are delivered.
type Reviewer interface {
	// Review returns the message to deliver, which may differ from the given one, or the error for its
	// sender, who has this chat token and IP address. If the room's message review handler fails, Review
	// applies the room's fallback result. It may be called for several senders at the same time, and blocks
	// its sender only. The context ends when the session of the sender ends.
	Review(
		ctx context.Context, room ivschat.Room, sender ivschat.ChatToken, ip string, message messaging.Message,
	) (messaging.Message, *messaging.Error)
}

// Rooms has the sessions of all rooms. It is safe for concurrent use.
type Rooms struct {
	Config // static after New

	warnOfAttributes sync.Once

	mu       sync.Mutex         // guards what follows
	sessions map[int64]*Session // by their IDs
}

// New returns rooms without sessions.
func New(config Config) *Rooms {
	r := &Rooms{Config: config, sessions: map[int64]*Session{}}
	r.Fanout.Observe(r.record)
	for _, observer := range r.Observers {
		r.Fanout.Observe(observer)
	}
	return r
}

// Sessions returns the open sessions of this process, of an account and of a room, the oldest first. An empty account
// or ARN means all. A session that is being closed is not open, even if its client is still
// connected.
func (r *Rooms) Sessions(account string, room ivschat.ARN) []*Session {
	return slices.DeleteFunc(r.all(account, room), func(s *Session) bool { return !s.open() })
}

// Messages returns how many messages were accepted in the room since the emulator started, or since its account
// was reset or restored.
func (r *Rooms) Messages(room ivschat.ARN) int64 { return r.Fanout.Messages(room) }

// all returns also the sessions that are being closed.
func (r *Rooms) all(account string, room ivschat.ARN) (found []*Session) {
	r.mu.Lock()
	for _, s := range r.sessions {
		if (account == "" || s.Token.Room.Owner.AccountID == account) &&
			(room == ivschat.ARN{} || s.Token.Room == room) {
			found = append(found, s)
		}
	}
	r.mu.Unlock() // before sorting, which takes long if there are many
	slices.SortFunc(found, func(a, b *Session) int {
		return cmp.Or(a.ConnectTime.Compare(b.ConnectTime), cmp.Compare(a.ID(), b.ID()))
	})
	return found
}

// resetTimeout is how long, in the machine's time, a reset waits for all clients together until what
// is queued for them is written.
const resetTimeout = 100 * time.Millisecond

// Reset closes the sessions of an account, or all when it is "", for a reset. See closeAll.
func (r *Rooms) Reset(account string) error { return r.closeAll(account, hub.Reset) }

// Restore closes the sessions of an account, or all when it is "", because a snapshot replaces their
// rooms. See closeAll.
func (r *Rooms) Restore(account string) error { return r.closeAll(account, hub.Restored) }

// closeAll closes the sessions of an account, or all when it is "", on all nodes, refills the rate limits, and
// counts messages from 0 again. It returns when the connections are closed, at the latest after about a second.
func (r *Rooms) closeAll(account string, reason hub.Reason) error {
	if r.Nodes == nil {
		r.CloseHere(account, reason)
	} else if err := r.Nodes.Close(account, reason); err != nil {
		return unavailable(err)
	}
	if err := r.Fanout.Forget(account); err != nil {
		return unavailable(err)
	}
	return nil
}

// CloseHere closes the sessions of an account, or all when it is "", of this process. It returns when the connections
// are closed, at the latest after about a second.
func (r *Rooms) CloseHere(account string, reason hub.Reason) {
	sessions := r.all(account, ivschat.ARN{})
	for _, s := range sessions {
		s.Close(reason)
	}
	ctx, cancel := context.WithTimeout(context.Background(), resetTimeout)
	defer cancel()
	var aborts sync.WaitGroup
	for _, s := range sessions {
		if !s.awaitClosed(ctx) || s.Broken() { // a fault may keep a broken connection open
			aborts.Go(func() { s.abort(reason) })
		}
	}
	aborts.Wait()
}
