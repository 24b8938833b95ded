// Package throttle limits rates with token buckets, as AWS documents its own throttling (Amazon EC2
// API: Request throttling; decision D23).
//
// A bucket holds as many tokens as its rate allows in a second, and refills at that rate. What is
// allowed takes one token. All times are the service's, so a clock that is advanced refills buckets,
// and one that stands still does not.
package throttle

import (
	"slices"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

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
//
// Several nodes can have the same buckets: Propose brings what one of them wants to all of them, and each
// calls AllowAt (shared.go).
type Limiter struct {
	// Propose makes every node call AllowAt with this time and these limits, in the same order, and returns what
	// it returned. With nil, there is one node. It is static once the limiter is used.
	Propose func(now time.Time, limits []Limit) (bool, error)

	now func(account string) time.Time // static

	mu       sync.Mutex // guards what follows
	buckets  map[Key]*Bucket
	accounts map[string]Account // every one that has buckets, as AllowAt knows it
	sweepIn  int                // calls until the full buckets are dropped
}

// NewLimiter returns a limiter whose buckets are full. now returns the time of an account.
func NewLimiter(now func(account string) time.Time) *Limiter {
	return &Limiter{now: now, buckets: map[Key]*Bucket{}, accounts: map[string]Account{}}
}

// minimumSweep is how many calls there are at least between two sweeps.
const minimumSweep = 64

// Allow takes a token from the bucket of every limit if each has one, and reports whether it did.
// Otherwise it takes none. The limits are those of one account. The error is that of Propose; without it,
// there is none.
func (l *Limiter) Allow(limits ...Limit) (bool, error) {
	first := slices.IndexFunc(limits, Limit.limits)
	if first < 0 {
		return true, nil
	}
	account := limits[first].Key.Owner.AccountID
	if l.Propose != nil {
		return l.Propose(l.now(account), slices.Clone(limits)) // a copy, so that no caller needs to allocate
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweepLocked()
	return l.allowLocked(l.now(account), limits), nil
}

// limits reports whether the limit is one.
func (l Limit) limits() bool { return l.PerSecond > 0 }

func (l *Limiter) allowLocked(now time.Time, limits []Limit) bool {
	for _, limit := range limits {
		if limit.PerSecond > 0 && !l.bucketLocked(limit.Key).has(now, limit.PerSecond) {
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
	l.dropFullLocked(l.now)
	l.sweepIn = max(len(l.buckets), minimumSweep)
}

// dropFullLocked drops the full buckets. now returns the time of an account.
func (l *Limiter) dropFullLocked(now func(account string) time.Time) {
	for key, b := range l.buckets {
		if b.full(now(key.Owner.AccountID)) {
			delete(l.buckets, key)
		}
	}
}

// Forget drops the buckets of an account, or all when account is "". Where several nodes have the same buckets,
// each calls it at the same position among the calls of AllowAt.
func (l *Limiter) Forget(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range l.buckets {
		if account == "" || key.Owner.AccountID == account {
			delete(l.buckets, key)
			delete(l.accounts, key.Owner.AccountID)
		}
	}
}
