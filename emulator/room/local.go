package room

import (
	"sync/atomic"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// Local is the fan-out of a single process. Its methods never fail, except that Publish returns ErrThrottled.
type Local struct {
	hub     hub.Hub
	limiter *throttle.Limiter // static
	counts  counts

	joined atomic.Int64 // how many sessions there have been
}

var _ Fanout = (*Local)(nil)

// NewLocal returns the fan-out of a single process, with this limiter. The finder knows which rooms were deleted.
func NewLocal(finder Finder, limiter *throttle.Limiter) *Local {
	l := &Local{limiter: limiter}
	l.counts.live = func(room ivschat.ARN) bool { return l.hub.Has(room) || Exists(finder, room) }
	return l
}

// Observe implements Fanout.
func (l *Local) Observe(o hub.Observer) { l.hub.Observe(o) }

// Join implements Fanout.
func (l *Local) Join(room ivschat.ARN, user string, capacity int) (Member, error) {
	number := l.joined.Add(1)
	return Member{Member: l.hub.Join(room, user, capacity), Session: number}, nil
}

// Leave implements Fanout. The hub knows by itself who is no recipient any more.
func (l *Local) Leave(ivschat.ARN, *Member) {}

// Publish implements Fanout.
func (l *Local) Publish(room ivschat.ARN, p Publication) error {
	if allowed, err := l.limiter.Allow(p.Limits[:]...); err != nil {
		return err
	} else if !allowed {
		return ErrThrottled
	}
	publication := hub.Publication{
		Frame: p.Frame, Cause: p.Cause, Time: p.Time, CloseReason: p.CloseReason, CloseName: p.CloseUser,
	}
	if sender := p.Sender; sender != nil {
		if sender.messages == nil {
			sender.messages = l.counts.of(room)
		}
		publication.Counter, publication.Sender = sender.messages, sender.Member
	}
	l.hub.Publish(room, publication)
	return nil
}

// Messages implements Fanout.
func (l *Local) Messages(room ivschat.ARN) int64 { return l.counts.messages(room) }

// Forget implements Fanout.
func (l *Local) Forget(account string) error {
	l.limiter.Forget(account)
	l.counts.forget(account)
	return nil
}
