package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// use uses a token at a time and wants to know whether it was the first use.
func (b *bench) use(id string, now, expires time.Time, first bool) {
	b.t.Helper()
	got, err := b.UseToken(ctx, id, now, expires)
	must(b.t, err)
	if got != first {
		b.t.Errorf("first use of %s: %v", id, got)
	}
}

func TestATokenIsUsedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		expires := start.Add(time.Hour)
		b.use("a", start, expires, true)
		b.use("a", start, expires, false)
		b.use("b", start, expires, true)
		b.reopen()
		b.use("a", expires.Add(-1), expires, false)
		b.use("c", start, expires, true)
	})
}

func TestTokensThatHaveExpiredAreForgotten(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		soon, late := start.Add(time.Minute), start.Add(time.Hour)
		for i := range 20 {
			b.use(fmt.Sprint("soon", i), start, soon, true)
			b.use(fmt.Sprint("late", i), start, late, true)
		}
		for i := range 10 {
			b.use(fmt.Sprint("new", i), soon, late, true)
		}
		for i := range 20 {
			b.use(fmt.Sprint("late", i), soon, late, false)
			b.use(fmt.Sprint("soon", i), start, soon, true) // forgotten, so it looks new
		}
	})
}

// Uses that come together while somebody writes wait for that and then share a
// transaction.
func TestOfManyUsesAtOnceOneIsTheFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const rounds, many = 20, 20
		must(t, b.CreateRoom(ctx, room("aaaaaaaaaaaa", 0), plenty))
		stop := make(chan struct{})
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						b.touch("aaaaaaaaaaaa", 1)
					}
				}
			})
		}
		expires := start.Add(time.Hour)
		for i := range rounds {
			var first atomic.Int32
			var all sync.WaitGroup
			for range many {
				all.Go(func() {
					got, err := b.UseToken(ctx, fmt.Sprint("token", i), start, expires)
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
				t.Errorf("%d uses of one token were the first", first.Load())
			}
		}
		close(stop)
		writers.Wait()
	})
}
