package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// connectors is how many connections are opened at the same time.
	connectors       = 32
	handshakeTimeout = 10 * time.Second
	// answerTimeout is how long a request to the control plane may take.
	answerTimeout = 10 * time.Second
	// patience is for how long nothing may have come before what is missing
	// counts as lost.
	patience = 2 * time.Second
	// longestSettling is for how long something may go on coming after the last
	// message was sent. A room that takes less than it gets would take hours.
	longestSettling = time.Minute
	// hopeless is how many connections may fail in a row before the others are not
	// tried.
	hopeless = 2 * connectors
	// farewellTimeout is how long the room may take to be deleted.
	farewellTimeout = 10 * time.Second
	progressPeriod  = 200 * time.Millisecond
)

// A load is one run: connect, talk, settle, report.
type load struct {
	options  Options
	service  *service
	progress *progress
	marker   []byte    // how its messages begin, unlike those of others in the room
	began    time.Time // times in messages count from here

	clients []*client // static once all are connected
	readers sync.WaitGroup
	ending  atomic.Bool // connections end because we end them

	messages said // accepted are those that came back to their senders
	events   said // accepted are those for which SendEvent has an answer

	failures  tally // of connections that did not come about
	ends      tally // of connections that ended before we ended them
	latencies latencies
}

// A said is what was said: how much of it was sent, accepted, and refused for
// good.
type said struct {
	accepted, rejected atomic.Int64
	errors             tally // by their code or name

	mu   sync.Mutex
	sent int64
	over bool
}

// begin counts something that is about to be sent, unless it is over.
func (s *said) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.sent++
	return true
}

// end lets nothing begin any more.
func (s *said) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// begun is how much was sent.
func (s *said) begun() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *said) settled() bool { return s.accepted.Load()+s.rejected.Load() >= s.begun() }

func newLoad(options Options, progress *progress) *load {
	return &load{options: options, service: newService(options), progress: progress, marker: fmt.Appendf(nil, "load %08x ", rand.Uint32()), began: time.Now()}
}

// run fills the room, lets the senders talk, and tells how it went. It fails
// when there is nothing to tell.
func (l *load) run(ctx context.Context) (report *Report, err error) {
	if err := l.service.openRoom(ctx, l.options.Rate); err != nil {
		return nil, err
	}
	defer func() {
		farewell, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTimeout)
		defer cancel()
		err = errors.Join(err, l.service.closeRoom(farewell))
	}()
	connecting := l.connect(ctx)
	if len(l.clients) == 0 {
		if ctx.Err() != nil {
			return nil, errors.New("interrupted before a connection came about")
		}
		return nil, fmt.Errorf("no connection came about: %s", l.failures.String())
	}
	talking := l.talk(ctx)
	l.hangUp()
	return l.report(connecting, talking), nil
}

