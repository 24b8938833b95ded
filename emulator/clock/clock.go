// Package clock is the emulated service's time, which can be moved forward.
//
// Whatever the service itself would date or let expire asks this clock.
// Deadlines of sockets, log lines and shutdown use the machine's own time.
package clock

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// A Clock runs with the machine's time, ahead of it by what was added with
// Advance. The zero value is ready. It is safe for concurrent use.
type Clock struct {
	ahead atomic.Int64 // nanoseconds

	mu     sync.Mutex
	alarms alarms      // earliest first
	timer  *time.Timer // for the earliest alarm, nil before the first one

	ringing sync.Mutex // held while alarms ring, so that they ring in order
}

// Now gives the service's time, in UTC.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load())).UTC()
}

// Farthest is how far ahead of the machine's time a clock can be: a hundred
// years, which keeps every time representable in nanoseconds.
const Farthest = 100 * 365 * 24 * time.Hour

// Advance moves the clock forward and returns when every alarm that fell due
// has rung, in the order of their times. It panics for a negative d, since
// time never runs backwards, and beyond Farthest: only a mistake in the
// calling program can ask for either. It must not be called by an alarm.
func (c *Clock) Advance(d time.Duration) {
	for {
		ahead := time.Duration(c.ahead.Load())
		if d < 0 || d > Farthest-ahead {
			panic("clock: Advance by " + d.String() + " is negative or leads more than a hundred years ahead")
		}
		if c.ahead.CompareAndSwap(int64(ahead), int64(ahead+d)) {
			break
		}
	}
	c.ringDue()
}

// An Alarm rings once, when the clock reaches its time.
type Alarm struct {
	at    time.Time
	ring  func()
	index int // in the heap, -1 when it is not there any more
}

// At lets ring be called when the clock reaches the time, at once if it has
// passed. Alarms ring one after another, so ring must not wait for another.
func (c *Clock) At(at time.Time, ring func()) *Alarm {
	alarm := &Alarm{at: at, ring: ring}
	c.mu.Lock()
	defer c.mu.Unlock()
	heap.Push(&c.alarms, alarm)
	if alarm.index == 0 {
		c.setTimerLocked()
	}
	return alarm
}

// Stop keeps an alarm from ringing. One that rings at this moment is not
// waited for.
func (c *Clock) Stop(alarm *Alarm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if alarm.index >= 0 {
		heap.Remove(&c.alarms, alarm.index)
		c.setTimerLocked()
	}
}

func (c *Clock) ringDue() {
	c.ringing.Lock()
	defer c.ringing.Unlock()
	for {
		alarm := c.nextDue()
		if alarm == nil {
			return
		}
		alarm.ring()
	}
}

// nextDue takes the earliest alarm off the heap if its time has come.
func (c *Clock) nextDue() *Alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.alarms) == 0 || c.alarms[0].at.After(c.Now()) {
		c.setTimerLocked()
		return nil
	}
	return heap.Pop(&c.alarms).(*Alarm)
}

// setTimerLocked lets the machine wake the clock for its earliest alarm.
func (c *Clock) setTimerLocked() {
	switch {
	case len(c.alarms) == 0:
		if c.timer != nil {
			c.timer.Stop()
		}
	case c.timer == nil:
		c.timer = time.AfterFunc(c.alarms[0].at.Sub(c.Now()), c.ringDue)
	default:
		c.timer.Reset(c.alarms[0].at.Sub(c.Now()))
	}
}

// alarms is a heap for container/heap, by time.
type alarms []*Alarm

// Len is heap.Interface's.
func (a alarms) Len() int { return len(a) }

// Less is heap.Interface's.
func (a alarms) Less(i, j int) bool { return a[i].at.Before(a[j].at) }

// Swap is heap.Interface's.
func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

// Push is heap.Interface's.
func (a *alarms) Push(x any) {
	alarm := x.(*Alarm)
	alarm.index = len(*a)
	*a = append(*a, alarm)
}

// Pop is heap.Interface's.
func (a *alarms) Pop() any {
	last := len(*a) - 1
	alarm := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	alarm.index = -1
	return alarm
}
