package clock

import (
	"context"
	"time"
)

// effectTimeout is how long, in the machine's time, alarms that fall due together wait for their
// effects. An effect may depend on a client that does not read.
const effectTimeout = 100 * time.Millisecond

// effects waits for the effects of alarms that run one after another.
type effects struct {
	used time.Duration     // of effectTimeout
	rest []<-chan struct{} // what was not complete in time
}

// await waits for an effect, so that effects are complete in the order of their alarms, as long as
// there is time.
func (e *effects) await(effect <-chan struct{}) {
	if effect == nil || isClosed(effect) {
		return
	}
	if e.used < effectTimeout {
		began := time.Now()
		completed := wait(effect, effectTimeout-e.used)
		e.used += time.Since(began)
		if completed {
			return
		}
	}
	e.rest = append(e.rest, effect)
}

// awaitRest gives the effects that are not complete yet one more effectTimeout, all together. A
// client that reads gets that far even if others used up the time before it.
func (e *effects) awaitRest() {
	began := time.Now()
	for _, effect := range e.rest {
		if !isClosed(effect) && !wait(effect, effectTimeout-time.Since(began)) {
			return
		}
	}
}

// wait waits until the effect is complete or the time has passed, and reports which.
func wait(effect <-chan struct{}, timeout time.Duration) (completed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	select {
	case <-effect:
		return true
	case <-ctx.Done():
		return isClosed(effect)
	}
}

func isClosed(effect <-chan struct{}) bool {
	select {
	case <-effect:
		return true
	default:
		return false
	}
}
