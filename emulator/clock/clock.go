// Package clock is the emulated service's time, which can be moved forward.
//
// Whatever the service itself would date or let expire asks this clock.
// Deadlines of sockets, log lines and shutdown use the machine's own time.
package clock

import (
	"sync/atomic"
	"time"
)

// A Clock runs with the machine's time, ahead of it by what was added with
// Advance. The zero value is ready. It is safe for concurrent use.
type Clock struct {
	ahead atomic.Int64 // nanoseconds
}

// Now gives the service's time, in UTC.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load())).UTC()
}

// Farthest is how far ahead of the machine's time a clock can be: a hundred
// years, which keeps every time representable in nanoseconds.
const Farthest = 100 * 365 * 24 * time.Hour

// Advance moves the clock forward. It panics for a negative d, since time
// never runs backwards, and beyond Farthest: only a mistake in the calling
// program can ask for either.
func (c *Clock) Advance(d time.Duration) {
	for {
		ahead := time.Duration(c.ahead.Load())
		if d < 0 || d > Farthest-ahead {
			panic("clock: Advance by " + d.String() + " is negative or leads more than a hundred years ahead")
		}
		if c.ahead.CompareAndSwap(int64(ahead), int64(ahead+d)) {
			return
		}
	}
}
