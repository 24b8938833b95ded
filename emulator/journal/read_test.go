package journal_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// readAll reads to the end. It returns how many entries there were, and how many were missed.
func readAll(r *journal.Reader) (count, missed int) {
	for {
		b := r.Next()
		count, missed = count+len(b.Entries), missed+int(b.Missed)
		if b.End {
			return count, missed
		}
	}
}

func TestAReaderSaysHowManyEntriesItMissed(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	add := func(account string, count int) {
		for range count {
			j.Add(journal.Entry{Kind: journal.Call, Account: account})
		}
	}
	add("few", 5)
	all, many := j.Read(0, journal.Filter{}), j.Read(0, journal.Filter{Account: "many"})
	few := j.Read(0, journal.Filter{Account: "few"})
	add("many", 10)
	read := 0
	for name, r := range map[string]*journal.Reader{"all": all, "many": many} {
		if count, missed := readAll(r); count < 10 || missed != 0 {
			t.Errorf("%s: read %d entries, missed %d", name, count, missed)
		}
	}
	read = 10 // of the account
	add("many", 9000)
	kept := len(j.After(0, 0, journal.Filter{Account: "many"}))
	for name, r := range map[string]*journal.Reader{"all": all, "many": many} {
		if count, missed := readAll(r); count != kept || missed != 9000-kept {
			t.Errorf("%s: read %d entries, missed %d, want %d and %d", name, count, missed, kept, 9000-kept)
		}
	}
	if count, missed := readAll(few); count != 5 || missed != 0 {
		t.Errorf("the reader of another account has read %d entries and missed %d", count, missed)
	}
	for _, account := range []string{"", "many"} {
		r := j.Read(0, journal.Filter{Account: account, Kind: journal.Call})
		if _, missed := readAll(r); missed != read+9000-kept {
			t.Errorf("a new reader of account %q has missed %d entries", account, missed)
		}
		if _, missed := readAll(j.Read(j.Last()-10, journal.Filter{Account: account})); missed != 0 {
			t.Errorf("a reader of the end of account %q has missed %d entries", account, missed)
		}
	}
	j.Forget("")
	add("many", 1)
	for _, account := range []string{"", "many", "none"} {
		want := 1
		if account == "none" {
			want = 0
		}
		if count, missed := readAll(j.Read(0, journal.Filter{Account: account})); count != want || missed != 0 {
			t.Errorf("after a reset, account %q has %d entries and %d are missed", account, count, missed)
		}
	}
	add("many", 8999)
	kept = len(j.After(0, 0, journal.Filter{}))
	for _, account := range []string{"", "many"} {
		if count, missed := readAll(j.Read(0, journal.Filter{Account: account})); count != kept || missed != 9000-kept {
			t.Errorf("later, account %q has %d entries and %d are missed, want %d and %d",
				account, count, missed, kept, 9000-kept)
		}
	}
}

// alternate adds so many entries of two accounts, first of one, then of the other.
func alternate(j *journal.Journal, count int, first, second string) {
	for range count {
		j.Add(journal.Entry{Kind: journal.Call, Account: first})
		j.Add(journal.Entry{Kind: journal.Call, Account: second})
	}
}

func TestAReaderOfAnAccountMissesOnlyWhatItHasNotPassed(t *testing.T) {
	var j journal.Journal
	for range 1000 { // so that the numbers of the entries of the two accounts differ
		j.Add(journal.Entry{Kind: journal.Call, Account: "other"})
	}
	alternate(&j, 10_000, "own", "other")
	some := j.Read(1000, journal.Filter{Account: "own"})
	none := j.Read(1000, journal.Filter{Account: "own", Kind: journal.Handshake})
	passed := map[*journal.Reader]int{some: 64, none: 512}
	for r, want := range passed {
		if b := r.Next(); b.End || b.Missed != 0 {
			t.Errorf("the reader that has passed %d entries is at the end: %t, missed %d", want, b.End, b.Missed)
		}
	}
	alternate(&j, 600, "own", "other") // each of which takes the place of an older one
	for r, passed := range passed {
		if b := r.Next(); b.Missed != uint64(600-passed) {
			t.Errorf("missed %d entries, want %d", b.Missed, 600-passed)
		}
	}
}

func TestAReaderFromTheEndMissesOnlyEntriesOfItsAccountThatAreAddedLater(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	alternate(j, 3000, "own", "other") // of which many are dropped
	r := j.Read(j.Last(), journal.Filter{Account: "own"})
	if b := r.Next(); len(b.Entries) != 0 || b.Missed != 0 || !b.End || r.Last() != 6000 {
		t.Errorf("at the end: %+v, and the last entry is %d", b, r.Last())
	}
	alternate(j, 3000, "own", "other")
	kept := len(j.After(0, 0, journal.Filter{Account: "own"}))
	if count, missed := readAll(r); count != kept || missed != 3000-kept {
		t.Errorf("read %d entries and missed %d, want %d and %d", count, missed, kept, 3000-kept)
	}
}

func TestAReaderCountsWhatItMissesOfAnAccountThatWasForgotten(t *testing.T) {
	for _, dropped := range []int{0, 1, 50} {
		var j journal.Journal
		alternate(&j, 100, "own", "other")
		r := j.Read(0, journal.Filter{Account: "own"})
		if count, missed := readAll(r); count != 100 || missed != 0 {
			t.Fatalf("read %d entries, missed %d", count, missed)
		}
		j.Forget("own")
		alternate(&j, 10_000+dropped, "other", "own")
		if count, missed := readAll(r); count != 10_000 || missed != dropped {
			t.Errorf("read %d entries and missed %d, want %d", count, missed, dropped)
		}
	}
}

