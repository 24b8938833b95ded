package throttle

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"
)

// maximumSkew is how far the clocks of two nodes may be apart: a time that is earlier by that much means that the
// clock of the account was set back (decision D86).
const maximumSkew = 10 * time.Second

// AllowAt is like Allow where several nodes have the same buckets. All call it with the same times and limits in
// the same order, and get the same results: these depend on nothing else.
//
// The times are those of different machines. So the time of an account is the latest that there was, unless the
// account's clock was set back.
func (l *Limiter) AllowAt(now time.Time, limits ...Limit) bool {
	first := slices.IndexFunc(limits, Limit.limits)
	if first < 0 {
		return true
	}
	account := limits[first].Key.Owner.AccountID
	now = now.Round(0).UTC() // without what only this machine knows
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweepSharedLocked()
	latest := l.accounts[account].Latest
	if ahead := latest.Sub(now); ahead > 0 && ahead < maximumSkew {
		now = latest
	}
	l.accounts[account] = Account{Latest: now, Used: true}
	return l.allowLocked(now, limits)
}

// An Account is what AllowAt knows about an account.
type Account struct {
	Latest time.Time // its time, as far as that is known
	Used   bool      // since the last sweep
}

// maximumBuckets is how many buckets can stay between two sweeps although nobody uses them. Those of an account
// that makes no more calls are never known to be full, because its time is not known.
const maximumBuckets = 10_000

// sweepSharedLocked is sweepLocked for AllowAt.
func (l *Limiter) sweepSharedLocked() {
	if l.sweepIn--; l.sweepIn > 0 {
		return
	}
	l.dropFullLocked(func(account string) time.Time { return l.accounts[account].Latest })
	tooMany := len(l.buckets) > maximumBuckets
	left := make(map[string]Account)
	for key := range l.buckets {
		if account := key.Owner.AccountID; tooMany && !l.accounts[account].Used {
			delete(l.buckets, key)
		} else {
			left[account] = Account{Latest: l.accounts[account].Latest}
		}
	}
	l.accounts = left
	l.sweepIn = max(len(l.buckets), minimumSweep)
}

// A State is what a Limiter has, as a value. Limiters that were used in the same way have equal states.
type State struct {
	Buckets  []BucketState
	Accounts map[string]Account // by their IDs
	SweepIn  int                // calls until the full buckets are dropped
}

// A BucketState is what a Bucket has, as a value.
type BucketState struct {
	Key    Key
	Amount int64 // what was in it at the latest use, in billionths of a token
	Rate   int   // of the latest use, in tokens per second
	Latest time.Time
}

// Save returns the state, with the buckets in the order of their keys.
func (l *Limiter) Save() State {
	l.mu.Lock()
	state := State{
		Buckets: make([]BucketState, 0, len(l.buckets)), Accounts: maps.Clone(l.accounts), SweepIn: l.sweepIn,
	}
	for key, b := range l.buckets {
		state.Buckets = append(state.Buckets, BucketState{key, b.amount, b.rate, b.latest})
	}
	l.mu.Unlock()
	sort.Slice(state.Buckets, func(i, j int) bool {
		a, b := state.Buckets[i], state.Buckets[j]
		return cmp.Or(
			cmp.Compare(a.Key.Owner.AccountID, b.Key.Owner.AccountID),
			cmp.Compare(a.Key.Owner.Region, b.Key.Owner.Region),
			cmp.Compare(a.Key.RoomID, b.Key.RoomID),
			cmp.Compare(a.Key.Action, b.Key.Action),
		) < 0
	})
	return state
}

// Load replaces what the limiter has by the state of another one. The zero State is that of a new limiter.
func (l *Limiter) Load(state State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets, l.accounts, l.sweepIn = map[Key]*Bucket{}, map[string]Account{}, state.SweepIn
	maps.Copy(l.accounts, state.Accounts)
	for _, b := range state.Buckets {
		l.buckets[b.Key] = &Bucket{amount: b.Amount, rate: b.Rate, latest: b.Latest}
	}
}
