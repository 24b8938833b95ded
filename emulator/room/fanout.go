package room

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// A Fanout delivers frames to the sessions in a room, in one order for all, within rate limits. Local is the one for
// a single process. An error other than ErrThrottled means that what was asked for may happen later, or not at all.
type Fanout interface {
	// Observe adds an observer, before anything is published.
	Observe(hub.Observer)
	// Join makes a new session a member of the room, for which up to capacity frames are queued. It misses nothing
	// that is published after Join has returned.
	Join(room ivschat.ARN, user string, capacity int) (Member, error)
	// Leave says that a session is being closed, or has ended, so that it is no recipient any more. It is called once
	// for each session, and does not wait.
	Leave(room ivschat.ARN, m *Member)
	// Publish sends a frame to every member of the room. It returns ErrThrottled, and sends nothing, if that exceeds
	// one of the limits. Nothing is sent, and that is no error, if the sender is being closed. It is called for one
	// message of a sender after another.
	Publish(room ivschat.ARN, p Publication) error
	// Messages returns how many messages were accepted in the room since the first node started, or since Forget.
	Messages(room ivschat.ARN) int64
	// Forget refills the rate limits and counts messages from 0 again, of an account or of all if it is "".
	Forget(account string) error
}

// ErrThrottled is the error of Fanout.Publish if a rate limit is exceeded.
var ErrThrottled = errors.New("the rate limit is exceeded")

// A Member is a session as the fan-out has it.
type Member struct {
	*hub.Member
	Session int64 // its number, from 1, which no other open session has

	messages *atomic.Int64 // the counter of its room, for Local; nil before the first message
}

// A Publication is one frame for all members of a room. Its limits are those of the room or of its owner.
type Publication struct {
	Frame  *hub.Frame
	Cause  string    // the action or operation that caused it; only for observers
	Time   time.Time // the service's; only for observers
	Limits Limits
	// Sender, if there is one, is the sender of a message. Nothing is published once it is being closed: after the
	// frame that says so, no one receives anything from it. Only publications with a sender are counted.
	Sender *Member
	// CloseReason, if there is one, closes the members of the user CloseUser after this frame.
	CloseReason hub.Reason
	CloseUser   string
}

// Limits are the rate limits that something has to keep. A limit of 0 per second is none.
type Limits [2]throttle.Limit
