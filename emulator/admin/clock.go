package admin

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A clockView is a clock in JSON.
type clockView struct {
	Account string    `json:"account,omitempty"` // whose it is; "" for all that were not moved alone
	Now     time.Time `json:"now"`
	Ahead   string    `json:"ahead"` // of the machine's time
	Scale   float64   `json:"scale"`
	Frozen  bool      `json:"frozen"`
	Warning string    `json:"warning,omitempty"`
}

func (a *api) clockView(account string) clockView {
	c := a.Clock.Account(account)
	scale, ahead := c.Scale(), c.Ahead()
	return clockView{
		Account: account, Now: c.Now(), Ahead: ahead.String(), Scale: scale, Frozen: scale == 0,
		Warning: clockWarning(ahead),
	}
}

// maximumTimer is the longest time for which setTimeout of JavaScript can be set. A longer one ends at
// once (HTML Standard, Timers: the timeout is a 32-bit integer of milliseconds).
const maximumTimer = (1<<31 - 1) * time.Millisecond

// clockWarning returns what clients cannot cope with when the clock is so far ahead, or "". The official
// client for JavaScript sets a timer from the machine's time to shortly before tokenExpirationTime.
func clockWarning(ahead time.Duration) string {
	if ahead+ivschat.DefaultTokenTTL <= maximumTimer {
		return ""
	}
	return fmt.Sprintf("the clock is %.1f days ahead of the machine's time: a timer of JavaScript is at most "+
		"24.8 days long, so amazon-ivs-chat-messaging reconnects all the time, unless its tokenProvider leaves "+
		"out tokenExpirationTime", ahead.Hours()/24)
}

// getClock answers with the clock of the account in the query or, without one, with the clock of all
// accounts and the clocks of those that were moved alone.
func (a *api) getClock(w http.ResponseWriter, r *http.Request) error {
	if account := accountOf(r); account != "" {
		return send(w, http.StatusOK, a.clockView(account))
	}
	all := struct {
		clockView
		Accounts []clockView `json:"accounts"`
	}{a.clockView(""), []clockView{}}
	for _, account := range a.Clock.Moved() {
		all.Accounts = append(all.Accounts, a.clockView(account))
	}
	return send(w, http.StatusOK, all)
}

// A clockChange has exactly one of its members.
type clockChange struct {
	Advance *string  `json:"advance"`
	To      *string  `json:"to"`
	Freeze  *bool    `json:"freeze"`
	Scale   *float64 `json:"scale"`
}

// members returns the number of members that the change has.
func (c clockChange) members() int {
	return countTrue(c.Advance != nil, c.To != nil, c.Freeze != nil, c.Scale != nil)
}

// countTrue returns how many of the values are true.
func countTrue(values ...bool) (n int) {
	for _, value := range values {
		if value {
			n++
		}
	}
	return n
}

// maximumClocks is how many accounts can have clocks of their own.
const maximumClocks = 1000

// postClock changes the clock of the account in the query or, without one, of all accounts: decision D33.
// It answers when everything that fell due has happened.
func (a *api) postClock(w http.ResponseWriter, r *http.Request) error {
	var change clockChange
	if err := decodeBody(w, r, &change); err != nil {
		return err
	}
	if n := change.members(); n != 1 {
		return badRequest("the body must have exactly one of advance, to, freeze and scale, but has %d", n)
	}
	// One request at a time: two requests for the same time would otherwise move the clock twice as far.
	// One that is cancelled while it waits moves nothing.
	if err := a.clockChange.wait(r.Context()); err != nil {
		return err
	}
	defer a.clockChange.end()
	account, moved := accountOf(r), a.Clock.Moved()
	if account != "" && len(moved) >= maximumClocks && !slices.Contains(moved, account) {
		return badRequest("%d accounts already have clocks of their own, which is the maximum: reset those "+
			"that are no longer needed with POST reset?account=", maximumClocks)
	}
	if err := a.changeClock(account, change); err != nil {
		return err
	}
	if warning := clockWarning(a.Clock.Account(account).Ahead()); warning != "" {
		a.Logger.Warn(warning)
	}
	return a.getClock(w, r)
}

func (a *api) changeClock(account string, change clockChange) error {
	switch {
	case change.Advance != nil:
		return a.advanceClock(account, *change.Advance)
	case change.To != nil:
		return a.advanceClockTo(account, *change.To)
	case change.Freeze != nil && *change.Freeze:
		return a.setClockScale(account, 0)
	case change.Freeze != nil:
		return a.setClockScale(account, 1)
	default:
		return a.setClockScale(account, *change.Scale)
	}
}

// changedClocks returns the clocks that a change for the account moves: its own, or every one if the
// account is "".
func (a *api) changedClocks(account string) []clock.View {
	changed := []clock.View{a.Clock.Account(account)}
	if account == "" {
		for _, moved := range a.Clock.Moved() {
			changed = append(changed, a.Clock.Account(moved))
		}
	}
	return changed
}

func (a *api) advanceClock(account, advance string) error {
	by, err := time.ParseDuration(advance)
	if err != nil {
		return badRequest("advance must be a duration such as 61m, 1h30m or 48h, but is %.100q", advance)
	}
	if by < 0 {
		return badRequest("the clock cannot go back: advance must not be negative, but is %v", by)
	}
	for _, changed := range a.changedClocks(account) {
		if isTooFar(changed, by) {
			return badRequest("advance is %v, but the clock can be at most a hundred years ahead of the "+
				"machine's time", by)
		}
	}
	return a.Clock.Account(account).Advance(by)
}

func (a *api) advanceClockTo(account, text string) error {
	to, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return badRequest("to must be a time such as 2026-01-31T12:00:00Z, but is %.100q", text)
	}
	for _, changed := range a.changedClocks(account) {
		now := changed.Now()
		if to.Before(now) {
			return badRequest("the clock cannot go back: to is %.100s, but %s is at %s",
				text, changed, now.Format(time.RFC3339Nano))
		}
		if isTooFar(changed, to.Sub(now)) {
			return badRequest("to is %.100s, but the clock can be at most a hundred years ahead of the "+
				"machine's time", text)
		}
	}
	return a.Clock.Account(account).AdvanceTo(to)
}

// isTooFar reports whether the clock cannot be moved that far. It leaves room for the time that
// passes until the clock is moved: at the largest scale, a day is one second of the machine.
func isTooFar(c clock.View, by time.Duration) bool {
	return by > clock.MaximumAhead-c.Ahead()-24*time.Hour
}

func (a *api) setClockScale(account string, scale float64) error {
	if !(scale >= 0 && scale <= clock.MaximumScale) {
		return badRequest("scale must be from 0 to %d, but is %v", clock.MaximumScale, scale)
	}
	return a.Clock.Account(account).SetScale(scale)
}
