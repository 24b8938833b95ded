package main

import (
	"context"
	"sync"
	"time"
)

// sendEvents is the application: it sends events on schedule while it is to
// talk, whether or not earlier ones have been answered, and waits for the answers
// as long as it lives.
func (l *load) sendEvents(talking, living context.Context, began time.Time) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for i := 0; ; i++ {
		select {
		case <-time.After(time.Until(due(began, i, l.options.Events))):
		case <-talking.Done():
			return
		}
		if !l.events.begin() {
			return
		}
		calls.Go(func() {
			if err := l.service.sendEvent(living, l.text(firstEvent+i)); err != nil {
				l.events.errors.add(cause(err))
				l.events.rejected.Add(1)
				return
			}
			l.events.accepted.Add(1)
		})
	}
}
