// Package clock is the time of the emulated service, which can be moved forward, for one account or
// for all.
//
// The service's timestamps and expirations use this clock. Deadlines of sockets, log lines and the
// shutdown use the machine's time (package time).
//
// # How it works
//
// The time on a timeline is a linear function of the machine's time (pace). All accounts share one
// timeline. An account gets its own when it is moved alone, which takes the account's alarms along,
// and loses it at the next reset.
//
// Alarms wait in the heap of their timeline, and a timer of the machine wakes the timeline for the
// earliest. A timer that fires too early changes nothing. The goroutine that finds alarms due, the
// timer's or one of Advance, runs them one after another (runDue). A second one waits until the first
// is done.
//
// A change of the clock is a value (change.go), so that several nodes can have the same clock.
package clock

import (
	"container/heap"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Clock is the time of all accounts. Its View is for all of them together, and Account returns the
// view for one. New makes a Clock. It is safe for concurrent use.
type Clock struct {
	View

	// Propose makes the clocks of all nodes apply a change, and returns when each has settled (see Settle) if the
	// change moves the clock. With nil, there is one node. It is static once the clock is used.
	Propose func(Change) error

	shared timeline // of every account that does not have its own

	// own has the timelines of accounts that were moved alone. A change replaces the map, so that readers
	// need no lock.
	own atomic.Pointer[map[string]*timeline]

	afterMove []func(account string) // static once the clock is used

	mu sync.Mutex // guards changes of own, and the timelines
}

// New returns a clock that runs with the machine's time.
func New() *Clock {
	c := new(Clock)
	c.View = View{c, ""}
	c.shared.stopped.L = &c.mu
	c.own.Store(&map[string]*timeline{})
	return c
}

// AfterMove makes Advance and AdvanceTo call a function before they return, when the alarms that fell due have run.
// It is called with the account whose clock was moved, "" for all. Other than an alarm, it can take its time: it
// holds up only those who move the clock. Call AfterMove before the clock is used.
func (c *Clock) AfterMove(f func(account string)) { c.afterMove = append(c.afterMove, f) }

// Account returns the clock of an account. "" means all accounts.
func (c *Clock) Account(id string) View { return View{c, id} }

// Moved returns the accounts that were moved alone since the last reset, in their order.
func (c *Clock) Moved() []string { return slices.Sorted(maps.Keys(c.ownTimelines())) }

// Earliest returns a time that the clock of no account will ever be before again. A reset or a
// restart can set a clock back, but not behind the machine's time.
func (c *Clock) Earliest() time.Time {
	earliest := time.Now()
	for _, t := range c.timelines("") {
		if now := t.now(); now.Before(earliest) {
			earliest = now
		}
	}
	return earliest.UTC()
}

// A View is the clock as an account has it. It runs with the machine's time, ahead of it by what
// Advance added, faster or slower by its scale. The view of all accounts reads the clock of the
// accounts that were not moved alone, and changes the clock of every account.
type View struct {
	clock   *Clock
	account string // "" for all
}

// String says whose clock it is, for messages.
func (v View) String() string {
	if v.account == "" {
		return "the clock"
	}
	return "the clock of account " + v.account
}

// Now returns the service's time, in UTC.
func (v View) Now() time.Time { return v.clock.timeline(v.account).now().UTC() }

// Ahead returns how far the clock is ahead of the machine's time.
func (v View) Ahead() time.Duration {
	now := time.Now()
	return v.clock.timeline(v.account).pace.Load().at(now).Sub(now)
}

// Scale returns how many seconds of the clock pass in a second of the machine; 0 means that the
// clock stands still.
func (v View) Scale() float64 { return v.clock.timeline(v.account).scale() }

// MaximumAhead is how far ahead of the machine's time a clock can be: a hundred years, which keeps
// every duration representable in nanoseconds.
const MaximumAhead = 100 * 365 * 24 * time.Hour

// MaximumScale is the largest scale: a day per second.
const MaximumScale = 24 * 60 * 60

// Advance moves the clock forward. It returns when every alarm that fell due has run, in the order of
// their times within an account, and has taken effect, or when the time to wait for effects is used up
// (see At), and when the functions of AfterMove have returned. It panics if d is negative or leads beyond
// MaximumAhead, because both are mistakes in the calling program. The error is that of Clock.Propose; without it,
// there is none. An alarm must not call Advance.
func (v View) Advance(d time.Duration) error { return v.propose(Change{Kind: KindAdvance, By: d}) }

// AdvanceTo moves the clock forward to that time, as Advance does. A clock that is later stays as it
// is. The time must be within MaximumAhead.
func (v View) AdvanceTo(to time.Time) error { return v.propose(Change{Kind: KindAdvanceTo, To: to}) }

// SetScale makes the clock run at the scale from now on: 1 is the machine's pace, 0 stands still. It
// panics when the scale is negative or above MaximumScale. The error is that of Clock.Propose.
func (v View) SetScale(scale float64) error { return v.propose(Change{Kind: KindScale, Scale: scale}) }

// Reset makes the clock of an account run as that of the accounts that were not moved alone. The view
// of all accounts makes it run with the machine's time. Both can set it back. Alarms keep their times. The error is
// that of Clock.Propose.
func (v View) Reset() error { return v.propose(Change{Kind: KindReset}) }

// An Alarm runs a function once, when the clock of its account reaches its time.
type Alarm struct {
	account string
	at      time.Time
	run     func() (effect <-chan struct{})

	timeline *timeline // guarded by Clock.mu
	index    int       // in the heap of the timeline; -1 when it is no longer there; guarded by Clock.mu
}

// At calls run when the clock of the account reaches the time, or at once if it has passed. Alarms of
// an account run one after another, so run must not block. If its effect takes time, run returns a
// channel that is closed when the effect is complete. Otherwise it returns nil. The next alarm waits
// for the effect, but only for effectTimeout in total for all alarms that fall due together. After the
// last of them, all effects that are not complete yet have another effectTimeout together.
func (v View) At(at time.Time, run func() (effect <-chan struct{})) *Alarm {
	c := v.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	alarm := &Alarm{account: v.account, at: at, run: run}
	t := c.timeline(v.account)
	t.pushLocked(alarm)
	if alarm.index == 0 {
		c.setTimerLocked(t)
	}
	return alarm
}

// Stop cancels an alarm. It does not wait for one that is running.
func (c *Clock) Stop(alarm *Alarm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if alarm.index >= 0 {
		heap.Remove(&alarm.timeline.alarms, alarm.index)
		c.setTimerLocked(alarm.timeline)
	}
}

// ownTimelines returns the timelines of the accounts that were moved alone, which the caller must not
// change.
func (c *Clock) ownTimelines() map[string]*timeline { return *c.own.Load() }

// timeline returns the timeline of an account, or the shared one for "".
func (c *Clock) timeline(account string) *timeline {
	if own, ok := c.ownTimelines()[account]; ok {
		return own
	}
	return &c.shared
}

// timelines returns that of an account, or all for "".
func (c *Clock) timelines(account string) []*timeline {
	if account != "" {
		return []*timeline{c.timeline(account)}
	}
	return slices.AppendSeq([]*timeline{&c.shared}, maps.Values(c.ownTimelines()))
}

// runDue runs the alarms of a timeline that are due, one after another. If another goroutine does so
// already, it waits for that one first.
func (c *Clock) runDue(t *timeline) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t.running {
		t.stopped.Wait()
	}
	t.running = true
	var effects effects
	for len(t.alarms) > 0 && !t.alarms[0].at.After(t.now()) {
		alarm := heap.Pop(&t.alarms).(*Alarm)
		c.mu.Unlock()
		effects.await(alarm.run())
		c.mu.Lock()
	}
	c.mu.Unlock()
	effects.awaitRest()
	c.mu.Lock()
	t.running = false
	t.stopped.Broadcast()
	c.setTimerLocked(t)
}

// setTimerLocked sets the timer of the machine for the earliest alarm of a timeline.
func (c *Clock) setTimerLocked(t *timeline) {
	scale := t.scale()
	if len(t.alarms) == 0 || scale == 0 {
		if t.timer != nil {
			t.timer.Stop()
		}
		return
	}
	// Rounded up, or the timer could fire too early again and again.
	exact := math.Ceil(float64(t.alarms[0].at.Sub(t.now())) / scale)
	wait := time.Duration(min(exact, float64(longestWait)))
	if t.timer == nil {
		t.timer = time.AfterFunc(wait, func() { c.runDue(t) })
	} else {
		t.timer.Reset(wait)
	}
}

// longestWait is the longest time, in the machine's, for which the timer is set. When the clock runs
// so slowly that the alarm is not due then, the timer is set again.
const longestWait = 365 * 24 * time.Hour
