package journal

import "testing"

// batches reads to the end, and returns how many entries each batch had.
func batches(r *Reader) (sizes []int) {
	for {
		b := r.Next()
		sizes = append(sizes, len(b.Entries))
		if b.End {
			return sizes
		}
	}
}

func TestABatchIsSmallSoThatTheLockIsNotHeldForLong(t *testing.T) {
	half := make([]byte, batchBytes/2-entryCost) // of an entry that takes half of the bytes of a batch
	for name, test := range map[string]struct {
		count  int
		entry  Entry
		filter Filter
		want   []int
	}{
		"no entries":                 {0, Entry{}, Filter{}, []int{0}},
		"as many as a batch has":     {batchEntries, Entry{}, Filter{}, []int{batchEntries}},
		"one more":                   {batchEntries + 1, Entry{}, Filter{}, []int{batchEntries, 1}},
		"long ones":                  {7, Entry{Frame: half}, Filter{}, []int{3, 3, 1}},
		"as many as are looked at":   {batchPlaces, Entry{}, Filter{Kind: Call}, []int{0}},
		"one more, of another kind":  {batchPlaces + 1, Entry{}, Filter{Kind: Call}, []int{0, 0}},
		"of an account without any":  {batchPlaces + 1, Entry{}, Filter{Account: "a"}, []int{0, 0}},
		"without the wanted request": {batchEntries + 1, Entry{}, Filter{Request: map[string]any{}}, []int{0, 0}},
	} {
		var j Journal
		for range test.count {
			j.Add(test.entry)
		}
		got := batches(j.Read(0, test.filter))
		if len(got) != len(test.want) {
			t.Errorf("%s: got batches of %v entries, want %v", name, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%s: got batches of %v entries, want %v", name, got, test.want)
			}
		}
	}
}

func TestASearchBackwardsLooksAtAFewEntriesAtATime(t *testing.T) {
	var j Journal
	for range 3000 {
		j.Add(Entry{Kind: Frame})
	}
	for _, test := range []struct {
		filter Filter
		from   uint64
		found  int
		next   uint64
	}{
		{Filter{Kind: Call}, 3000, 0, 3000 - batchPlaces},
		{Filter{Kind: Call}, batchPlaces + 1, 0, 1},
		{Filter{Kind: Call}, batchPlaces, 0, 0},
		{Filter{}, 3000, batchEntries, 3000 - batchEntries},
		{Filter{}, batchEntries + 1, batchEntries, 1},
		{Filter{}, batchEntries, batchEntries, 0},
	} {
		found, next := j.matchingBefore(test.from, test.filter)
		if len(found) != test.found || next != test.next {
			t.Errorf("%+v from %d: found %d, then %d, want %d and %d",
				test.filter, test.from, len(found), next, test.found, test.next)
		}
	}
}
