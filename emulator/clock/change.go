package clock

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// A Change changes the clock of an account, or of all accounts, as a value. What it does depends only on the
// change and on the State of the clock (decision D86).
type Change struct {
	Kind    Kind
	Account string        // "" for all
	By      time.Duration // with KindAdvance
	To      time.Time     // with KindAdvanceTo
	Scale   float64       // with KindScale

	// Machine is when the change was made, in the time of the machine where it was made. The clock has this time
	// when it is changed, also on machines whose time differs.
	Machine time.Time
}

// A Kind is what a Change does.
type Kind string

// The kinds, one for each method of View that changes the clock.
const (
	KindAdvance   Kind = "advance"
	KindAdvanceTo Kind = "advanceTo"
	KindScale     Kind = "scale"
	KindReset     Kind = "reset"
)

// Moves reports whether the change moves the clock forward. Settle then waits for what fell due.
func (c Change) Moves() bool { return c.Kind == KindAdvance || c.Kind == KindAdvanceTo }

// A mistake is the error of a change that must not be made.
type mistake string

// Error returns what the panic of the calling program says.
func (m mistake) Error() string { return string(m) }

// propose makes a change to the clock of the view, which has happened when propose returns. It panics if the change
// is a mistake.
func (v View) propose(change Change) error {
	c := v.clock
	change.Account, change.Machine = v.account, time.Now()
	var err error
	if c.Propose != nil {
		err = c.Propose(change)
	} else if err = c.Apply(change); err == nil && change.Moves() {
		c.Settle(v.account)
	}
	if wrong, ok := errors.AsType[mistake](err); ok {
		panic(string(wrong))
	}
	return err
}

// Apply carries out a change. It does not wait for the alarms that fall due: Settle does. The error is for a change
// that must not be made, and then the clock stays as it is.
func (c *Clock) Apply(change Change) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if change.Kind == KindReset {
		c.resetLocked(change.Account)
		return nil
	}
	timelines := c.timelines(change.Account)
	paces := make([]*pace, len(timelines))
	for i, t := range timelines {
		var err error
		if paces[i], err = change.pace(t.pace.Load()); err != nil {
			return err
		}
	}
	if change.Account != "" && timelines[0] == &c.shared {
		timelines[0] = c.separateLocked(change.Account)
	}
	for i, t := range timelines {
		t.pace.Store(paces[i])
		c.setTimerLocked(t)
	}
	return nil
}

// Settle returns when every alarm of the account that is due has run, or of all accounts if it is "", and when the
// functions of AfterMove have returned. Timelines do not wait for each other.
func (c *Clock) Settle(account string) {
	var running sync.WaitGroup
	for _, t := range c.timelines(account) {
		running.Go(func() { c.runDue(t) })
	}
	running.Wait()
	for _, call := range c.afterMove {
		call(account)
	}
}

// pace returns the pace after the change.
func (c Change) pace(old *pace) (*pace, error) {
	changed := &pace{machine: c.Machine, scale: 1}
	if old != nil {
		changed.scale = old.scale
		if old.machine.After(c.Machine) { // of two changes, the one that was made first can come second
			changed.machine = old.machine
		}
	}
	changed.service = old.at(changed.machine)
	switch ahead := changed.service.Sub(changed.machine); c.Kind {
	case KindAdvance:
		if c.By < 0 || c.By > MaximumAhead-ahead {
			return nil, mistake(fmt.Sprintf("clock: Advance must not go back, or beyond a hundred years ahead of the "+
				"machine's time, but is by %s", c.By))
		}
		changed.service = changed.service.Add(c.By)
	case KindAdvanceTo:
		if c.To.Sub(changed.machine) > MaximumAhead {
			return nil, mistake(fmt.Sprintf("clock: AdvanceTo must not go beyond a hundred years ahead of the "+
				"machine's time, but is to %s", c.To))
		}
		// The difference, because a time.Time of the machine also has a monotonic reading.
		changed.service = changed.service.Add(max(c.To.Sub(changed.service), 0))
	case KindScale:
		if !(c.Scale >= 0 && c.Scale <= MaximumScale) {
			return nil, mistake(fmt.Sprintf("clock: the scale must be from 0 to %d, but is %v", MaximumScale, c.Scale))
		}
		changed.scale = c.Scale
	default:
		return nil, mistake(fmt.Sprintf("clock: there is no change of the kind %q", c.Kind))
	}
	return changed, nil
}

// A State is how the clocks of all accounts run, as a value. Clocks with the same State that stand still have the
// same time, and others differ only by what the times of their machines differ. Alarms are not in it.
type State struct {
	Shared   *Pace           // of every account that is not in Accounts; nil means the machine's time
	Accounts map[string]Pace // of the accounts that were moved alone
}

// A Pace says how a clock has run since it was last changed.
type Pace struct {
	Machine time.Time // when it was changed
	Service time.Time // the clock's time at that moment
	Scale   float64   // seconds of the clock per second of the machine
}

// Save returns the state.
func (c *Clock) Save() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := State{Accounts: map[string]Pace{}}
	if p := c.shared.pace.Load(); p != nil {
		shared := p.exported()
		state.Shared = &shared
	}
	for account, t := range c.ownTimelines() {
		state.Accounts[account] = t.pace.Load().exported()
	}
	return state
}

// Load replaces the state. The zero State is that of a new clock. Alarms that are due by the new state run, but Load
// does not wait for them.
func (c *Clock) Load(state State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resetLocked("")
	if state.Shared != nil {
		c.shared.pace.Store(state.Shared.internal())
	}
	for account, p := range state.Accounts {
		t := c.separateLocked(account)
		t.pace.Store(p.internal())
		c.setTimerLocked(t)
	}
	c.setTimerLocked(&c.shared)
}

func (p Pace) internal() *pace { return &pace{machine: p.Machine, service: p.Service, scale: p.Scale} }

func (p *pace) exported() Pace { return Pace{p.machine.UTC(), p.service.UTC(), p.scale} }

// resetLocked is View.Reset.
func (c *Clock) resetLocked(account string) {
	own := maps.Clone(c.ownTimelines())
	for name, t := range own {
		if account == "" || account == name {
			delete(own, name)
			t.moveAlarmsLocked(&c.shared, func(*Alarm) bool { return true })
			c.setTimerLocked(t)
		}
	}
	c.own.Store(&own)
	if account == "" {
		c.shared.pace.Store(nil)
	}
	c.setTimerLocked(&c.shared)
}

// separateLocked gives an account a timeline of its own, with its alarms. The caller sets its pace and its timer.
func (c *Clock) separateLocked(account string) *timeline {
	t := new(timeline)
	t.stopped.L = &c.mu
	c.shared.moveAlarmsLocked(t, func(alarm *Alarm) bool { return alarm.account == account })
	own := maps.Clone(c.ownTimelines())
	own[account] = t
	c.own.Store(&own)
	return t
}
