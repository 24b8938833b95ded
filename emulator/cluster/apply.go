package cluster

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A phase says what an applier does with messages.
type phase int

const (
	ignores phase = iota // this node is not a member, and does not join
	keeps                // it waits for the state of another node
	applies
)

// An applier applies the messages of the log.
type applier struct {
	applied atomic.Uint64 // sequence of the latest message that was applied; written under mu

	mu       sync.Mutex // held while entries are applied; guards what follows
	phase    phase
	created  time.Time // when the stream was made that this node follows
	kept     []message
	partials map[string]*partial // by the node that sends it
}

// A message of the log.
type message struct {
	sequence uint64
	genesis  bool // the state begins anew
	data     []byte
}

// A partial is an entry of which not all pieces are there.
type partial struct {
	number uint64 // of the latest piece
	data   []byte
}

func (a *applier) init() { a.partials = map[string]*partial{} }

func (a *applier) sequence() uint64 { return a.applied.Load() }

// receive is called with each message of the log.
func (c *Cluster) receive(m jetstream.Msg) {
	metadata, err := m.Metadata()
	if err != nil {
		c.config.Logger.Error("NATS has sent a message that is not of a stream", "error", err)
		return
	}
	genesis := m.Subject() == c.subject("genesis") && !isStrange(m.Headers())
	received := message{metadata.Sequence.Stream, genesis, m.Data()}
	a := &c.applier
	a.mu.Lock()
	defer a.mu.Unlock()
	switch a.phase {
	case keeps:
		a.kept = append(a.kept, received)
	case applies:
		c.applyMessage(received)
	}
}

// applyMessage applies all entries of a message, which must be the next one.
func (c *Cluster) applyMessage(m message) {
	a := &c.applier
	last := a.applied.Load()
	switch {
	case m.sequence <= last:
		return // it comes again after the connection broke
	case m.sequence > last+1:
		a.phase = ignores
		c.joinAgain(fmt.Sprintf("entries of the log after %d are gone", last))
		return
	case m.genesis:
		a.phase = ignores
		c.joinAgain("another node has begun a new state, because it did not hear of this one")
		return
	}
	b, err := parseBatch(m.data)
	if err != nil {
		c.config.Logger.Error("an entry of the log cannot be read, and is left out", "sequence", m.sequence, "error", err)
	}
	onAll := false
	if err == nil {
		onAll = c.applyBatch(m.sequence, b)
	}
	a.applied.Store(m.sequence)
	if onAll {
		c.members.progress(inLog, m.sequence, c.nc, c.subject("applied"))
	}
}

// applyBatch applies the entries of a message, and reports whether their sender wants to know.
func (c *Cluster) applyBatch(sequence uint64, b batch) (onAll bool) {
	own := b.node == c.members.selfNode().ID
	if own {
		c.received(b.number)
	}
	for i, e := range b.entries {
		number := b.number + uint64(i)
		if !c.members.accepts(b.node, number, e) {
			continue
		}
		onAll = onAll || e.flags&toAll != 0
		data, whole := c.applier.join(b.node, number, e)
		if !whole {
			continue
		}
		result := c.applyEntry(e.part, Entry{Sequence: sequence, Node: b.node, Own: own, Time: b.time, Data: data})
		c.stats.applied.Add(1)
		if own {
			c.sending.confirm(number, outcome{result: result, sequence: sequence})
		}
	}
	return onAll
}

// join adds a piece to its entry, and returns the data of the entry once it is whole.
func (a *applier) join(node string, number uint64, e batchEntry) (data []byte, whole bool) {
	if e.flags&wholeEntry == wholeEntry {
		return e.data, true
	}
	p := a.partials[node]
	switch {
	case e.flags&firstPiece != 0:
		p = &partial{}
		a.partials[node] = p
	case p == nil || p.number+1 != number:
		delete(a.partials, node) // NATS lost a piece, so all will be sent again
		return nil, false
	}
	p.number, p.data = number, append(p.data, e.data...)
	if e.flags&lastPiece == 0 {
		return nil, false
	}
	delete(a.partials, node)
	return p.data, true
}

// applyEntry applies one entry. A panic of a part must not end the program: all nodes have the same one.
func (c *Cluster) applyEntry(name string, e Entry) (result any) {
	part := c.parts[name]
	if part == nil {
		c.config.Logger.Error("an entry of the log is of a part that this ivschat-local does not know: "+
			"use the same version on all nodes", "part", name)
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			c.config.Logger.Error("an entry of the log could not be applied",
				"part", name, "sequence", e.Sequence, "error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	result = part.Apply(e)
	switch change := result.(type) {
	case leftNode:
		c.config.Logger.Info("a node has left the cluster", "node", change.Name, "id", change.ID, "nodes", len(c.Members()))
		c.removed(change.Node)
	case joinedNode:
		c.config.Logger.Info("a node has joined the cluster", "node", change.Name, "id", change.ID, "nodes", len(c.Members()))
	}
	return result
}

// removed is called when a node has left, or is declared gone.
func (c *Cluster) removed(node Node) {
	delete(c.applier.partials, node.ID)
	for _, name := range c.names {
		if part, ok := c.parts[name].(Leaver); ok {
			part.Left(node)
		}
	}
	if node.ID == c.members.selfNode().ID {
		c.applier.phase = ignores
		c.joinAgain("the other nodes did not hear of this one for a while, and went on without it")
	}
}
