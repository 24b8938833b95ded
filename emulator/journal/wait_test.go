package journal

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// waiting returns everyone who waits.
func (w *waiters) waiting() (all []*waiter) {
	for _, same := range w.byKey {
		all = append(all, same...)
	}
	return all
}

// A waiter that is woken waits again as another waiter.
func TestOnlyAnEntryThatIsSelectedWakesAWaitingReader(t *testing.T) {
	call := Entry{Kind: Call, Account: "a", Operation: "CreateRoom", Status: 200}.WithRequest([]byte(`{"name":"x"}`))
	frame := Entry{Kind: Frame, Account: "a", Room: "r", Direction: In}
	for _, test := range []struct {
		filter Filter
		wakes  []bool // for the call and for the frame
	}{
		{Filter{}, []bool{true, true}},
		{Filter{Account: "a"}, []bool{true, true}},
		{Filter{Account: "b"}, []bool{false, false}},
		{Filter{Kind: Call}, []bool{true, false}},
		{Filter{Kind: Handshake}, []bool{false, false}},
		{Filter{Kind: Call, Account: "b"}, []bool{false, false}},
		{Filter{Kind: Call, Operation: "CreateRoom"}, []bool{true, false}},
		{Filter{Kind: Call, Operation: "DeleteRoom"}, []bool{false, false}},
		{Filter{Kind: Call, Status: 400}, []bool{false, false}},
		{Filter{Kind: Call, Request: map[string]any{"name": "x"}}, []bool{true, false}},
		{Filter{Kind: Call, Request: map[string]any{"name": "y"}}, []bool{false, false}},
		{Filter{Request: map[string]any{"name": "x"}}, []bool{true, false}},
		{Filter{Request: map[string]any{"name": "y"}}, []bool{false, false}},
		{Filter{Operation: "CreateRoom"}, []bool{true, false}},
		{Filter{Status: 200}, []bool{true, false}},
		{Filter{Direction: In}, []bool{false, true}},
		{Filter{Kinds: []Kind{Frame}}, []bool{false, true}},
		{Filter{Kinds: []Kind{Handshake, Call}}, []bool{true, false}},
		{Filter{Kinds: []Kind{Frame, Call}, Direction: In}, []bool{true, true}},
		{Filter{Kinds: []Kind{Frame, Call}, Direction: Out}, []bool{true, false}},
		{Filter{LoggingConfiguration: "l"}, []bool{false, false}},
		{Filter{Room: "r"}, []bool{false, true}},
		{Filter{Room: "s"}, []bool{false, false}},
		{Filter{Kind: Frame, Room: "r", Direction: In}, []bool{false, true}},
		{Filter{Kind: Frame, Room: "r", Direction: Out}, []bool{false, false}},
	} {
		for i, entry := range []Entry{call, frame} {
			synctest.Test(t, func(t *testing.T) {
				var j Journal
				ctx, cancel := context.WithCancel(t.Context())
				var woken atomic.Bool
				for range 3 { // of which one must not remove another
					go func() {
						if j.Read(0, test.filter).Wait(ctx, 1) {
							woken.Store(true)
						}
					}()
				}
				synctest.Wait()
				decoding := int64(0)
				if test.filter.Request != nil {
					decoding = 3
				}
				if n := len(j.waiters.waiting()); n != 3 || j.decoding.Load() != decoding {
					t.Fatalf("%d wait, %d of them for certain requests", n, j.decoding.Load())
				}
				j.Add(entry)
				synctest.Wait()
				want := 3
				if test.wakes[i] {
					want = 0
				}
				if left := len(j.waiters.waiting()); woken.Load() != test.wakes[i] || left != want {
					t.Errorf("%+v: woken: %v, waiting: %d", test.filter, woken.Load(), left)
				}
				cancel()
				synctest.Wait()
				if len(j.waiters.byKey)+len(j.waiters.masks) > 0 || j.decoding.Load() != 0 {
					t.Errorf("%+v: %v is left", test.filter, j.waiters)
				}
			})
		}
	}
}

func TestAReaderThatWaitsForSeveralEntriesIsWokenByTheLastOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Journal
		done := make(chan []Entry)
		go func() { done <- j.Wait(t.Context(), 0, 100, Filter{Kind: Call}) }()
		synctest.Wait()
		before := j.waiters.waiting()
		for i := range 99 {
			j.Add(Entry{Kind: Call, Operation: fmt.Sprint(i)})
			j.Add(Entry{Kind: Frame})
			synctest.Wait()
		}
		if !slices.Equal(j.waiters.waiting(), before) {
			t.Error("it was woken before")
		}
		j.Add(Entry{Kind: Call})
		if got := <-done; len(got) != 100 || got[99].ID != 199 {
			t.Errorf("got %d entries", len(got))
		}
	})
}

func TestAWaiterThatIsRemovedTwiceLeavesTheOthers(t *testing.T) {
	var w waiters
	one, other := &waiter{done: make(chan struct{})}, &waiter{done: make(chan struct{})}
	w.add(one)
	w.add(other)
	w.remove(one)
	w.remove(one) // its context ended when it had all its entries
	if all := w.byKey[key{}]; len(all) != 1 || all[0] != other {
		t.Errorf("%d wait, want the other one", len(all))
	}
}

