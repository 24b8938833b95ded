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
				if n := len(j.waiters.waiting()); n != 3 {
					t.Fatalf("%d wait", n)
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
				if len(j.waiters.byKey)+len(j.waiters.masks) > 0 {
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