// A refused handshake may belong to no account.
func TestAReaderOfAllAccountsMissesOnlyWhatWasDroppedOfNoAccount(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	j.Add(journal.Entry{Kind: journal.Call, Account: "some"})
	for range 9000 {
		j.Add(journal.Entry{Kind: journal.Handshake})
	}
	if of := j.After(0, 1, journal.Filter{}); of[0].Account != "some" {
		t.Fatalf("the oldest entry is %+v", of[0])
	}
	kept := len(j.After(0, 0, journal.Filter{Kind: journal.Handshake}))
	if count, missed := readAll(j.Read(0, journal.Filter{})); count != 1+kept || missed != 9000-kept {
		t.Errorf("read %d entries and missed %d, want %d and %d", count, missed, 1+kept, 9000-kept)
	}
}

func TestAnEntryThatIsDroppedAtOnceIsMissedOnce(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	for _, account := range []string{"", "own"} {
		r := j.Read(j.Last(), journal.Filter{Account: account})
		j.Add(journal.Entry{Kind: journal.Frame, Account: "own", Frame: make([]byte, journal.MinimumBytes)})
		for _, want := range []int{1, 0} {
			if count, missed := readAll(r); count != 0 || missed != want {
				t.Errorf("account %q: read %d entries and missed %d, want %d", account, count, missed, want)
			}
		}
	}
}

func TestTheSearchForTheLatestEntriesGoesBackAsFarAsItMust(t *testing.T) {
	var j journal.Journal
	for i := range 5000 {
		kind := journal.Call
		if i%10 == 0 && i < 1000 { // the IDs 1, 11 … 991
			kind = journal.Frame
		}
		j.Add(journal.Entry{Kind: kind}.WithRequest(fmt.Appendf(nil, `{"n":%d}`, i%100)))
	}
	frames, some := journal.Filter{Kind: journal.Frame}, journal.Filter{Kind: journal.Frame, Request: map[string]any{"n": 50.0}}
	for _, test := range []struct {
		filter journal.Filter
		count  int
		want   uint64
	}{
		{journal.Filter{}, 0, 5000},
		{journal.Filter{}, 1, 4999},
		{journal.Filter{}, 3000, 2000},
		{journal.Filter{}, 4999, 1},
		{journal.Filter{}, 5000, 0},
		{frames, 0, 991},
		{frames, 1, 981},
		{frames, 99, 1},
		{frames, 100, 0},
		{some, 0, 951},
		{some, 1, 851},
		{some, 9, 51},
		{some, 10, 0},
		{journal.Filter{Kind: journal.Handshake}, 0, 0},
	} {
		if got := j.BeforeLatest(test.count, test.filter); got != test.want {
			t.Errorf("%+v: before the latest %d is entry %d, want %d", test.filter, test.count, got, test.want)
		}
		latest := j.Latest(test.count, test.filter)
		if all := j.After(0, 0, test.filter); !slices.Equal(ids(latest), ids(all[max(0, len(all)-test.count):])) {
			t.Errorf("%+v: the latest %d are %v", test.filter, test.count, ids(latest))
		}
	}
}

func TestAJournalHasAnEntryOrNot(t *testing.T) {
	var j journal.Journal
	if j.Has(journal.Filter{}) {
		t.Error("an empty journal has an entry")
	}
	j.Add(journal.Entry{Kind: journal.Call})
	if !j.Has(journal.Filter{Kind: journal.Call}) || j.Has(journal.Filter{Kind: journal.Frame}) {
		t.Error("it has no call, or a frame")
	}
}

func TestAReaderOfAnAccountWhoseEntriesWereAllDroppedSaysSo(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	j.Add(journal.Entry{Kind: journal.Call, Account: "early"})
	for i := range 5000 {
		j.Add(journal.Entry{Kind: journal.Call, Account: string(rune('a' + i))})
	}
	r := j.Read(0, journal.Filter{Account: "early"})
	if count, missed := readAll(r); count != 0 || missed == 0 {
		t.Errorf("read %d entries, missed %d", count, missed)
	}
	j.Add(journal.Entry{Kind: journal.Call, Account: "early"})
	if count, missed := readAll(r); count != 1 || missed != 0 {
		t.Errorf("then read %d entries, missed %d", count, missed)
	}
	if count, missed := readAll(j.Read(0, journal.Filter{Account: "early"})); count != 1 || missed == 0 {
		t.Errorf("a new reader has read %d entries, missed %d", count, missed)
	}
}

// The journal is full all the time, so that every new entry takes the place of another.
func TestAReaderSkipsNoEntryWithoutSayingSoWhileManyWrite(t *testing.T) {
	const writers, each = 8, 4000
	for _, account := range []string{"", "a"} {
		j := journal.New(journal.MinimumBytes)
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for range each {
					j.Add(journal.Entry{Kind: journal.Frame, Account: "a"})
				}
			})
		}
		r, last, missed := j.Read(0, journal.Filter{Account: account}), uint64(0), uint64(0)
		for last < writers*each {
			r.Wait(t.Context(), 1)
			b := r.Next()
			missed += b.Missed // since the last entry
			for _, e := range b.Entries {
				if e.ID <= last || e.ID-last-1 > missed {
					t.Fatalf("entry %d follows %d, but only %d are missed", e.ID, last, missed)
				}
				missed -= e.ID - last - 1
				last = e.ID
			}
		}
		if missed != 0 {
			t.Errorf("%d entries too many are said to be missed", missed)
		}
		group.Wait()
	}
}

func TestReadingEverythingEndsAlthoughEntriesAreAddedMeanwhile(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call})
	count := 0
	for range j.All(0, journal.Filter{}) {
		j.Add(journal.Entry{Kind: journal.Call})
		count++
	}
	if count != 1 {
		t.Errorf("read %d entries", count)
	}
}
