package main

import (
	"context"
	"time"
)

// A backoff is how long to wait before the next attempt. It doubles with each.
type backoff struct{ next time.Duration }

const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
	// stable is how long a connection must have lasted, so that the next one is opened without a long wait.
	stable = 5 * time.Second
)

// wait waits, or returns an error if the context ends before.
func (b *backoff) wait(ctx context.Context) error {
	b.next = min(max(2*b.next, firstWait), longestWait)
	select {
	case <-time.After(b.next):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
