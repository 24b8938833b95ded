package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// use uses a token and checks whether the store reports this as the first use.
func (s *testStore) use(id string, now, expires time.Time, first bool) {
	s.t.Helper()
	got, err := s.UseToken(ctx, id, now, expires)
	must(s.t, err)
	if got != first {
		s.t.Errorf("first use of %s: got %t, want %t", id, got, first)
	}
}

func TestOnlyTheFirstUseOfATokenIsReportedAsTheFirst(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		expires := start.Add(time.Hour)
		s.use("a", start, expires, true)
		s.use("a", start, expires, false)
		s.use("b", start, expires, true)
		s.reopen()
		s.use("a", expires.Add(-1), expires, false)
		s.use("c", start, expires, true)
	})
}

func TestExpiredTokensAreRemoved(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		soon, late := start.Add(time.Minute), start.Add(time.Hour)
		for i := range 20 {
			s.use(fmt.Sprint("soon", i), start, soon, true)
			s.use(fmt.Sprint("late", i), start, late, true)
		}
		for i := range 10 {
			s.use(fmt.Sprint("new", i), soon, late, true)
		}
		for i := range 20 {
			s.use(fmt.Sprint("late", i), soon, late, false)
			s.use(fmt.Sprint("soon", i), start, soon, true) // removed, so it looks new
		}
	})
}

// Concurrent uses of a token share a transaction when another write is being committed.
func TestOfManyConcurrentUsesOneIsTheFirst(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		const rounds, uses = 20, 20
		must(t, s.CreateRoom(ctx, newRoom("aaaaaaaaaaaa", 0), largeLimit))
		stop := make(chan struct{})
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						s.touch("aaaaaaaaaaaa", 1)
					}
				}
			})
		}
		expires := start.Add(time.Hour)
		for i := range rounds {
			var first atomic.Int32
			var all sync.WaitGroup
			for range uses {
				all.Go(func() {
					got, err := s.UseToken(ctx, fmt.Sprint("token", i), start, expires)
					if err != nil {
						t.Error(err)
					}
					if got {
						first.Add(1)
					}
				})
			}
			all.Wait()
			if first.Load() != 1 {
				t.Errorf("%d uses of one token were reported as the first", first.Load())
			}
		}
		close(stop)
		writers.Wait()
	})
}
