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

// Advance moves the clock forward. Time never runs backwards: a negative d
// panics, since only a mistake in the calling program can produce it.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic("clock: Advance by " + d.String() + ": time does not run backwards")
	}
	c.ahead.Add(int64(d))
}
