package journal

import (
	"reflect"
	"strings"
	"testing"
)

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

func TestAnEntryCountsWithEveryTextAndBodyOfItsOwn(t *testing.T) {
	counted := map[string]bool{"Account": false} // which its ring has
	for _, name := range []string{
		"Region", "Room", "UserID", "Frame", "Text", "Operation", "RequestID", "Exception", "Request", "Response", "Reason",
	} {
		counted[name] = true
	}
	for name, counts := range counted {
		var e Entry
		if field := reflect.ValueOf(&e).Elem().FieldByName(name); field.Kind() == reflect.String {
			field.SetString(strings.Repeat("x", 1000))
		} else {
			field.SetBytes(make([]byte, 10, 1000))
		}
		want := entryCost
		if counts {
			want += 1000
		}
		if got := e.bytes(); got != want {
			t.Errorf("with 1000 bytes of %s, an entry counts %d, want %d", name, got, want)
		}
	}
}

func TestTheEntryOfAReviewCountsWithItsURI(t *testing.T) {
	e := Entry{Review: &ReviewEntry{URI: strings.Repeat("x", 1000), Verdict: "ALLOW"}}
	if got, want := e.bytes(), entryCost+reviewCost+1000; got != want {
		t.Errorf("it counts %d, want %d", got, want)
	}
}

func TestACompactEntryHasAReviewOfItsOwn(t *testing.T) {
	given := &ReviewEntry{URI: "a", Verdict: "DENY"}
	e := Entry{Review: given}
	if e.compact(); e.Review == given || *e.Review != *given {
		t.Errorf("it has %+v, which is the one that was given: %t", e.Review, e.Review == given)
	}
}

func TestAnEntrySharesTheMemoryOfAFrameThatFillsMostOfIt(t *testing.T) {
	for _, test := range []struct {
		length, capacity int
		shares           bool
	}{
		{0, 16, true}, {0, 17, false}, {80, 80, true}, {80, 106, true}, {80, 107, false}, {800, 916, true}, {800, 917, false},
	} {
		frame := make([]byte, test.length, test.capacity)
		entry := Entry{Frame: frame}
		entry.compact()
		kept := entry.Frame
		if shares := cap(kept) == cap(frame); shares != test.shares || len(kept) != len(frame) {
			t.Errorf("a frame of %d of %d bytes has %d of %d", test.length, test.capacity, len(kept), cap(kept))
		}
	}
}

func TestAJournalCanBeFilledToTheLastByte(t *testing.T) {
	for _, rest := range []int{0, 1} {
		j := New(ringCost + 3*entryCost - rest)
		for range 5 {
			j.Add(Entry{Kind: Frame})
		}
		if kept := len(j.After(0, 0, Filter{})); kept != 3-rest {
			t.Errorf("%d bytes less than for three entries: there are %d", rest, kept)
		}
	}
}

func TestTheRingThatTakesTheMostLosesItsOldestEntry(t *testing.T) {
	j := New(3*ringCost + 3*1000 + 6*entryCost)
	add := func(account string, size int) {
		j.Add(Entry{Kind: Frame, Account: account, Frame: make([]byte, size)})
	}
	for _, account := range []string{"a", "b", "c"} {
		add(account, 500)
		add(account, 500)
	}
	add("b", 100)
	add("b", 100)
	add("a", 100)
	add("c", 100)
	var got []string
	for e := range j.All(0, Filter{}) {
		got = append(got, e.Account)
	}
	if want := []string{"a", "c", "c", "b", "b", "a", "c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the entries are of the accounts %q, want %q", got, want)
	}
}

func TestEmptyPlacesAreRemovedOnceTheyAreMoreThanHalf(t *testing.T) {
	for _, test := range []struct{ others, places, empty int }{{4, 9, 4}, {5, 10, 5}, {6, 5, 0}, {7, 5, 0}, {8, 6, 1}} {
		var j Journal
		for range 5 {
			j.Add(Entry{Account: "a"})
		}
		for range test.others {
			j.Add(Entry{Account: "b"})
		}
		j.Forget("b")
		if len(j.all) != test.places || j.empty != test.empty {
			t.Errorf("without the %d other entries, there are %d places, of which %d are empty, want %d and %d",
				test.others, len(j.all), j.empty, test.places, test.empty)
		}
		if left := j.After(0, 0, Filter{}); len(left) != 5 || left[4].ID != 5 {
			t.Errorf("without the %d other entries, %v are left", test.others, left)
		}
	}
}
