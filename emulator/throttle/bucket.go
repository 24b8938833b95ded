package throttle

import "time"

// A Bucket is one token bucket. The zero value is full. It is not safe for concurrent use.
//
// It counts in whole numbers, so that buckets that were used in the same way are equal on every machine.
type Bucket struct {
	amount int64     // what is in it, in billionths of a token; not used while rate is 0
	rate   int       // of the latest use; 0 until first used
	latest time.Time // the latest time at which it was used
}

const (
	// token is one token, as an amount. A rate in tokens per second is therefore an amount per nanosecond.
	token = int64(time.Second)

	// maximumRate is the highest rate that makes a difference, so that amounts fit 64 bits.
	maximumRate = int(time.Second)

	// setBack is how much earlier than the latest use a time must be to mean that the clock was set
	// back. A smaller difference means that callers read the clock in one order and got here in another.
	setBack = time.Second
)

// Allow takes a token if there is one, and reports whether there was. The rate is in tokens per
// second, and is also the capacity of the bucket; 0 means no limit. A rate that differs from that of
// the last call takes effect at once, and also for the time since that call.
func (b *Bucket) Allow(now time.Time, perSecond int) bool {
	if perSecond == 0 {
		return true
	}
	if !b.has(now, perSecond) {
		return false
	}
	b.take()
	return true
}

// has reports whether a token can be taken, after it has brought the bucket up to date. The rate is not 0.
func (b *Bucket) has(now time.Time, perSecond int) bool {
	rate := min(perSecond, maximumRate)
	if b.rate == 0 || b.latest.Sub(now) >= setBack {
		// A bucket is refilled only after its latest time. When the clock was set back, it would stay
		// empty until that time comes again.
		*b = Bucket{amount: capacity(rate), rate: rate, latest: now}
		return true
	}
	b.rate = rate // applies to the time since the last use
	b.amount = b.at(now)
	if now.After(b.latest) {
		b.latest = now
	}
	return b.amount >= token
}

// take takes a token. Call has first, which reports whether there is one.
func (b *Bucket) take() { b.amount -= token }

// at returns what is in the bucket at a time, if it is not used until then.
func (b *Bucket) at(now time.Time) int64 {
	passed := min(max(now.Sub(b.latest), 0), time.Second) // which fills any bucket
	return min(b.amount+int64(passed)*int64(b.rate), capacity(b.rate))
}

// full reports whether the bucket, which was used, is the same as a new one. It is also when the clock
// was set back.
func (b *Bucket) full(now time.Time) bool {
	return b.latest.Sub(now) >= setBack || b.at(now) >= capacity(b.rate)
}

// capacity returns what a full bucket has.
func capacity(rate int) int64 { return int64(rate) * token }
