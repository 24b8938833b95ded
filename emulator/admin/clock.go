package admin

import (
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

// A clockView is the clock in JSON.
type clockView struct {
	Now    time.Time `json:"now"`
	Ahead  string    `json:"ahead"` // of the machine's time
	Scale  float64   `json:"scale"`
	Frozen bool      `json:"frozen"`
}

func (a *api) getClock(w http.ResponseWriter, _ *http.Request) error {
	scale := a.Clock.Scale()
	return send(w, http.StatusOK, clockView{
		Now: a.Clock.Now(), Ahead: a.Clock.Ahead().String(), Scale: scale, Frozen: scale == 0,
	})
}

// A clockChange has exactly one of its members.
type clockChange struct {
	Advance *string  `json:"advance"`
	To      *string  `json:"to"`
	Freeze  *bool    `json:"freeze"`
	Scale   *float64 `json:"scale"`
}

// members returns the number of members that the change has.
func (c clockChange) members() (n int) {
	for _, ok := range []bool{c.Advance != nil, c.To != nil, c.Freeze != nil, c.Scale != nil} {
		if ok {
			n++
		}
	}
	return n
}

// postClock answers when everything that fell due has happened.
func (a *api) postClock(w http.ResponseWriter, r *http.Request) error {
	var change clockChange
	if err := decodeBody(w, r, &change); err != nil {
		return err
	}
	if account := accountOf(r); account != "" { // decision D50
		return badRequest("all accounts share one clock, so it cannot be moved only for account %s: "+
			"leave account out", account)
	}
	if n := change.members(); n != 1 {
		return badRequest("the body must have exactly one of advance, to, freeze and scale, but has %d", n)
	}
	// One request at a time: two requests for the same time would otherwise move the clock twice as far.
	a.clockChange.Lock()
	defer a.clockChange.Unlock()
	if err := a.changeClock(change); err != nil {
		return err
	}
	return a.getClock(w, r)
}

func (a *api) changeClock(change clockChange) error {
	switch {
	case change.Advance != nil:
		return a.advanceClock(*change.Advance)
	case change.To != nil:
		return a.advanceClockTo(*change.To)
	case change.Freeze != nil && *change.Freeze:
		return a.setClockScale(0)
	case change.Freeze != nil:
		return a.setClockScale(1)
	default:
		return a.setClockScale(*change.Scale)
	}
}

func (a *api) advanceClock(advance string) error {
	by, err := time.ParseDuration(advance)
	if err != nil {
		return badRequest("advance must be a duration such as 61m, but is %q", advance)
	}
	if by < 0 {
		return badRequest("the clock cannot go back: advance must not be negative, but is %v", by)
	}
	if a.isTooFar(by) {
		return badRequest("advance is %v, but the clock can be at most a hundred years ahead of the "+
			"machine's time", by)
	}
	a.Clock.Advance(by)
	return nil
}

func (a *api) advanceClockTo(text string) error {
	to, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return badRequest("to must be a time such as 2026-01-31T12:00:00Z, but is %q", text)
	}
	now := a.Clock.Now()
	if to.Before(now) {
		return badRequest("the clock cannot go back: to is %s, but the clock is at %s",
			text, now.Format(time.RFC3339Nano))
	}
	if a.isTooFar(to.Sub(now)) {
		return badRequest("to is %s, but the clock can be at most a hundred years ahead of the "+
			"machine's time", text)
	}
	a.Clock.Advance(to.Sub(now))
	return nil
}

// isTooFar reports whether the clock cannot be moved that far. It leaves room for the time that
// passes until the clock is moved: at the largest scale, a day is one second of the machine.
func (a *api) isTooFar(by time.Duration) bool {
	return by > clock.MaximumAhead-a.Clock.Ahead()-24*time.Hour
}

func (a *api) setClockScale(scale float64) error {
	if !(scale >= 0 && scale <= clock.MaximumScale) {
		return badRequest("scale must be from 0 to %d, but is %v", clock.MaximumScale, scale)
	}
	a.Clock.SetScale(scale)
	return nil
}
