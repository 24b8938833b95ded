package main

// How it works: a load connects, sends, settles and reports. Every connection has
// a reader, a goroutine of package chatclient, which calls client.receive with
// each frame. Every sender has a goroutine for the time of sending, and so does
// every call of SendEvent.
//
// Who owns what:
//
//   - clients is filled by connect, under its own mutex, and static afterwards.
//   - outcomes, tally and latencies have their own locks or atomic values.
//   - The fields of a client are described in client.go.

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
	// answerTimeout limits a request to the control plane, and the writing of a
	// frame.
	answerTimeout = 10 * time.Second
	// quietTime without any delivery means that what is missing is lost.
	quietTime = 2 * time.Second
	// settleTimeout limits the wait for deliveries after the last message was
	// sent. A room whose limit is far below the rate would take hours.
	settleTimeout = time.Minute
	// deleteTimeout limits the deletion of the room.
	deleteTimeout = 10 * time.Second
)

// A load is one run.
type load struct {
	options  Options
	service  *service
	progress *progress
	marker   []byte    // is in every message and event of this load, and of no other
	start    time.Time // the stamps of messages count from here

	clients []*client
	closing atomic.Bool // connections end because the load ends them

	messages outcomes // accepted are those that came back to their senders
	events   outcomes // accepted are those for which SendEvent succeeded
	// throttled counts messages that were refused with 429 at the first attempt.
	throttled atomic.Int64
	// denied counts messages that were refused with 406. They are also rejected.
	denied atomic.Int64

	failures  tally // connections that could not be opened
	ends      tally // connections that ended before the load ended them
	latencies latencies
}

func newLoad(options Options, progress *progress) (*load, error) {
	service, err := newService(options)
	if err != nil {
		return nil, err
	}
	return &load{
		options:  options,
		service:  service,
		progress: progress,
		marker:   fmt.Appendf(nil, "load-%08x-", rand.Uint32()),
		start:    time.Now(),
	}, nil
}

// run performs the load and returns the report. It fails when there is nothing to
// report.
func (l *load) run(ctx context.Context) (report *Report, err error) {
	if err := l.service.createRoom(ctx, l.options.Rate); err != nil {
		return nil, err
	}
	defer func() {
		deleting, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTimeout)
		defer cancel()
		err = errors.Join(err, l.service.deleteRoom(deleting))
	}()
	connecting := l.connect(ctx)
	if len(l.clients) == 0 {
		if ctx.Err() != nil {
			return nil, errors.New("interrupted before a connection was opened")
		}
		return nil, fmt.Errorf("no connection was opened: %s", l.failures.String())
	}
	sending := l.send(ctx)
	l.closeAll()
	return l.report(connecting, sending), nil
}

// send sends messages and events until the time is over, waits for their
// deliveries, and returns how long all of it took.
func (l *load) send(ctx context.Context) (took time.Duration) {
	began := time.Now()
	sending, stop := context.WithTimeout(ctx, l.options.Duration)
	defer stop()
	retrying, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var senders sync.WaitGroup
	for _, c := range l.clients {
		if c.sender != nil && l.options.Rate > 0 {
			senders.Go(func() { c.sender.run(sending, retrying, began) })
		}
	}
	if l.options.Events > 0 {
		senders.Go(func() { l.sendEvents(sending, retrying, began) })
	}
	l.showProgress(sending, began)
	stop()
	l.messages.stop()
	l.events.stop()
	l.settle(ctx)
	took = time.Since(began)
	giveUp()
	senders.Wait()
	return took
}

// showProgress shows the progress until the context ends or no connection is
// left.
func (l *load) showProgress(sending context.Context, began time.Time) {
	line := l.progress.start("sending", int(l.options.Duration/time.Millisecond))
	defer line.end()
	tick := time.NewTicker(progressPeriod)
	defer tick.Stop()
	for sending.Err() == nil && !l.allEnded() {
		select {
		case <-sending.Done():
		case <-tick.C:
			line.set(int(time.Since(began)/time.Millisecond), l.remark(time.Since(began)))
		}
	}
}

// settle waits until everything is delivered, or nothing has arrived for
// quietTime, or settleTimeout has passed. After an interrupt it waits for
// quietTime at most.
func (l *load) settle(ctx context.Context) {
	settling, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(quietTime, stop) })()
	received, since := l.deliveries(), time.Now()
	for !l.settled() && time.Since(since) < quietTime && settling.Err() == nil {
		time.Sleep(time.Millisecond)
		if now := l.deliveries(); now != received {
			received, since = now, time.Now()
		}
	}
}

// settled reports whether every message and event was answered, and every
// connection that is still open has received all of them.
func (l *load) settled() bool {
	if !l.messages.answered() || !l.events.answered() {
		return false
	}
	accepted := l.accepted()
	for _, c := range l.clients {
		if c.received.Load() < accepted && !c.ended.Load() {
			return false
		}
	}
	return true
}

// accepted returns how many messages and events every client should receive.
func (l *load) accepted() int64 { return l.messages.accepted.Load() + l.events.accepted.Load() }

// deliveries returns how many messages and events all clients have received.
func (l *load) deliveries() (n int64) {
	for _, c := range l.clients {
		n += c.received.Load()
	}
	return n
}

// allEnded reports whether every connection has ended.
func (l *load) allEnded() bool {
	return !slices.ContainsFunc(l.clients, func(c *client) bool { return !c.ended.Load() })
}

// closeAll closes all connections and waits for their readers.
func (l *load) closeAll() {
	l.closing.Store(true)
	var all sync.WaitGroup
	for _, c := range l.clients {
		all.Go(func() { c.conn.Close() })
	}
	all.Wait()
}
