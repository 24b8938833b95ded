package inspect

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
	Advance *string    `json:"advance"`
	To      *time.Time `json:"to"`
	Freeze  *bool      `json:"freeze"`
	Scale   *float64   `json:"scale"`
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
	given := 0
	for _, there := range []bool{request.Advance != nil, request.To != nil, request.Freeze != nil, request.Scale != nil} {
		if there {
			given++
		}
	}
	if given != 1 {
		return badRequest("say one of advance, to, freeze and scale")
	}
	switch {
	case request.Advance != nil:
		by, err := time.ParseDuration(*request.Advance)
		if err != nil {
			return badRequest("advance must be a duration such as 61m, but is %q", *request.Advance)
		}
		err = d.advance(by)
		if err != nil {
			return err
		}
	case request.To != nil:
		if err := d.advance(request.To.Sub(d.Clock.Now())); err != nil {
			return err
		}
	case request.Freeze != nil && *request.Freeze:
		d.Clock.SetScale(0)
	case request.Freeze != nil:
		d.Clock.SetScale(1)
	default:
		if !(*request.Scale >= 0 && *request.Scale <= clock.FastestScale) {
			return badRequest("scale must be from 0 to %d, but is %v", clock.FastestScale, *request.Scale)
		}
		d.Clock.SetScale(*request.Scale)
	}
	return d.getClock(w, r)
}

func (d door) advance(by time.Duration) error {
	if by < 0 {
		return badRequest("time never runs backwards: that is %v before the clock's", -by)
	}
	if by > clock.Farthest-d.Clock.Ahead()-time.Minute {
		return badRequest("that leads more than a hundred years ahead")
	}
	d.Clock.Advance(by)
	return nil
}
