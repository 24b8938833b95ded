package journal_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// ids returns the IDs of the entries.
func ids(entries []journal.Entry) (all []uint64) {
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

func TestAFullJournalKeepsTheLatestEntries(t *testing.T) {
	var j journal.Journal
	for i := range journal.Capacity + 5 {
		kind := journal.Call
		if i%2 == 1 {
			kind = journal.Frame
		}
		j.Add(journal.Entry{Kind: kind})
	}
	all := ids(j.After(0, 0, journal.Filter{}))
	if len(all) != journal.Capacity || all[0] != 6 || all[len(all)-1] != journal.Capacity+5 {
		t.Errorf("the journal has %d entries, the first are %v", len(all), all[:min(3, len(all))])
	}
	latest := ids(j.Latest(2, journal.Filter{Kind: journal.Frame}))
	if want := []uint64{journal.Capacity + 2, journal.Capacity + 4}; !slices.Equal(latest, want) {
		t.Errorf("the latest two frames are %v, want %v", latest, want)
	}
	after := ids(j.After(journal.Capacity, 2, journal.Filter{}))
	if want := []uint64{journal.Capacity + 1, journal.Capacity + 2}; !slices.Equal(after, want) {
		t.Errorf("the two entries after %d are %v, want %v", journal.Capacity, after, want)
	}
}

func TestWaitReturnsWhenThereAreEnoughEntriesOrTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal.Journal
		done := make(chan []journal.Entry)
		go func() { done <- j.Wait(t.Context(), 0, 2, journal.Filter{Room: "r"}) }()
		for _, room := range []string{"r", "other", "r"} {
			synctest.Wait()
			j.Add(journal.Entry{Kind: journal.Frame, Room: room})
		}
		if got := ids(<-done); !slices.Equal(got, []uint64{1, 3}) {
			t.Errorf("got the entries %v, want 1 and 3", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := j.Wait(ctx, 0, 3, journal.Filter{Room: "r"}); len(got) != 2 {
			t.Errorf("got %v when the context ended, want the two entries of the room", got)
		}
	})
}

func TestWaitDoesNotCountEntriesThatAreForgottenMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal.Journal
		done := make(chan []journal.Entry)
		go func() { done <- j.Wait(t.Context(), 0, 2, journal.Filter{}) }()
		j.Add(journal.Entry{Kind: journal.Frame})
		synctest.Wait()
		j.Forget("")
		j.Add(journal.Entry{Kind: journal.Frame})
		synctest.Wait()
		j.Add(journal.Entry{Kind: journal.Frame})
		if got := ids(<-done); !slices.Equal(got, []uint64{2, 3}) {
			t.Errorf("got the entries %v, want 2 and 3", got)
		}
	})
}

func TestForgetRemovesTheEntriesOfOneAccountOnly(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	j.Add(journal.Entry{Kind: journal.Call, Account: "b"})
	j.Forget("a")
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	if got := ids(j.After(0, 0, journal.Filter{})); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("the entries %v are left, want 2 and 3", got)
	}
	j.Forget("")
	if got := ids(j.After(0, 0, journal.Filter{})); len(got) > 0 || j.Last() != 3 {
		t.Errorf("the entries %v are left, and the last ID is %d", got, j.Last())
	}
}

func TestAReaderMissesNoEntryWhileManyWrite(t *testing.T) {
	var j journal.Journal
	var group sync.WaitGroup
	const writers, each = 8, 1000
	for range writers {
		group.Go(func() {
			for range each {
				j.Add(journal.Entry{Kind: journal.Frame})
			}
		})
	}
	for next := uint64(1); next <= writers*each; {
		for _, id := range ids(j.Wait(t.Context(), next-1, 1, journal.Filter{})) {
			if id != next {
				t.Fatalf("got entry %d, want %d", id, next)
			}
			next++
		}
	}
	group.Wait()
}

func TestAFilterSelectsEntriesThatHaveAllItsValues(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a", Room: "r", Direction: "in"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a", Room: "r", Direction: "out"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "b", Room: "s", Direction: "out"})
	for _, test := range []struct {
		filter journal.Filter
		want   []uint64
	}{
		{journal.Filter{}, []uint64{1, 2, 3, 4}},
		{journal.Filter{Kind: journal.Call}, []uint64{1}},
		{journal.Filter{Account: "a"}, []uint64{1, 2, 3}},
		{journal.Filter{Room: "s"}, []uint64{4}},
		{journal.Filter{Direction: "out"}, []uint64{3, 4}},
		{journal.Filter{Kind: journal.Frame, Account: "a", Room: "r", Direction: "in"}, []uint64{2}},
		{journal.Filter{Kind: journal.Call, Room: "r"}, nil},
	} {
		if got := ids(j.After(0, 0, test.filter)); !slices.Equal(got, test.want) {
			t.Errorf("%+v selects %v, want %v", test.filter, got, test.want)
		}
	}
}

func TestAFrameIsKeptUnchangedAsJSONOrAsText(t *testing.T) {
	for frame, isJSON := range map[string]bool{
		`{"a": 1}`: true, `null`: true, `{"a"`: false, "\xff": false, "": false,
	} {
		e := journal.Entry{}.WithFrame([]byte(frame))
		want := journal.Entry{Text: frame}
		if isJSON {
			want = journal.Entry{Frame: json.RawMessage(frame)}
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%q: got %+v, want %+v", frame, e, want)
		}
	}
}

func TestABodyIsKeptUnchangedUntilItIsRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"b": 1, "a": 2}`: `{"b":1,"a":2}`, `"AQICAH"`: `"AQICAH"`, `"text"`: `"text"`, `{"a"`: `"{\"a\""`, "\xff": `"\ufffd"`,
	} {
		e := journal.Entry{}.WithRequest([]byte(body)).WithResponse([]byte(body))
		got, err := json.Marshal([]journal.Body{e.Request, e.Response})
		if err != nil || string(got) != "["+want+","+want+"]" {
			t.Errorf("%s: got %s, %v", body, got, err)
		}
	}
	long := make([]byte, 16<<10+1)
	e := journal.Entry{}.WithRequest(long).WithResponse(long)
	if e.Request != nil || e.Response != nil || e.RequestBytes != len(long) || e.ResponseBytes != len(long) {
		t.Errorf("the sizes are %d and %d", e.RequestBytes, e.ResponseBytes)
	}
}

func TestAnEntryCanBeDecodedFromItsJSON(t *testing.T) {
	entry := journal.Entry{ID: 1, Kind: journal.Call}.WithRequest([]byte(`{"a":1}`))
	text, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	var decoded journal.Entry
	if err := json.Unmarshal(text, &decoded); err != nil || !reflect.DeepEqual(decoded, entry) {
		t.Errorf("decoded %+v: %v", decoded, err)
	}
}
