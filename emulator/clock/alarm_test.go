package clock_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

// do returns an alarm's function that calls f and whose effect is complete at once.
func do(f func()) func() <-chan struct{} {
	return func() <-chan struct{} {
		f()
		return nil
	}
}

func TestAlarmsRunAtTheirTimeWithoutAnAdvance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := c.Now()
		ran := make(chan string, 3)
		for _, minutes := range []int{3, 1, 2} {
			c.At(began.Add(time.Duration(minutes)*time.Minute), do(func() {
				ran <- fmt.Sprint(minutes, " at ", c.Now().Sub(began))
			}))
		}
		for _, want := range []string{"1 at 1m0s", "2 at 2m0s", "3 at 3m0s"} {
			if got := <-ran; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}

func TestAdvanceReturnsWhenTheAlarmsThatFellDueHaveRunInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := c.Now()
		var ran []int
		for _, minutes := range []int{5, 3, 1, 4, 2, 7} {
			c.At(began.Add(time.Duration(minutes)*time.Minute), do(func() { ran = append(ran, minutes) }))
		}
		stopped := c.At(began.Add(time.Minute), do(func() { t.Error("an alarm ran although it was stopped") }))
		c.Stop(stopped)
		c.Stop(stopped)
		c.Advance(5 * time.Minute)
		if want := []int{1, 2, 3, 4, 5}; !slices.Equal(ran, want) {
			t.Errorf("alarms %v ran, want %v", ran, want)
		}
		c.Advance(time.Hour)
		if len(ran) != 6 {
			t.Errorf("alarms %v ran, want all 6", ran)
		}
	})
}

func TestAnAlarmForAPastTimeRunsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		began := time.Now()
		ran := make(chan struct{})
		c.At(c.Now().Add(-time.Hour), do(func() { close(ran) }))
		<-ran
		if passed := time.Since(began); passed != 0 {
			t.Errorf("it ran after %v", passed)
		}
	})
}

func TestAnAlarmMaySetAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		ran := 0
		var again func()
		again = func() {
			ran++
			c.At(c.Now().Add(time.Hour), do(again))
		}
		last := c.At(c.Now().Add(time.Hour), do(again))
		for range 3 {
			c.Advance(time.Hour)
		}
		if ran != 3 {
			t.Errorf("it ran %d times", ran)
		}
		c.Stop(last) // does nothing, because it has run
	})
}

func TestAnAlarmWaitsForTheEffectOfTheOneBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		complete := 0
		for i := range 3 {
			c.At(c.Now().Add(time.Duration(1+i)*time.Minute), func() <-chan struct{} {
				if complete != i {
					t.Errorf("alarm %d ran when %d effects were complete", i, complete)
				}
				effect := make(chan struct{})
				time.AfterFunc(10*time.Millisecond, func() {
					complete++
					close(effect)
				})
				return effect
			})
		}
		c.Advance(time.Hour)
		if complete != 3 {
			t.Errorf("Advance returned when %d effects were complete", complete)
		}
	})
}

func TestAdvanceTakesNoTimeIfNoAlarmHasToBeWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		complete := make(chan struct{})
		close(complete)
		for range 3 {
			c.At(c.Now(), do(func() {}))
			c.At(c.Now(), func() <-chan struct{} { return complete })
		}
		began := time.Now()
		c.Advance(time.Hour)
		if took := time.Since(began); took != 0 { // in the bubble, only waiting takes time
			t.Errorf("it took %v", took)
		}
	})
}

func TestASecondAdvanceWaitsForTheAlarmsOfTheFirst(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"", anna} {
		synctest.Test(t, func(t *testing.T) {
			c := clock.New().Account(account)
			complete := false
			c.At(c.Now().Add(time.Minute), func() <-chan struct{} {
				effect := make(chan struct{})
				time.AfterFunc(10*time.Millisecond, func() {
					complete = true
					close(effect)
				})
				return effect
			})
			go c.Advance(time.Hour)
			synctest.Wait()
			c.At(c.Now(), do(func() {
				if !complete {
					t.Errorf("%s: the next alarm ran before the effect of the first was complete", c)
				}
			}))
			c.Advance(time.Hour)
			if !complete {
				t.Errorf("%s: it returned before the effect was complete", c)
			}
		})
	}
}

func TestAdvanceWaitsOnceForAllEffectsThatNeverComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		never, slow := make(chan struct{}), make(chan struct{})
		for range 500 {
			c.At(c.Now().Add(time.Minute), func() <-chan struct{} { return never })
		}
		c.At(c.Now().Add(time.Hour), func() <-chan struct{} {
			time.AfterFunc(20*time.Millisecond, func() { close(slow) })
			return slow
		})
		began := time.Now()
		c.Advance(time.Hour)
		if took := time.Since(began); took > 200*time.Millisecond { // of the bubble's time
			t.Errorf("it took %v", took)
		}
		select {
		case <-slow:
		default:
			t.Error("the effect of the last alarm is not complete, although there was time for it")
		}
	})
}

func TestAdvanceWaitsForEveryEffectThatCompletesInTheTimeAfterTheLastAlarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		var complete atomic.Int32
		for _, after := range []time.Duration{150, 60, 70} { // the second alarm runs after 100 ms
			c.At(c.Now().Add(time.Minute), func() <-chan struct{} {
				effect := make(chan struct{})
				time.AfterFunc(after*time.Millisecond, func() {
					complete.Add(1)
					close(effect)
				})
				return effect
			})
		}
		c.Advance(time.Minute)
		if n := complete.Load(); n != 3 {
			t.Errorf("it returned when %d effects were complete", n)
		}
	})
}

func TestAdvanceReturnsWhenAnEffectCompletesAtTheLastMoment(t *testing.T) {
	t.Parallel()
	for range 100 { // the effect and the end of the time come in any order
		synctest.Test(t, func(t *testing.T) {
			c := clock.New()
			last, never := make(chan struct{}), make(chan struct{})
			c.At(c.Now(), func() <-chan struct{} {
				time.AfterFunc(200*time.Millisecond, func() { close(last) }) // twice the time for effects
				return last
			})
			c.At(c.Now().Add(time.Minute), func() <-chan struct{} { return never })
			c.Advance(time.Hour)
		})
	}
}
