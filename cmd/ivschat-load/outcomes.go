package main

import (
	"sync"
	"sync/atomic"
)

// An outcomes counts messages or events: how many were sent, accepted, and
// rejected permanently.
type outcomes struct {
	accepted, rejected atomic.Int64
	errors             tally // by code or name, of every attempt

	mu      sync.Mutex
	sent    int64
	stopped bool
}

// begin counts one that is about to be sent. It returns false after stop.
func (o *outcomes) begin() (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stopped {
		return false
	}
	o.sent++
	return true
}

// stop makes begin return false from now on.
func (o *outcomes) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopped = true
}

// total returns how many were sent.
func (o *outcomes) total() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent
}

// answered reports whether every one was accepted or rejected.
func (o *outcomes) answered() bool { return o.accepted.Load()+o.rejected.Load() >= o.total() }
