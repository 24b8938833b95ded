package clock_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

const anna, ben = "111111111111", "222222222222"

func TestAnAccountIsMovedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		ahead := func(ofAnna, ofBen, ofAll time.Duration) {
			t.Helper()
			for _, clock := range []struct {
				of   string
				want time.Duration
			}{{anna, ofAnna}, {ben, ofBen}, {"", ofAll}} {
				if got := c.Account(clock.of).Ahead(); got != clock.want {
					t.Errorf("%s is %v ahead, want %v", c.Account(clock.of), got, clock.want)
				}
			}
		}
		c.Account(anna).Advance(time.Hour)
		ahead(time.Hour, 0, 0)
		c.Advance(time.Minute) // all
		ahead(61*time.Minute, time.Minute, time.Minute)
		c.Account(anna).SetScale(0)
		time.Sleep(time.Second)
		ahead(61*time.Minute-time.Second, time.Minute, time.Minute)
		c.Account(ben).SetScale(61)
		time.Sleep(time.Second)
		ahead(61*time.Minute-2*time.Second, 2*time.Minute, time.Minute)
		if moved := c.Moved(); !slices.Equal(moved, []string{anna, ben}) {
			t.Errorf("moved alone: %v", moved)
		}
		c.SetScale(1) // all
		time.Sleep(time.Hour)
		ahead(61*time.Minute-2*time.Second, 2*time.Minute, time.Minute)
		c.Account(anna).Reset()
		ahead(time.Minute, 2*time.Minute, time.Minute)
		c.Reset()
		ahead(0, 0, 0)
		if moved := c.Moved(); len(moved) != 0 {
			t.Errorf("moved alone after a reset: %v", moved)
		}
	})
}

func TestAClockSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	c := clock.New()
	for account, want := range map[string]string{"": "the clock", anna: "the clock of account 111111111111"} {
		if got := c.Account(account).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAdvanceToMovesEveryClockThatIsBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.Account(anna).Advance(time.Hour)
		c.Account(ben).Advance(time.Minute)
		to := c.Now().Add(30 * time.Minute)
		c.AdvanceTo(to)
		if now := c.Account(anna).Now(); !now.Equal(to.Add(30 * time.Minute)) {
			t.Errorf("a clock that was later moved to %v", now)
		}
		for _, account := range []string{ben, ""} {
			if now := c.Account(account).Now(); !now.Equal(to) {
				t.Errorf("%s is at %v, want %v", c.Account(account), now, to)
			}
		}
	})
}

func TestAlarmsRunByTheClockOfTheirAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		var mu sync.Mutex
		var ran []string
		set := func(account string, after time.Duration) *clock.Alarm {
			return c.Account(account).At(c.Account(account).Now().Add(after), do(func() {
				mu.Lock()
				defer mu.Unlock()
				ran = append(ran, account)
			}))
		}
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if slices.Sort(ran); !slices.Equal(ran, want) {
				t.Errorf("the alarms of %v ran, want those of %v", ran, want)
			}
			ran = nil
		}
		set(anna, time.Hour) // before anna has a clock of her own
		set(ben, time.Hour)
		c.Account(anna).Advance(time.Hour)
		expect(anna)

		set(anna, time.Hour) // on her own clock
		stopped := set(anna, time.Hour)
		c.Stop(stopped)
		c.Advance(time.Hour) // all
		expect(anna, ben)

		set(anna, time.Hour)
		stopped = set(anna, time.Hour)
		set(ben, time.Hour)
		c.Account(anna).Reset() // her alarms wait for the clock of all accounts now, which is an hour behind
		c.Stop(stopped)
		time.Sleep(time.Hour)
		expect(ben)
		time.Sleep(time.Hour)
		expect(anna)
	})
}

func TestAResetWakesTheAlarmsThatItBringsToAnotherClock(t *testing.T) {
	t.Parallel()
	for name, account := range map[string]string{"of one account": anna, "of all": ""} {
		synctest.Test(t, func(t *testing.T) {
			c := clock.New()
			c.Account(anna).SetScale(0)
			ran := false
			c.Account(anna).At(c.Now().Add(time.Hour), do(func() { ran = true }))
			c.Account(account).Reset()
			time.Sleep(time.Hour)
			if synctest.Wait(); !ran {
				t.Errorf("after a reset %s, the alarm did not run", name)
			}
		})
	}
}

func TestAResetOfAllStartsAClockThatStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.SetScale(0)
		ran := false
		c.At(c.Now().Add(time.Hour), do(func() { ran = true }))
		c.Reset()
		time.Sleep(time.Hour)
		if synctest.Wait(); !ran {
			t.Error("the alarm did not run")
		}
	})
}

func TestAnAccountKeepsItsAlarmsWhenAMistakenChangePanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		ran := false
		c.Account(anna).At(c.Now().Add(time.Hour), do(func() { ran = true }))
		if recovered(func() { c.Account(anna).Advance(-1) }) == nil {
			t.Error("a negative Advance does not panic")
		}
		time.Sleep(time.Hour)
		if synctest.Wait(); !ran {
			t.Error("the alarm did not run")
		}
	})
}

func TestAClockThatStandsStillForOneAccountDoesNotKeepTheAlarmsOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.Account(anna).SetScale(0)
		c.Account(anna).At(c.Now().Add(time.Hour), do(func() {
			t.Error("the alarm ran although its clock stands still")
		}))
		ran := false
		c.Account(ben).At(c.Now().Add(time.Hour), do(func() { ran = true }))
		time.Sleep(2 * time.Hour)
		if synctest.Wait(); !ran {
			t.Error("the alarm of another account did not run")
		}
	})
}

// Used chat tokens are forgotten by this time, so it must not be later than a clock that stands still.
func TestEarliestIsNotLaterThanAnyClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		c.Account(anna).SetScale(0)
		c.Account(ben).Advance(time.Hour)
		stopped := c.Account(anna).Now()
		time.Sleep(time.Hour)
		if earliest := c.Earliest(); !earliest.Equal(stopped) {
			t.Errorf("got %v, want %v", earliest, stopped)
		}
		c.Account(anna).Reset()
		c.Advance(time.Hour)
		if earliest := c.Earliest(); !earliest.Equal(time.Now()) {
			t.Errorf("got %v, want the machine's time %v", earliest, time.Now())
		}
	})
}

func TestClocksOfAccountsMayBeMovedAndUsedConcurrently(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		var all sync.WaitGroup
		for i, account := range []string{anna, ben, ""} {
			all.Go(func() {
				for range 200 {
					ran := make(chan struct{})
					at := c.Account(account).Now().Add(time.Hour)
					c.Account(account).At(at, do(func() { close(ran) }))
					stopped := c.Account(account).At(at, do(func() {}))
					if i > 0 {
						c.Account(account).Advance(time.Minute)
					}
					c.Account(account).Reset()
					c.Stop(stopped)
					<-ran
				}
			})
		}
		all.Wait()
	})
}
