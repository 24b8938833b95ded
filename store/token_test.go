package store_test

import (
	"fmt"
	"testing"
	"time"
)

// use uses a token at a time and wants to know whether it was the first use.
func (b *bench) use(id string, now, expires time.Time, first bool) {
	b.t.Helper()
	got, err := b.UseToken(id, now, expires)
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
