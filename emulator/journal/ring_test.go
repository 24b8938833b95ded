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

func TestTheRingThatTakesTheMostIsFirstAndThenTheOneWithTheOldestEntry(t *testing.T) {
	ringOf := func(bytes int, oldest uint64) *ring {
		return &ring{bytes: bytes, oldest: &stored{Entry: Entry{ID: oldest}}}
	}
	for _, test := range []struct {
		a, b *ring
		want bool // whether a is first
	}{
		{ringOf(2, 7), ringOf(1, 5), true},
		{ringOf(1, 5), ringOf(2, 7), false},
		{ringOf(1, 5), ringOf(1, 7), true},
		{ringOf(1, 7), ringOf(1, 5), false},
		{&ring{bytes: 1}, ringOf(1, 5), false}, // a new ring has no entry
		{ringOf(1, 5), &ring{bytes: 1}, false},
	} {
		if got := (ringHeap{test.a, test.b}).Less(0, 1); got != test.want {
			t.Errorf("%+v before %+v: got %t", test.a, test.b, got)
		}
	}
}
