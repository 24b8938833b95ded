// Package clock is the emulated service's time, which can be moved forward.
//
// Whatever the service itself would date or let expire asks this clock.
// Deadlines of sockets, log lines and shutdown use the machine's own time.
package clock

import (
	"container/heap"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Clock runs with the machine's time, ahead of it by what was added with
// Advance, faster or slower by its scale. The zero value runs with the machine.
// It is safe for concurrent use.
type Clock struct {
	pace atomic.Pointer[pace] // nil is the machine's time

	mu     sync.Mutex
	alarms alarms      // earliest first
	timer  *time.Timer // for the earliest alarm, nil before the first one

	ringing bool      // somebody lets alarms ring, so that they ring in order
	idle    sync.Cond // nobody does any more
}

// A pace is how the clock has run since it was last touched.
type pace struct {
	machine time.Time // when it was touched
	service time.Time // the clock's time then
	scale   float64   // seconds of the service in one of the machine, 0 when it stands still
}

// at gives the clock's time at a moment of the machine.
func (p *pace) at(machine time.Time) time.Time {
	if p == nil {
		return machine
	}
	return p.service.Add(time.Duration(p.scale * float64(machine.Sub(p.machine))))
}

// Now gives the service's time, in UTC.
func (c *Clock) Now() time.Time { return c.pace.Load().at(time.Now()).UTC() }

// Ahead is how far the clock is ahead of the machine's time.
func (c *Clock) Ahead() time.Duration {
	now := time.Now()
	return c.pace.Load().at(now).Sub(now)
}

// Scale is how many seconds pass in one of the machine's, 0 when the clock
// stands still.
func (c *Clock) Scale() float64 {
	if p := c.pace.Load(); p != nil {
		return p.scale
	}
	return 1
}

// Farthest is how far ahead of the machine's time a clock can be moved: a
// hundred years, which keeps every time representable in nanoseconds.
const Farthest = 100 * 365 * 24 * time.Hour

// FastestScale is the largest scale: a day in a second.
const FastestScale = 24 * 60 * 60

// Advance moves the clock forward and returns when every alarm that fell due
// has rung, in the order of their times. It panics for a negative d, since
// time never runs backwards, and beyond Farthest: only a mistake in the
// calling program can ask for either. It must not be called by an alarm.
func (c *Clock) Advance(d time.Duration) {
	c.change(func(p *pace) {
		if d < 0 || d > Farthest-p.service.Sub(p.machine) {
			panic("clock: Advance by " + d.String() + " is negative or leads more than a hundred years ahead")
		}
		p.service = p.service.Add(d)
	})
	c.ringDue()
}

// SetScale lets the clock run at the scale from now on: 1 is the machine's, 0
// stands still. It panics for what is negative or above FastestScale.
func (c *Clock) SetScale(scale float64) {
	if !(scale >= 0 && scale <= FastestScale) {
		panic(fmt.Sprintf("clock: the scale %v is negative or too fast", scale))
	}
	c.change(func(p *pace) { p.scale = scale })
}

// Reset lets the clock run with the machine's time again, which may take it
// back. Alarms that are set keep their times.
func (c *Clock) Reset() {
	c.pace.Store(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTimerLocked()
}

// change lets do work on the pace as it is at this moment.
func (c *Clock) change(do func(*pace)) {
	for {
		old := c.pace.Load()
		now := time.Now()
		changed := &pace{machine: now, service: old.at(now), scale: 1}
		if old != nil {
			changed.scale = old.scale
		}
		do(changed)
		if c.pace.CompareAndSwap(old, changed) {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTimerLocked()
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

// ringDue rings what is due, one after another, and waits for whoever does so
// already.
func (c *Clock) ringDue() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle.L == nil {
		c.idle.L = &c.mu
	}
	for c.ringing {
		c.idle.Wait()
	}
	c.ringing = true
	for len(c.alarms) > 0 && !c.alarms[0].at.After(c.Now()) {
		alarm := heap.Pop(&c.alarms).(*Alarm)
		c.mu.Unlock()
		alarm.ring()
		c.mu.Lock()
	}
	c.ringing = false
	c.idle.Broadcast()
	c.setTimerLocked()
}

// setTimerLocked lets the machine wake the clock for its earliest alarm.
func (c *Clock) setTimerLocked() {
	scale := c.Scale()
	if len(c.alarms) == 0 || scale == 0 {
		if c.timer != nil {
			c.timer.Stop()
		}
		return
	}
	// Rounded up, so that it does not wake before its time again and again.
	wait := time.Duration(math.Ceil(float64(c.alarms[0].at.Sub(c.Now())) / scale))
	if c.timer == nil {
		c.timer = time.AfterFunc(wait, c.ringDue)
	} else {
		c.timer.Reset(wait)
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
