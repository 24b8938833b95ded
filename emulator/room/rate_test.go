package room

import (
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// at gives the result of asking at that many milliseconds.
func (r *rate) at(milliseconds, limit int) bool {
	return r.allow(start.Add(time.Duration(milliseconds)*time.Millisecond), limit)
}

func TestARateIsAWindowOfOneSecondThatEndsNow(t *testing.T) {
	var r rate
	for _, step := range []struct {
		milliseconds int
		allowed      bool
	}{
		{0, true}, {500, true}, {999, false}, {1000, true}, {1001, false}, {1499, false}, {1500, true}, {2000, true},
	} {
		if got := r.at(step.milliseconds, 2); got != step.allowed {
			t.Errorf("after %d ms: %v", step.milliseconds, got)
		}
	}
}

func TestWhatIsRefusedDoesNotCount(t *testing.T) {
	var r rate
	r.at(0, 1)
	for range 5 {
		if r.at(900, 1) {
			t.Error("more than the limit")
		}
	}
	if !r.at(1000, 1) {
		t.Error("it counts what it refused")
	}
}

func TestALimitMayChange(t *testing.T) {
	var r rate
	if !r.at(0, 1) || r.at(1, 1) || !r.at(2, 2) || r.at(3, 1) || !r.at(4, 3) {
		t.Error("the limit is not the one that it is asked with")
	}
	for range 100 {
		if !r.at(5, 0) {
			t.Error("a limit of 0 is none")
		}
	}
}

func TestOfTwoRatesNeitherCountsWhatTheOtherRefuses(t *testing.T) {
	var room, account rate
	both := func(milliseconds, roomLimit, accountLimit int) bool {
		now := start.Add(time.Duration(milliseconds) * time.Millisecond)
		return room.allowIf(now, roomLimit, func() bool { return account.allow(now, accountLimit) })
	}
	if !both(0, 2, 1) || both(1, 2, 1) {
		t.Error("the account's limit does not count")
	}
	if !both(2, 2, 2) {
		t.Error("the room counted what the account refused")
	}
	if both(3, 2, 3) {
		t.Error("the room's limit does not count")
	}
	if !both(4, 3, 3) {
		t.Error("the account counted what the room refused")
	}
}
