package clock

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"
)

// A timeline is the time of one account, or of all that were not moved alone, with their alarms.
type timeline struct {
	pace atomic.Pointer[pace] // nil means the machine's time

	// Guarded by Clock.mu.
	alarms  alarms      // earliest first
	timer   *time.Timer // for the earliest alarm; nil before the first alarm
	running bool        // some goroutine runs alarms
	stopped sync.Cond   // signals that running became false; its lock is Clock.mu
}

func (t *timeline) now() time.Time { return t.pace.Load().at(time.Now()) }

func (t *timeline) scale() float64 {
	if p := t.pace.Load(); p != nil {
		return p.scale
	}
	return 1
}

func (t *timeline) pushLocked(alarm *Alarm) {
	alarm.timeline = t
	heap.Push(&t.alarms, alarm)
}

// moveAlarmsLocked moves the selected alarms to another timeline. The caller sets its timer.
func (t *timeline) moveAlarmsLocked(to *timeline, selects func(*Alarm) bool) {
	before := t.alarms
	t.alarms = nil
	for _, alarm := range before {
		if selects(alarm) {
			to.pushLocked(alarm)
		} else {
			t.pushLocked(alarm)
		}
	}
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
