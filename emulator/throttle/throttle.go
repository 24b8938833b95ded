// Package throttle limits rates with token buckets, as AWS documents its own throttling (Amazon EC2
// API: Request throttling; decision D23).
//
// A bucket holds as many tokens as its rate allows in a second, and refills at that rate. What is
// allowed takes one token. All times are the service's, so a clock that is advanced refills buckets,
// and one that stands still does not.
package throttle

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Bucket is one token bucket. The zero value is full. It is not safe for concurrent use.
type Bucket struct {
	tokens *rate.Limiter // nil until first used
	latest time.Time     // the latest time at which it was used
}

// Allow takes a token if there is one, and reports whether there was. The rate is in tokens per
// second, and is also the capacity of the bucket; 0 means no limit. A rate that differs from that of
// the last call takes effect at once, and also for the time since that call.
func (b *Bucket) Allow(now time.Time, perSecond int) bool {
	if !b.has(now, perSecond) {
		return false
	}
	b.take()
	return true
}

// setBack is how much earlier than the latest use a time must be to mean that the clock was set
// back. A smaller difference means that callers read the clock in one order and got here in another.
const setBack = time.Second

// has reports whether a token can be taken, after it has brought the bucket up to date.
func (b *Bucket) has(now time.Time, perSecond int) bool {
	if perSecond == 0 {
		return true
	}
	limit := rate.Limit(perSecond)
	switch {
	case b.tokens == nil, b.latest.Sub(now) >= setBack:
		// A limiter refills only after its latest time. When the clock was set back, it would stay
		// empty until that time comes again.
		b.tokens, b.latest = rate.NewLimiter(limit, perSecond), now
	case b.tokens.Limit() != limit: // applies to the time since the last use
		b.tokens.SetLimitAt(b.latest, limit)
		b.tokens.SetBurstAt(b.latest, perSecond)
	}
	if now.After(b.latest) {
		b.latest = now
	}
	return b.tokens.TokensAt(b.latest) >= 1
}

// take takes a token. Call has first, which reports whether there is one.
func (b *Bucket) take() {
	if b.tokens != nil {
		b.tokens.AllowN(b.latest, 1)
	}
}

// full reports whether the bucket, which was used, is the same as a new one. It is also when the clock
// was set back.
func (b *Bucket) full(now time.Time) bool {
	return b.latest.Sub(now) >= setBack || b.tokens.TokensAt(now) >= float64(b.tokens.Burst())
}

// A Key names a bucket that several callers share.
type Key struct {
	Action string        // what is limited
	Owner  ivschat.Owner // whose
	RoomID string        // in which room; "" for the owner's account and region
}

// A Limit is a rate, in tokens per second, for the bucket of a key. 0 means no limit.
type Limit struct {
	Key       Key
	PerSecond int
}

// A Limiter has the buckets of all keys. Full buckets are dropped now and then, so memory is needed
// only for about as many keys as are used in a second. It is safe for concurrent use.
type Limiter struct {
	now func(account string) time.Time // static

	mu      sync.Mutex // guards what follows
	buckets map[Key]*Bucket
	sweepIn int // calls of Allow until the full buckets are dropped
}

// NewLimiter returns a limiter whose buckets are full. now returns the time of an account.
func NewLimiter(now func(account string) time.Time) *Limiter {
	return &Limiter{now: now, buckets: map[Key]*Bucket{}}
}

// minimumSweep is how many calls there are at least between two sweeps.
const minimumSweep = 64

// Allow takes a token from the bucket of every limit if each has one, and reports whether it did.
// Otherwise it takes none.
func (l *Limiter) Allow(limits ...Limit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweepLocked()
	for _, limit := range limits {
		if limit.PerSecond == 0 {
			continue
		}
		if now := l.now(limit.Key.Owner.AccountID); !l.bucketLocked(limit.Key).has(now, limit.PerSecond) {
			return false
		}
	}
	for _, limit := range limits {
		if limit.PerSecond > 0 {
			l.buckets[limit.Key].take()
		}
	}
	return true
}

func (l *Limiter) bucketLocked(key Key) *Bucket {
	if b, ok := l.buckets[key]; ok {
		return b
	}
	b := new(Bucket)
	l.buckets[key] = b
	return b
}

// sweepLocked drops the full buckets after as many calls as the last sweep left buckets. So a call
// costs a constant number of them on average, whether or not it adds one.
func (l *Limiter) sweepLocked() {
	if l.sweepIn--; l.sweepIn > 0 {
		return
	}
	for key, b := range l.buckets {
		if b.full(l.now(key.Owner.AccountID)) {
			delete(l.buckets, key)
		}
	}
	l.sweepIn = max(len(l.buckets), minimumSweep)
}

// Forget drops the buckets of an account, or all when account is "".
func (l *Limiter) Forget(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range l.buckets {
		if account == "" || key.Owner.AccountID == account {
			delete(l.buckets, key)
		}
	}
}
