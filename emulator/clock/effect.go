package clock

import "time"

// effectTimeout is how long, in the machine's time, alarms that fall due together wait for their
// effects. An effect may depend on a client that does not read.
const effectTimeout = 100 * time.Millisecond

// effects waits for the effects of alarms that run one after another.
type effects struct {
	used time.Duration     // of effectTimeout
	all  []<-chan struct{} // some may be complete
}

// await waits for an effect, so that effects are complete in the order of their alarms, as long as
// there is time.
func (e *effects) await(effect <-chan struct{}) {
	if effect == nil {
		return
	}
	began := time.Now()
	wait(effect, effectTimeout-e.used)
	e.used += time.Since(began)
	e.all = append(e.all, effect)
}

// awaitRest gives the effects that are not complete yet one more effectTimeout, all together. A
// client that reads gets that far even if others used up the time before it.
func (e *effects) awaitRest() {
	began := time.Now()
	for _, effect := range e.all {
		wait(effect, effectTimeout-time.Since(began))
	}
}

// wait waits until the effect is complete or the time has passed.
func wait(effect <-chan struct{}, timeout time.Duration) {
	select {
	case <-effect:
	case <-time.After(timeout):
	}
}
