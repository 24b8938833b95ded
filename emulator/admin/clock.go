package admin

import (
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

type clockReply struct {
	Now    time.Time `json:"now"`
	Ahead  string    `json:"ahead"` // of the machine's time
	Scale  float64   `json:"scale"`
	Frozen bool      `json:"frozen"`
}

func (d door) getClock(w http.ResponseWriter, _ *http.Request) error {
	scale := d.Clock.Scale()
	return answer(w, http.StatusOK, clockReply{d.Clock.Now(), d.Clock.Ahead().String(), scale, scale == 0})
}

// clockRequest has one of its members.
type clockRequest struct {
	Advance *string  `json:"advance"`
	To      *string  `json:"to"`
	Freeze  *bool    `json:"freeze"`
	Scale   *float64 `json:"scale"`
}

// postClock answers when all that fell due has happened.
func (d door) postClock(w http.ResponseWriter, r *http.Request) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	var request clockRequest
	if err := decode(text, &request); err != nil {
		return err
	}
	if limit := account(r); limit != "" {
		return badRequest("the clock is everybody's, and cannot be moved for account %s alone: leave account out", limit) // decision D50
	}
	given := 0
	for _, there := range []bool{request.Advance != nil, request.To != nil, request.Freeze != nil, request.Scale != nil} {
		if there {
			given++
		}
	}
	if given != 1 {
		return badRequest("say one of advance, to, freeze and scale")
	}
	// One after another, or two that want the same time would go twice as far.
	d.moving.Lock()
	defer d.moving.Unlock()
	switch {
	case request.Advance != nil:
		by, err := time.ParseDuration(*request.Advance)
		if err != nil {
			return badRequest("advance must be a duration such as 61m, but is %q", *request.Advance)
		}
		if by < 0 {
			return badRequest("time never runs backwards: advance must not be negative, but is %v", by)
		}
		if err := d.advance(by); err != nil {
			return err
		}
	case request.To != nil:
		to, err := time.Parse(time.RFC3339Nano, *request.To)
		if err != nil {
			return badRequest("to must be a time such as 2026-01-31T12:00:00Z, but is %q", *request.To)
		}
		now := d.Clock.Now()
		if to.Before(now) {
			return badRequest("time never runs backwards: to is %s, but the clock is at %s", *request.To, now.Format(time.RFC3339Nano))
		}
		if err := d.advance(to.Sub(now)); err != nil {
			return err
		}
	case request.Freeze != nil && *request.Freeze:
		d.Clock.SetScale(0)
	case request.Freeze != nil:
		d.Clock.SetScale(1)
	default:
		if !(*request.Scale >= 0 && *request.Scale <= clock.MaximumScale) {
			return badRequest("scale must be from 0 to %d, but is %v", clock.MaximumScale, *request.Scale)
		}
		d.Clock.SetScale(*request.Scale)
	}
	return d.getClock(w, r)
}

func (d door) advance(by time.Duration) error {
	if by > clock.MaximumAhead-d.Clock.Ahead()-time.Minute {
		return badRequest("that leads more than a hundred years ahead")
	}
	d.Clock.Advance(by)
	return nil
}
