// Package clock is the time of the emulated service, which can be moved forward.
//
// The service's timestamps and expirations use this clock. Deadlines of sockets, log lines and the
// shutdown use the machine's time (package time).
//
// # How it works
//
// The clock's time is a linear function of the machine's time (pace). Alarms wait in a heap, and a
// timer of the machine wakes the clock for the earliest. The goroutine that finds alarms due, the
// timer's or the caller of Advance, runs them one after another (runDue). A second one waits until
// the first is done.
package clock

import (
	"container/heap"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Clock runs with the machine's time, ahead of it by what Advance added, faster or slower by its
// scale. The zero value runs with the machine. It is safe for concurrent use.
type Clock struct {
	pace atomic.Pointer[pace] // nil means the machine's time

	mu      sync.Mutex  // guards what follows
	alarms  alarms      // earliest first
	timer   *time.Timer // for the earliest alarm; nil before the first alarm
	running bool        // some goroutine runs alarms
	stopped sync.Cond   // signals that running became false
}

// A pace says how the clock has run since it was last changed.
type pace struct {
	machine time.Time // when it was changed
	service time.Time // the clock's time at that moment
	scale   float64   // seconds of the clock per second of the machine; 0 stands still
}

// at returns the clock's time at a moment of the machine. A fast clock that gets MaximumAhead stays
// that far ahead.
func (p *pace) at(machine time.Time) time.Time {
	if p == nil {
		return machine
	}
	passed := min(p.scale*float64(machine.Sub(p.machine)), float64(2*MaximumAhead)) // fits a Duration
	now := p.service.Add(time.Duration(passed))
	if latest := machine.Add(MaximumAhead); now.After(latest) {
		return latest
	}
	return now
}

// Now returns the service's time, in UTC.
func (c *Clock) Now() time.Time { return c.pace.Load().at(time.Now()).UTC() }

// Ahead returns how far the clock is ahead of the machine's time.
func (c *Clock) Ahead() time.Duration {
	now := time.Now()
	return c.pace.Load().at(now).Sub(now)
}

// Scale returns how many seconds of the clock pass in a second of the machine; 0 means that the
// clock stands still.
func (c *Clock) Scale() float64 {
	if p := c.pace.Load(); p != nil {
		return p.scale
	}
	return 1
}

// MaximumAhead is how far ahead of the machine's time a clock can be: a hundred years, which keeps
// every duration representable in nanoseconds.
const MaximumAhead = 100 * 365 * 24 * time.Hour

// MaximumScale is the largest scale: a day per second.
const MaximumScale = 24 * 60 * 60

// Advance moves the clock forward. It returns when every alarm that fell due has run, in the order of
// their times, and has taken effect, or when the time to wait for effects is used up (see At).
// It panics if d is negative or leads beyond MaximumAhead, because both are mistakes in the calling
// program. An alarm must not call it.
func (c *Clock) Advance(d time.Duration) {
	c.change(func(p *pace) {
		if d < 0 || d > MaximumAhead-p.service.Sub(p.machine) {
			panic(fmt.Sprintf("clock: Advance must not go back, or beyond a hundred years ahead of the machine's "+
				"time, but is by %s", d))
		}
		p.service = p.service.Add(d)
	})
	c.runDue()
}

// SetScale makes the clock run at the scale from now on: 1 is the machine's pace, 0 stands still. It
// panics when the scale is negative or above MaximumScale.
func (c *Clock) SetScale(scale float64) {
	if !(scale >= 0 && scale <= MaximumScale) {
		panic(fmt.Sprintf("clock: the scale must be from 0 to %d, but is %v", MaximumScale, scale))
	}
	c.change(func(p *pace) { p.scale = scale })
}

// Reset makes the clock run with the machine's time again, which can set it back. Alarms keep their
// times.
func (c *Clock) Reset() {
	c.pace.Store(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTimerLocked()
}

// change applies a change to the pace as it is at this moment.
func (c *Clock) change(apply func(*pace)) {
	for {
		old := c.pace.Load()
		now := time.Now()
		changed := &pace{machine: now, service: old.at(now), scale: 1}
		if old != nil {
			changed.scale = old.scale
		}
		apply(changed)
		if c.pace.CompareAndSwap(old, changed) {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTimerLocked()
}

// An Alarm runs a function once, when the clock reaches its time.
type Alarm struct {
	at    time.Time
	run   func() (effect <-chan struct{})
	index int // in the heap; -1 when it is no longer there; guarded by Clock.mu
}

// At calls run when the clock reaches the time, or at once if it has passed. Alarms run one after
// another, so run must not block. If its effect takes time, run returns a channel that is closed when
// the effect is complete. Otherwise it returns nil. The next alarm waits for the effect, but only for
// effectTimeout in total for all alarms that fall due together. After the last of them, all effects
// that are not complete yet have another effectTimeout together.
func (c *Clock) At(at time.Time, run func() (effect <-chan struct{})) *Alarm {
	alarm := &Alarm{at: at, run: run}
	c.mu.Lock()
	defer c.mu.Unlock()
	heap.Push(&c.alarms, alarm)
	if alarm.index == 0 {
		c.setTimerLocked()
	}
	return alarm
}

// Stop cancels an alarm. It does not wait for one that is running.
func (c *Clock) Stop(alarm *Alarm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if alarm.index >= 0 {
		heap.Remove(&c.alarms, alarm.index)
		c.setTimerLocked()
	}
}

// runDue runs the alarms that are due, one after another. If another goroutine does so already, it
// waits for that one first.
func (c *Clock) runDue() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped.L == nil {
		c.stopped.L = &c.mu
	}
	for c.running {
		c.stopped.Wait()
	}
	c.running = true
	var effects effects
	for len(c.alarms) > 0 && !c.alarms[0].at.After(c.Now()) {
		alarm := heap.Pop(&c.alarms).(*Alarm)
		c.mu.Unlock()
		effects.await(alarm.run())
		c.mu.Lock()
	}
	c.mu.Unlock()
	effects.awaitRest()
	c.mu.Lock()
	c.running = false
	c.stopped.Broadcast()
	c.setTimerLocked()
}

// setTimerLocked sets the timer of the machine for the earliest alarm.
func (c *Clock) setTimerLocked() {
	scale := c.Scale()
	if len(c.alarms) == 0 || scale == 0 {
		if c.timer != nil {
			c.timer.Stop()
		}
		return
	}
	// Rounded up, or the timer could fire too early again and again.
	wait := math.Ceil(float64(c.alarms[0].at.Sub(c.Now())) / scale)
	c.startTimerLocked(time.Duration(min(wait, float64(longestWait))))
}

// longestWait is the longest time, in the machine's, for which the timer is set. When the clock runs
// so slowly that the alarm is not due then, the timer is set again.
const longestWait = 365 * 24 * time.Hour

func (c *Clock) startTimerLocked(wait time.Duration) {
	if c.timer == nil {
		c.timer = time.AfterFunc(wait, c.runDue)
	} else {
		c.timer.Reset(wait)
	}
}

// alarms is a heap of alarms, ordered by time.
type alarms []*Alarm

// Len implements heap.Interface.
func (a alarms) Len() int { return len(a) }

// Less implements heap.Interface.
func (a alarms) Less(i, j int) bool { return a[i].at.Before(a[j].at) }

// Swap implements heap.Interface.
func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

// Push implements heap.Interface.
func (a *alarms) Push(x any) {
	alarm := x.(*Alarm)
	alarm.index = len(*a)
	*a = append(*a, alarm)
}

// Pop implements heap.Interface.
func (a *alarms) Pop() any {
	last := len(*a) - 1
	alarm := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	alarm.index = -1
	return alarm
}
