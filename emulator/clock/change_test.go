package clock_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

// saved returns the state of a clock as text.
func saved(t *testing.T, c *clock.Clock) string {
	t.Helper()
	text, err := json.Marshal(c.Save())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyOf returns a clock with the same state, as another node has it.
func copyOf(t *testing.T, c *clock.Clock) *clock.Clock {
	t.Helper()
	var state clock.State
	if err := json.Unmarshal([]byte(saved(t, c)), &state); err != nil {
		t.Fatal(err)
	}
	other := clock.New()
	other.Load(state)
	return other
}

// apply applies a change that is not a mistake.
func apply(t *testing.T, c *clock.Clock, change clock.Change) {
	t.Helper()
	if err := c.Apply(change); err != nil {
		t.Fatal(err)
	}
}

func TestClocksWithTheSameChangesAgree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		first, second := clock.New(), clock.New()
		for i := range 2000 {
			time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
			change := clock.Change{
				Account: []string{"", anna, ben}[r.IntN(3)],
				Kind: []clock.Kind{
					clock.KindAdvance, clock.KindAdvanceTo, clock.KindScale, clock.KindScale, clock.KindReset,
				}[r.IntN(5)],
				By: time.Duration(r.IntN(1000)), To: first.Now().Add(time.Duration(r.IntN(1000))), Scale: float64(r.IntN(3)),
				Machine: time.Now().Add(time.Duration(r.IntN(2000)-1000) * time.Millisecond).Round(0),
			}
			if i%100 == 0 { // which no clock accepts
				change.By, change.To, change.Scale = -1, first.Now().Add(2*clock.MaximumAhead), -1
			}
			errFirst := first.Apply(change)
			change.Machine = change.Machine.In(time.FixedZone("", 3600)) // as the other machine may have it
			errSecond := second.Apply(change)
			if fmt.Sprint(errFirst) != fmt.Sprint(errSecond) {
				t.Fatalf("%v: one clock says %v, and the other one %v", change, errFirst, errSecond)
			}
			for _, account := range []string{"", anna, ben} {
				a, b := first.Account(account), second.Account(account)
				if !a.Now().Equal(b.Now()) || a.Scale() != b.Scale() || saved(t, first) != saved(t, second) {
					t.Fatalf("after %v, one clock is at %v and has %s, and the other one is at %v and has %s",
						change, a.Now(), saved(t, first), b.Now(), saved(t, second))
				}
			}
			if r.IntN(50) == 0 {
				second = copyOf(t, first)
			}
		}
	})
}

func TestAClockThatStandsStillHasTheSameTimeOnEveryMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second := clock.New(), clock.New()
		behind := time.Now().Add(-5 * time.Second) // on the machine where the changes are made
		for i, change := range []clock.Change{
			{Kind: clock.KindScale, Machine: behind},
			{Kind: clock.KindAdvance, By: time.Hour, Machine: behind.Add(time.Second)},
		} {
			apply(t, first, change)
			time.Sleep(time.Minute) // the other node is slow
			apply(t, second, change)
			want := behind.Add(time.Duration(i) * time.Hour)
			if a, b := first.Now(), second.Now(); !a.Equal(want) || !b.Equal(want) {
				t.Errorf("the clocks are at %v and %v, want %v", a, b, want)
			}
		}
	})
}

func TestAChangeThatWasMadeEarlierThanTheLastOneDoesNotSetTheClockBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, now := clock.New(), time.Now()
		apply(t, c, clock.Change{Kind: clock.KindScale, Scale: 3600, Machine: now})
		apply(t, c, clock.Change{Kind: clock.KindScale, Scale: 0, Machine: now.Add(-time.Second)})
		if !c.Now().Equal(now) {
			t.Errorf("the clock is at %v, want %v", c.Now(), now)
		}
	})
}

func TestApplyDoesNotWaitForAlarmsAndSettleDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		var mu sync.Mutex
		var happened []string
		note := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			happened = append(happened, what)
		}
		c.AfterMove(func(account string) { note("settled " + account) })
		alarm := func(account string) {
			c.Account(account).At(c.Now().Add(time.Hour), func() <-chan struct{} {
				time.Sleep(time.Second)
				note("alarm of " + account)
				return nil
			})
		}
		alarm(anna)
		alarm(ben)
		began := time.Now()
		change := clock.Change{Account: anna, Kind: clock.KindAdvance, By: time.Hour, Machine: began}
		apply(t, c, change)
		if passed := time.Since(began); passed != 0 || !change.Moves() {
			t.Errorf("Apply took %v", passed)
		}
		c.Settle(anna)
		if want := []string{"alarm of " + anna, "settled " + anna}; !slices.Equal(happened, want) {
			t.Errorf("this happened: %q, want %q", happened, want)
		}
		apply(t, c, clock.Change{Kind: clock.KindAdvance, By: time.Hour, Machine: began})
		c.Settle("")
		if want := []string{"alarm of " + ben, "settled "}; !slices.Equal(happened[2:], want) {
			t.Errorf("then this happened: %q, want %q", happened[2:], want)
		}
	})
}