// connect opens all connections, viewers first, and tells how long that took.
func (l *load) connect(ctx context.Context) (took time.Duration) {
	began := time.Now()
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	wanted := l.options.Viewers + l.options.Senders
	line := l.progress.begin("connecting", wanted)
	defer line.end()

	places := make(chan int)
	go func() {
		defer close(places)
		for i := range wanted {
			if !l.awaitTurn(ctx, began, i) {
				return
			}
			select {
			case places <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var mu sync.Mutex
	var all sync.WaitGroup
	failed := 0 // in a row
	for range connectors {
		all.Go(func() {
			for i := range places {
				c, err := l.open(ctx, i)
				mu.Lock()
				if err == nil {
					l.clients, failed = append(l.clients, c), 0
				} else if ctx.Err() == nil {
					l.failures.add(cause(err))
					failed++
				}
				if failed == hopeless {
					giveUp()
				}
				line.set(len(l.clients), "")
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// awaitTurn waits until connection i may be opened. It is false when the
// context ends before.
func (l *load) awaitTurn(ctx context.Context, began time.Time, i int) bool {
	if l.options.ConnectRate == 0 {
		return true
	}
	select {
	case <-time.After(time.Until(due(began, i, l.options.ConnectRate))):
		return true
	case <-ctx.Done():
		return false
	}
}

// due tells when number i of what happens so often a second is to happen. What is
// too rare for a time.Duration happens in some centuries.
func due(began time.Time, i int, perSecond float64) time.Time {
	const longest = 100 * 365 * 24 * time.Hour
	return began.Add(time.Duration(min(float64(i)/perSecond*float64(time.Second), float64(longest))))
}

// open opens connection i and begins to read from it. The first are viewers,
// the others senders.
func (l *load) open(ctx context.Context, i int) (*client, error) {
	c := &client{load: l, number: i}
	user := fmt.Sprintf("viewer-%d", i)
	if number := i - l.options.Viewers; number >= 0 {
		user, c.sender = fmt.Sprintf("sender-%d", number), newSender(c, number)
	}
	var err error
	if c.conn, err = l.service.connect(ctx, user, c.sender != nil); err != nil {
		return nil, err
	}
	l.readers.Go(c.read)
	return c, nil
}

// talk lets the senders talk until the time is over and waits until everybody
// has heard all. It tells how long that took.
func (l *load) talk(ctx context.Context) (took time.Duration) {
	began := time.Now()
	talking, stop := context.WithTimeout(ctx, l.options.Duration)
	defer stop()
	living, die := context.WithCancel(context.WithoutCancel(ctx))
	var senders sync.WaitGroup
	for _, c := range l.clients {
		if c.sender != nil && l.options.Rate > 0 {
			senders.Go(func() { c.sender.run(talking, living, began) })
		}
	}
	if l.options.Events > 0 {
		senders.Go(func() { l.sendEvents(talking, living, began) })
	}
	line := l.progress.begin("sending", int(l.options.Duration/time.Millisecond))
	tick := time.NewTicker(progressPeriod)
	defer tick.Stop()
	for talking.Err() == nil && !l.deserted() {
		select {
		case <-talking.Done():
		case <-tick.C:
			line.set(int(time.Since(began)/time.Millisecond), l.soFar(time.Since(began)))
		}
	}
	line.end()
	stop()
	l.messages.end()
	l.events.end()
	l.settle(ctx)
	took = time.Since(began)
	die()
	senders.Wait()
	return took
}

// settle waits until everybody has heard all, or nothing more comes, or it has
// been long enough, which it soon is when the context has ended.
func (l *load) settle(ctx context.Context) {
	settling, stop := context.WithTimeout(context.WithoutCancel(ctx), longestSettling)
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })()
	heard, since := l.deliveries(), time.Now()
	for !l.settled() && time.Since(since) < patience && settling.Err() == nil {
		time.Sleep(time.Millisecond)
		if now := l.deliveries(); now != heard {
			heard, since = now, time.Now()
		}
	}
}

// accepted is how many messages and events everybody should hear.
func (l *load) accepted() int64 { return l.messages.accepted.Load() + l.events.accepted.Load() }

// deliveries is how many messages and events were heard, over all connections.
func (l *load) deliveries() (n int64) {
	for _, c := range l.clients {
		n += c.heard.Load()
	}
	return n
}

// deserted reports whether every connection has ended.
func (l *load) deserted() bool {
	return !slices.ContainsFunc(l.clients, func(c *client) bool { return !c.ended.Load() })
}

// settled reports whether every message was answered, and whoever is connected
// has heard all of them.
func (l *load) settled() bool {
	if !l.messages.settled() || !l.events.settled() {
		return false
	}
	accepted := l.accepted()
	for _, c := range l.clients {
		if c.heard.Load() < accepted && !c.ended.Load() {
			return false
		}
	}
	return true
}

// hangUp ends all connections and waits for their readers.
func (l *load) hangUp() {
	l.ending.Store(true)
	for _, c := range l.clients {
		c.hangUp()
	}
	l.readers.Wait()
}
