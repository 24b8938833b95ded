package cluster

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// How each node gets its turn
//
// A node whose change is long, or that is far from NATS, can be too late again and again while others make changes. So
// after some conflicts, it asks the others to wait until its change is applied. This is only a courtesy: who does
// not hear it goes on, and the change that comes first still wins.

const (
	// patience is after how many conflicts a node asks the others to wait.
	patience = 4
	// turnTime is how long they wait at most.
	turnTime = 2 * time.Second
)

// A turn is that of another node.
type turn struct {
	writer string // "" if no node has asked
	until  time.Time
}

// hearTurn is called when a node asks the others to wait.
func (d *Data) hearTurn(m *nats.Msg) {
	writer := string(m.Data)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(writer) == len(d.writer) && writer != d.writer && d.turn.writer == "" {
		d.turn = turn{writer, time.Now().Add(turnTime)}
	}
}

// takeTurn waits for the turn of another node, and asks the others to wait if this one was too late often.
func (d *Data) takeTurn() {
	d.mu.Lock()
	until := d.turn.until
	d.mu.Unlock()
	if !until.IsZero() {
		ctx, cancel := context.WithDeadline(d.c.context, until)
		defer cancel()
		if !d.await(ctx, func() bool { return d.turn.writer == "" }) {
			d.mu.Lock()
			d.turn = turn{} // the node is gone, or slow
			d.mu.Unlock()
		}
	}
	if d.conflicts >= patience {
		_ = d.c.nc.Publish(d.c.subject("turn"), []byte(d.writer)) // if it fails, so will the change
	}
}