func TestOnlyAMoveSettles(t *testing.T) {
	t.Parallel()
	c := clock.New()
	settled := 0
	c.AfterMove(func(string) { settled++ })
	for want, err := range []error{c.SetScale(0), c.Reset(), c.Advance(0), c.AdvanceTo(c.Now())} {
		if err != nil {
			t.Errorf("change %d: %v", want, err)
		}
	}
	if settled != 2 {
		t.Errorf("it settled %d times, want 2", settled)
	}
}

func TestAnAlarmOfAllAccountsRunsWhenItIsDueByTheStateThatIsLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		other, c := clock.New(), clock.New()
		_ = other.Advance(time.Hour)
		began, ran := time.Now(), make(chan time.Duration, 1)
		c.At(began.Add(time.Hour), do(func() { ran <- time.Since(began) }))
		c.Load(other.Save())
		if after := <-ran; after != 0 {
			t.Errorf("the alarm ran after %v", after)
		}
	})
}

func TestAlarmsFollowTheStateThatIsLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		other := clock.New()
		_ = other.Account(anna).Advance(time.Hour)
		_ = other.Account(ben).SetScale(0)
		state := other.Save()
		c := clock.New()
		_ = c.Account(ben).Advance(time.Minute)
		ran := make(chan string, 2)
		for _, account := range []string{anna, ben} {
			c.Account(account).At(time.Now().Add(time.Hour), do(func() { ran <- account }))
		}
		c.Load(state)
		time.Sleep(2 * time.Hour)
		if first := <-ran; first != anna || len(ran) != 0 {
			t.Errorf("the alarm of %s ran first, and then %d others", first, len(ran))
		}
		if c.Load(clock.State{}); len(c.Moved()) != 0 || c.Ahead() != 0 {
			t.Errorf("a new clock has moved %v, and is %v ahead", c.Moved(), c.Ahead())
		}
		if second := <-ran; second != ben {
			t.Errorf("the alarm of %s ran", second)
		}
	})
}

func TestAChangeIsProposedAndItsErrorIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unreachable := errors.New("no connection")
		c := clock.New()
		var proposed []clock.Change
		c.Propose = func(change clock.Change) error {
			proposed = append(proposed, change)
			return unreachable
		}
		now := time.Now()
		for _, err := range []error{
			c.Account(anna).Advance(time.Hour), c.AdvanceTo(now.Add(time.Hour)), c.SetScale(0.5), c.Account(ben).Reset(),
		} {
			if err != unreachable {
				t.Errorf("the error is %v", err)
			}
		}
		if want := []clock.Change{
			{Account: anna, Kind: clock.KindAdvance, By: time.Hour, Machine: now},
			{Kind: clock.KindAdvanceTo, To: now.Add(time.Hour), Machine: now},
			{Kind: clock.KindScale, Scale: 0.5, Machine: now},
			{Account: ben, Kind: clock.KindReset, Machine: now},
		}; !slices.Equal(proposed, want) {
			t.Errorf("proposed: %v, want %v", proposed, want)
		}
		if c.Ahead() != 0 || len(c.Moved()) != 0 {
			t.Errorf("the clock moved without the other nodes: it is %v ahead", c.Ahead())
		}
	})
}

func TestAMistakePanicsAlsoWhenAnotherNodeFindsIt(t *testing.T) {
	t.Parallel()
	c, other := clock.New(), clock.New()
	c.Propose = func(change clock.Change) error { return fmt.Errorf("the node x: %w", other.Apply(change)) }
	const want = "clock: the scale must be from 0 to 86400, but is -1"
	if got := recovered(func() { _ = c.SetScale(-1) }); got != want {
		t.Errorf("got the panic %v, want %s", got, want)
	}
}

func TestAChangeOfAnUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	c := clock.New()
	err := c.Apply(clock.Change{Account: anna, Kind: "faster", Machine: time.Now()})
	if err == nil || !strings.Contains(err.Error(), `"faster"`) || len(c.Moved()) != 0 {
		t.Errorf("the error is %v, and %v have moved", err, c.Moved())
	}
}
