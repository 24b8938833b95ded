package main

import (
	"context"
	"sync"
	"time"
)

// sendEvents calls SendEvent on schedule until the context sending ends, whether
// or not earlier calls have been answered. Then it waits for the answers, until
// the context calling ends.
func (l *load) sendEvents(sending, calling context.Context, began time.Time) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for i := 0; ; i++ {
		select {
		case <-time.After(time.Until(due(began, i, l.options.Events))):
		case <-sending.Done():
			return
		}
		if !l.events.begin() {
			return
		}
		calls.Go(func() {
			if err := l.service.sendEvent(calling, l.pad(l.mark(firstEvent+i))); err != nil {
				l.events.errors.add(cause(err))
				l.events.rejected.Add(1)
				return
			}
			l.events.accepted.Add(1)
		})
	}
}