// wait starts to wait for entries. The returned function reports whether they have been added. It must be called
// in a bubble of synctest.
func wait(ctx context.Context, r *Reader, count int) (woken func() bool) {
	done := make(chan struct{})
	go func() {
		if r.Wait(ctx, count) {
			close(done)
		}
	}()
	return func() bool {
		synctest.Wait()
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

func TestAnEntryWakesTheReadersThatSelectItAndNoOther(t *testing.T) {
	filters := []Filter{
		{Account: "a"}, {Account: "b"}, {Account: "c"}, {Kind: Call}, {Kind: Frame}, {Kind: Frame, Account: "d"},
		{Kind: Connect, Request: map[string]any{"name": "x"}}, {Kind: Connect, Request: map[string]any{"name": "y"}},
	}
	entries := []Entry{
		{Account: "a"}, {Account: "b"}, {Account: "c"}, {Kind: Call}, {Kind: Frame}, {Kind: Frame, Account: "d"},
		{Kind: Connect, Request: []byte(`{"name":"x"}`)}, {Kind: Connect, Request: []byte(`{"name":"y"}`)},
	}
	for first := range entries {
		synctest.Test(t, func(t *testing.T) {
			var j Journal
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			left := map[int]func() bool{}
			for i, filter := range filters {
				left[i] = wait(ctx, j.Read(0, filter), 1)
			}
			synctest.Wait()
			for k := range entries {
				i := (first + k) % len(entries)
				j.Add(entries[i])
				for other, woken := range left {
					want := other == i || filters[other].Request == nil && filters[other].matches(&entries[i])
					if woken() != want {
						t.Errorf("the entry %+v wakes the reader of %+v: %t", entries[i], filters[other], !want)
					}
					if want {
						delete(left, other)
					}
				}
			}
		})
	}
}

func TestAReaderThatHasWaitedReadsAllThatItHasWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Journal
		r := j.Read(0, Filter{Kind: Call})
		woken := wait(t.Context(), r, 2)
		for i, kind := range []Kind{Frame, Call, Frame, Call} {
			if woken() {
				t.Errorf("woken by entry %d", i)
			}
			j.Add(Entry{Kind: kind})
		}
		if !woken() {
			t.Fatal("not woken")
		}
		if b := r.Next(); len(b.Entries) != 2 || b.Entries[0].ID != 2 || b.Entries[1].ID != 4 || !b.End {
			t.Errorf("read %d entries", len(b.Entries))
		}
	})
}

func TestAReaderThatHasWaitedHasMissedNoneOfTheEntriesThatItDoesNotSelect(t *testing.T) {
	for _, account := range []string{"", "a"} {
		synctest.Test(t, func(t *testing.T) {
			j := New(ringCost + 10*entryCost)
			r := j.Read(0, Filter{Kind: Call, Account: account})
			woken := wait(t.Context(), r, 1)
			synctest.Wait()
			for range 100 {
				j.Add(Entry{Kind: Frame, Account: "a"})
			}
			if j.Add(Entry{Kind: Call, Account: "a"}); !woken() {
				t.Fatal("not woken")
			}
			if b := r.Next(); len(b.Entries) != 1 || b.Missed != 0 || !b.End {
				t.Errorf("account %q: read %d entries and missed %d", account, len(b.Entries), b.Missed)
			}
		})
	}
}

func TestAReaderThatWaitsAloneIsWokenByTheRequestThatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Journal
		woken := wait(t.Context(), j.Read(0, Filter{Request: map[string]any{"name": "x"}}), 1)
		for _, entry := range []Entry{{Kind: Frame}, {Kind: Call}, {Kind: Call, Request: []byte(`{"name":"y"}`)}} {
			synctest.Wait()
			if j.Add(entry); woken() {
				t.Errorf("woken by %+v", entry)
			}
		}
		if j.Add(Entry{Kind: Call, Request: []byte(`{"name":"x"}`)}); !woken() {
			t.Error("not woken")
		}
	})
}

func TestAReaderThatIsNotAtTheEndDoesNotWait(t *testing.T) {
	var j Journal
	j.Add(Entry{Kind: Call})
	r := j.Read(0, Filter{Kind: Frame})
	ctx, cancel := context.WithCancel(t.Context())
	if !r.Wait(ctx, 1) {
		t.Error("it was not woken")
	}
	cancel()
	if r.Wait(ctx, 1) {
		t.Error("it was woken although its context has ended")
	}
}

func TestAReaderFromALaterEntryIsNotWokenByEarlierOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j Journal
		r := j.Read(3, Filter{})
		woken := wait(t.Context(), r, 1)
		for range 4 {
			if woken() {
				t.Fatalf("woken by entry %d", j.Last())
			}
			j.Add(Entry{Kind: Call})
		}
		if !woken() {
			t.Fatal("not woken")
		}
		if b := r.Next(); len(b.Entries) != 1 || b.Entries[0].ID != 4 {
			t.Errorf("read %d entries", len(b.Entries))
		}
	})
}

func TestAwaitSaysWhetherThereAreEnoughEntries(t *testing.T) {
	var j Journal
	for range 3 * batchEntries {
		j.Add(Entry{Kind: Call})
		j.Add(Entry{Kind: Frame})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		after uint64
		count int
		want  bool
	}{
		{0, 1, true}, {0, 3 * batchEntries, true}, {0, 3*batchEntries + 1, false},
		{2, 3*batchEntries - 1, true}, {2, 3 * batchEntries, false}, {6 * batchEntries, 1, false},
	} {
		if got := j.Await(ctx, test.after, test.count, Filter{Kind: Call}); got != test.want {
			t.Errorf("%d entries after %d: %t", test.count, test.after, got)
		}
		if found := j.Wait(ctx, test.after, test.count, Filter{Kind: Call}); len(found) >= test.count != test.want {
			t.Errorf("%d entries after %d: got %d", test.count, test.after, len(found))
		}
	}
}
