package clock_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

func TestAClockRunsWithTheMachineUntilItIsAdvanced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		ahead := func(want time.Duration) {
			t.Helper()
			if got := time.Until(c.Now()); got != want {
				t.Errorf("the clock is %v ahead, want %v", got, want)
			}
		}
		ahead(0)
		c.Advance(time.Hour)
		ahead(time.Hour)
		began := c.Now()
		time.Sleep(time.Minute) // of the bubble's time
		if passed := c.Now().Sub(began); passed != time.Minute {
			t.Errorf("in a minute, %v passed", passed)
		}
		ahead(time.Hour)
		c.Advance(0)
		c.Advance(time.Nanosecond)
		ahead(time.Hour + time.Nanosecond)
	})
}

func TestAnAdvancedClockIsAheadWhenItIsFormatted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.Advance(24 * time.Hour)
		got := c.Now().Format(time.RFC3339Nano)
		if want := time.Now().UTC().AddDate(0, 0, 1).Format(time.RFC3339Nano); got != want {
			t.Errorf("the clock is at %s, want %s", got, want)
		}
	})
}

func TestAClockIsInUTC(t *testing.T) {
	t.Parallel()
	c := clock.New()
	if location := c.Now().Location(); location != time.UTC {
		t.Errorf("the location is %v", location)
	}
}

func TestTimeDoesNotRunBackwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		before := c.Now()
		defer func() {
			if recover() == nil {
				t.Error("a negative Advance does not panic")
			}
			if now := c.Now(); !now.Equal(before) {
				t.Errorf("the clock moved from %v to %v", before, now)
			}
		}()
		c.Advance(-1)
	})
}

func TestConcurrentAdvancesAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		before := c.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				last := c.Now()
				c.Advance(time.Second)
				if !c.Now().After(last) {
					t.Error("an Advance did not move the clock")
				}
			})
		}
		all.Wait()
		if moved := c.Now().Sub(before); moved != 50*time.Second {
			t.Errorf("the clock moved by %v", moved)
		}
	})
}

func TestAClockStaysWithinAHundredYears(t *testing.T) {
	t.Parallel()
	c := clock.New()
	c.Advance(clock.MaximumAhead)
	defer func() {
		if recover() == nil {
			t.Errorf("the clock moved on to %v", c.Now())
		}
	}()
	c.Advance(1)
}

func TestAFastClockStaysWithinAHundredYears(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.SetScale(clock.MaximumScale)
		for range 3 {
			last := c.Now()
			time.Sleep(100 * time.Hour) // 400 years of the clock's, if there were no limit
			if now := c.Now(); now.Before(last) || c.Ahead() != clock.MaximumAhead {
				t.Errorf("the clock went from %v to %v, %v ahead", last, now, c.Ahead())
			}
		}
	})
}

func TestAVerySlowClockWaitsForItsAlarms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		alarm := c.At(c.Now().Add(time.Hour), do(func() { t.Error("the alarm ran") }))
		c.SetScale(1e-12)
		time.Sleep(3 * 365 * 24 * time.Hour)
		c.Stop(alarm)
	})
}

func TestAClockRunsAtItsScale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := c.Now()
		passed := func(want time.Duration) {
			t.Helper()
			if got := c.Now().Sub(began); got != want {
				t.Errorf("%v passed, want %v", got, want)
			}
		}
		c.SetScale(60)
		time.Sleep(time.Second)
		passed(time.Minute)
		c.SetScale(0)
		time.Sleep(time.Hour)
		passed(time.Minute)
		c.Advance(time.Hour)
		passed(61 * time.Minute)
		c.SetScale(1)
		time.Sleep(time.Second)
		passed(61*time.Minute + time.Second)
		if ahead := c.Ahead(); ahead != time.Until(c.Now()) || c.Scale() != 1 {
			t.Errorf("the clock is %v ahead at scale %v", ahead, c.Scale())
		}
		c.Reset()
		if !c.Now().Equal(time.Now()) || c.Ahead() != 0 {
			t.Errorf("after a reset the clock is at %v", c.Now())
		}
	})
}

func TestAnAdvanceKeepsTheScale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		for _, scale := range []float64{0, 60} {
			c.SetScale(scale)
			c.Advance(time.Hour)
			c.AdvanceTo(c.Now().Add(time.Hour))
			began := c.Now()
			time.Sleep(time.Second)
			passed := c.Now().Sub(began)
			if want := time.Duration(scale) * time.Second; passed != want || c.Scale() != scale {
				t.Errorf("at scale %v it is now %v, and in a second %v passed", scale, c.Scale(), passed)
			}
		}
	})
}

func TestAClockThatWasNotChangedHasTheScale1(t *testing.T) {
	t.Parallel()
	if scale := clock.New().Scale(); scale != 1 {
		t.Errorf("the scale is %v", scale)
	}
}

func TestAlarmsRunAtTheClocksTimeAtAnyScale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := time.Now()
		ran := make(chan time.Duration, 1)
		run := do(func() { ran <- time.Since(began) })
		c.At(c.Now().Add(time.Hour), run)
		c.SetScale(3600)
		if after := <-ran; after != time.Second {
			t.Errorf("the alarm ran after %v of the machine's time", after)
		}
		c.SetScale(0)
		c.At(c.Now().Add(time.Hour), run)
		time.Sleep(24 * time.Hour)
		select {
		case <-ran:
			t.Error("the alarm ran although the clock stands still")
		default:
		}
		c.Advance(time.Hour)
		<-ran
	})
}
