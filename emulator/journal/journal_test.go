package journal_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func ids(entries []journal.Entry) (all []uint64) {
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

func TestTheLatestEntriesAreKept(t *testing.T) {
	var j journal.Journal
	for i := range journal.Capacity + 5 {
		kind := journal.Call
		if i%2 == 1 {
			kind = journal.Frame
		}
		j.Add(journal.Entry{Kind: kind})
	}
	if got := j.After(0, 0, journal.Filter{}); len(got) != journal.Capacity || got[0].ID != 6 || got[len(got)-1].ID != journal.Capacity+5 {
		t.Errorf("%d entries from %d on", len(got), got[0].ID)
	}
	if got := ids(j.Latest(2, journal.Filter{Kind: journal.Frame})); len(got) != 2 || got[0] != journal.Capacity+2 || got[1] != journal.Capacity+4 {
		t.Errorf("the latest frames are %v", got)
	}
	if got := ids(j.After(journal.Capacity, 2, journal.Filter{})); len(got) != 2 || got[0] != journal.Capacity+1 {
		t.Errorf("two after %d are %v", journal.Capacity, got)
	}
}

func TestWhoeverWaitsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal.Journal
		done := make(chan []journal.Entry)
		go func() { done <- j.Wait(t.Context(), 0, 2, journal.Filter{Room: "r"}) }()
		for _, room := range []string{"r", "other", "r"} {
			synctest.Wait()
			j.Add(journal.Entry{Kind: journal.Frame, Room: room})
		}
		if got := ids(<-done); len(got) != 2 || got[1] != 3 {
			t.Errorf("got %v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := j.Wait(ctx, 0, 3, journal.Filter{Room: "r"}); len(got) != 2 {
			t.Errorf("in vain: %v", got)
		}
	})
}

func TestOneAccountIsForgottenAlone(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	j.Add(journal.Entry{Kind: journal.Call, Account: "b"})
	j.Forget("a")
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	if got := ids(j.After(0, 0, journal.Filter{})); len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("left: %v", got)
	}
}

func TestNothingIsMissedWhileManyAdd(t *testing.T) {
	var j journal.Journal
	var all sync.WaitGroup
	const adders, each = 8, 1000
	for range adders {
		all.Go(func() {
			for range each {
				j.Add(journal.Entry{Kind: journal.Frame})
			}
		})
	}
	for next := uint64(1); next <= adders*each; {
		for _, id := range ids(j.Wait(t.Context(), next-1, 1, journal.Filter{})) {
			if id != next {
				t.Fatalf("%d came when it was the turn of %d", id, next)
			}
			next++
		}
	}
	all.Wait()
}

func TestWhatCameLateDoesNotReplaceWhatIsNewer(t *testing.T) {
	var j journal.Journal
	overtaken := false
	j.Listen(func(e journal.Entry) {
		for e.ID == 1 && !overtaken { // the first one is held up until a round of others has come
			overtaken = true
			for range journal.Capacity {
				j.Add(journal.Entry{Kind: journal.Frame})
			}
		}
	})
	j.Add(journal.Entry{Kind: journal.Call})
	if got := ids(j.After(0, 0, journal.Filter{})); len(got) != journal.Capacity || got[0] != 2 {
		t.Errorf("%d entries from %v on", len(got), got[:1])
	}
}
