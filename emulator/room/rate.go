package room

import (
	"sync"
	"time"
)

// A rate counts what was let pass within the last second. What was refused
// does not count (decision D23).
type rate struct {
	mu     sync.Mutex
	passed []time.Time // the oldest first
}

// allow reports whether one more may pass, and counts it if so. A limit of 0
// is none.
func (r *rate) allow(now time.Time, limit int) bool {
	return r.allowIf(now, limit, func() bool { return true })
}

// allowIf allows what another rate must allow, too, so that neither counts what
// the other refuses.
func (r *rate) allowIf(now time.Time, limit int, other func() bool) bool {
	if limit == 0 {
		return other()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	expired := 0
	for expired < len(r.passed) && now.Sub(r.passed[expired]) >= time.Second {
		expired++
	}
	r.passed = append(r.passed[:0], r.passed[expired:]...)
	if len(r.passed) >= limit || !other() {
		return false
	}
	r.passed = append(r.passed, now)
	return true
}
