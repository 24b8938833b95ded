package clock_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

func TestAlarmsRingAtTheirTimeByTheMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock.Clock
		began := c.Now()
		rung := make(chan string, 3)
		for _, minutes := range []int{3, 1, 2} {
			c.At(began.Add(time.Duration(minutes)*time.Minute), func() {
				rung <- fmt.Sprint(minutes, " at ", c.Now().Sub(began))
			})
		}
		for _, want := range []string{"1 at 1m0s", "2 at 2m0s", "3 at 3m0s"} {
			if got := <-rung; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}

func TestAdvanceReturnsWhenWhatFellDueHasRungInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock.Clock
		began := c.Now()
		var rung []int
		for _, minutes := range []int{5, 3, 1, 4, 2, 7} {
			c.At(began.Add(time.Duration(minutes)*time.Minute), func() { rung = append(rung, minutes) })
		}
		stopped := c.At(began.Add(time.Minute), func() { t.Error("it rang though it was stopped") })
		c.Stop(stopped)
		c.Stop(stopped)
		c.Advance(5 * time.Minute)
		if want := []int{1, 2, 3, 4, 5}; !slices.Equal(rung, want) {
			t.Errorf("rung: %v, want %v", rung, want)
		}
		c.Advance(time.Hour)
		if len(rung) != 6 {
			t.Errorf("rung: %v", rung)
		}
	})
}

func TestAnAlarmForAPastTimeRingsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock.Clock
		began := time.Now()
		rung := make(chan struct{})
		c.At(c.Now().Add(-time.Hour), func() { close(rung) })
		<-rung
		if passed := time.Since(began); passed != 0 {
			t.Errorf("after %v", passed)
		}
	})
}

func TestAnAlarmMaySetAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock.Clock
		rung := 0
		var again func()
		again = func() {
			rung++
			c.At(c.Now().Add(time.Hour), again)
		}
		last := c.At(c.Now().Add(time.Hour), again)
		for range 3 {
			c.Advance(time.Hour)
		}
		if rung != 3 {
			t.Errorf("it rang %d times", rung)
		}
		c.Stop(last) // has rung: nothing to stop
	})
}
