package journal_test

import (
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
	for _, account := range []string{"", "many"} {
		if count, missed := readAll(j.Read(0, journal.Filter{Account: account})); count != 1 || missed != 0 {
			t.Errorf("after a reset, account %q has %d entries and %d are missed", account, count, missed)
		}
	}
}

func TestAReaderOfAnAccountWhoseEntriesWereAllDroppedSaysSo(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	j.Add(journal.Entry{Kind: journal.Call, Account: "early"})
	for i := range 5000 {
		j.Add(journal.Entry{Kind: journal.Call, Account: string(rune('a' + i))})
	}
	if count, missed := readAll(j.Read(0, journal.Filter{Account: "early"})); count != 0 || missed == 0 {
		t.Errorf("read %d entries, missed %d", count, missed)
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
