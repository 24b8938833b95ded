package clock_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

func TestStoppingAnAlarmStopsNoOther(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 1, 5, 2, 4}} {
		for stopped := range 5 {
			synctest.Test(t, func(t *testing.T) {
				c := clock.New()
				var ran, want []int
				alarms := map[int]*clock.Alarm{}
				for _, hours := range order {
					at := c.Now().Add(time.Duration(hours) * time.Hour)
					alarms[hours] = c.At(at, do(func() { ran = append(ran, hours) }))
				}
				c.Stop(alarms[stopped+1])
				c.Advance(24 * time.Hour)
				for hours := 1; hours <= 5; hours++ {
					if hours != stopped+1 {
						want = append(want, hours)
					}
				}
				if !slices.Equal(ran, want) {
					t.Errorf("of the alarms %v, %d was stopped and %v ran", order, stopped+1, ran)
				}
			})
		}
	}
}

func TestAStoppedAlarmDoesNotWakeTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := time.Now()
		first := c.At(c.Now().Add(time.Hour), do(func() { t.Error("the alarm ran although it was stopped") }))
		ran := make(chan time.Duration, 1)
		c.At(c.Now().Add(2*time.Hour), do(func() { ran <- time.Since(began) }))
		c.Stop(first)
		if after := <-ran; after != 2*time.Hour {
			t.Errorf("the other alarm ran after %v", after)
		}
	})
}

func TestAMistakeOfTheCallingProgramPanicsWithTheReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		tooFar := c.Now().Add(clock.MaximumAhead + 1)
		for want, call := range map[string]func(){
			"clock: the scale must be from 0 to 86400, but is -1":                                                    func() { c.SetScale(-1) },
			"clock: the scale must be from 0 to 86400, but is 86401":                                                 func() { c.SetScale(86401) },
			"clock: Advance must not go back, or beyond a hundred years ahead of the machine's time, but is by -1ns": func() { c.Advance(-1) },
			"clock: Advance must not go back, or beyond a hundred years ahead of the machine's time, but is by 876000h0m0.000000001s": func() {
				c.Advance(clock.MaximumAhead + 1)
			},
			"clock: AdvanceTo must not go beyond a hundred years ahead of the machine's time, but is to " + tooFar.String(): func() {
				c.AdvanceTo(tooFar)
			},
		} {
			if got := recovered(call); got != want {
				t.Errorf("got the panic %v, want %s", got, want)
			}
		}
		c.SetScale(0)
		c.SetScale(86400)
		c.AdvanceTo(tooFar.Add(-1))
		if ahead := c.Ahead(); ahead != clock.MaximumAhead {
			t.Errorf("the clock is %v ahead", ahead)
		}
	})
}

// recovered returns what a function panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
