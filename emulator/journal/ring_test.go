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

func TestAJournalWhoseEntriesAreForgottenIsEmpty(t *testing.T) {
	j := New(MinimumBytes)
	for range 10_000 { // of which some are dropped
		j.Add(Entry{Kind: Frame, Account: "a"})
	}
	j.Forget("")
	if j.bytes != 0 || j.empty != 0 || len(j.all) != 0 || len(j.rings) != 0 || len(j.heap) != 0 {
		t.Errorf("it has %d bytes, %d and %d places, %d and %d rings",
			j.bytes, len(j.all), j.empty, len(j.rings), len(j.heap))
	}
}
