package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// connectors is how many connections are opened at the same time.
	connectors       = 32
	handshakeTimeout = 10 * time.Second
	// maxFailuresInRow ends connecting: the other connections would fail, too.
	maxFailuresInRow = 2 * connectors
)

// connect opens all connections, viewers first, and returns how long that took.
func (l *load) connect(ctx context.Context) (took time.Duration) {
	began := time.Now()
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	total := l.options.Viewers + l.options.Senders
	line := l.progress.start("connecting", total)
	defer line.end()

	numbers := make(chan int)
	go func() {
		defer close(numbers)
		l.schedule(ctx, began, total, numbers)
	}()
	var mu sync.Mutex
	var workers sync.WaitGroup
	failures := 0 // in a row
	for range connectors {
		workers.Go(func() {
			for number := range numbers {
				c, err := l.open(ctx, number)
				mu.Lock()
				if err == nil {
					l.clients, failures = append(l.clients, c), 0
				} else if ctx.Err() == nil {
					l.failures.add(cause(err))
					failures++
				}
				if failures == maxFailuresInRow {
					giveUp()
				}
				line.set(len(l.clients), "")
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return time.Since(began)
}

// schedule sends the numbers of the connections when they are due, until the
// context ends.
func (l *load) schedule(ctx context.Context, began time.Time, total int, numbers chan<- int) {
	for number := range total {
		if !l.waitUntilDue(ctx, began, number) {
			return
		}
		select {
		case numbers <- number:
		case <-ctx.Done():
			return
		}
	}
}

// waitUntilDue waits until a connection may be opened. It returns false when the
// context ends before.
func (l *load) waitUntilDue(ctx context.Context, began time.Time, number int) bool {
	if l.options.ConnectRate == 0 {
		return true
	}
	select {
	case <-time.After(time.Until(due(began, number, l.options.ConnectRate))):
		return true
	case <-ctx.Done():
		return false
	}
}

// due returns when the action of that number is due, the first one being 0, of so
// many per second. What is too rare for a time.Duration is due in 100 years.
func due(began time.Time, number int, perSecond float64) time.Time {
	const longest = 100 * 365 * 24 * time.Hour
	after := float64(number) / perSecond * float64(time.Second)
	return began.Add(time.Duration(min(after, float64(longest))))
}

// open opens one connection. The first ones are viewers, the others senders.
func (l *load) open(ctx context.Context, number int) (*client, error) {
	c := &client{load: l, number: number}
	user := fmt.Sprintf("viewer-%d", number)
	if sender := number - l.options.Viewers; sender >= 0 {
		user, c.sender = fmt.Sprintf("sender-%d", sender), newSender(c, sender)
	}
	conn, err := l.service.connect(ctx, user, c)
	if err != nil {
		return nil, err
	}
	c.conn = conn
	return c, nil
}
