package journal

import "testing"

func TestDroppedEntriesLeaveNoPlacesBehind(t *testing.T) {
	j := New(MinimumBytes)
	j.Add(Entry{Kind: Frame, Account: "a"}) // which stays, before all that are dropped
	for range 100_000 {
		j.Add(Entry{Kind: Frame, Account: "b"})
	}
	if n := len(j.all); n > 10_000 || j.all[0].id != 1 {
		t.Errorf("there are %d places for at most %d entries", n, MinimumBytes/entryCost)
	}
}
