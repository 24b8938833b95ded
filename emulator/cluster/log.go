package cluster

import (
	"slices"
	"sync"
	"time"
)

// The longest times, of the machine, that callers wait.
const (
	// doTimeout is how long Do waits until its entry is applied.
	doTimeout = 5 * time.Second
	// allTimeout is how long DoOnAll waits then. A node that does not answer is gone before.
	allTimeout = 2 * goneAfter
	// leaveTimeout is how long Close waits until the other nodes know that this one leaves.
	leaveTimeout = time.Second
)

const (
	// postDelay is how long what was posted waits for more.
	postDelay = 5 * time.Millisecond
	// resendDelay is how long entries wait that could not be sent.
	resendDelay = 50 * time.Millisecond
	// probeInterval is how long an entry may take until the node finds out whether it is lost.
	probeInterval = time.Second
	// maximumBacklog is how many bytes of entries wait at most until they are applied.
	maximumBacklog = 64 << 20
	// offerBacklog is the backlog at which Offer drops entries.
	offerBacklog = 16 << 20
)

// A sendQueue has the entries of this node that are not applied yet.
type sendQueue struct {
	mu          sync.Mutex // guards what follows
	node        string     // ID under which entries are sent; "" if this node is not a member
	number      uint64     // of the latest entry that was sent
	waiting     []*pending // are not sent, or were lost
	unconfirmed []*pending // are sent, in the order of their numbers
	oldest      uint64     // number of the first of them at the last call of probe
	bytes       int        // of both
	timer       *time.Timer
	flush       func() // sends what is waiting; static
}

// A pending entry is not applied yet.
type pending struct {
	part   string
	data   []byte
	onAll  bool         // every node has to say when it has applied it
	number uint64       // of its last piece, once it is sent
	done   chan outcome // nil if no one waits; has a buffer of one
}

// An outcome is what became of an entry.
type outcome struct {
	result   any
	sequence uint64
	err      error
}

func (q *sendQueue) init(flush func()) {
	q.flush = flush
	q.timer = time.AfterFunc(time.Hour, flush)
	q.timer.Stop()
}

// wake sends what is waiting. Entries that were sent before may be lost: the next entry tells, so there must
// be one.
func (q *sendQueue) wake() {
	q.mu.Lock()
	if q.node != "" && len(q.unconfirmed) > 0 && len(q.waiting) == 0 {
		q.addLocked(&pending{part: membersPart, data: change{Kind: nothing}.encode()})
	}
	q.mu.Unlock()
	q.flush()
}

// probe finds out whether entries are lost if the first one was already sent at the call before. NATS loses entries
// while the connection lasts if its servers have no leader for the stream.
func (q *sendQueue) probe() {
	q.mu.Lock()
	last := q.oldest
	q.oldest = 0
	if len(q.unconfirmed) > 0 {
		q.oldest = q.unconfirmed[0].number
	}
	stuck := q.oldest != 0 && q.oldest == last
	q.mu.Unlock()
	if stuck {
		q.wake()
	}
}

func (q *sendQueue) addLocked(p *pending) {
	q.waiting = append(q.waiting, p)
	q.bytes += p.size()
}

func (p *pending) size() int { return len(p.data) + 200 }

// end drops all entries, and fails those who wait for them.
func (q *sendQueue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.node = ""
	for _, p := range slices.Concat(q.unconfirmed, q.waiting) {
		p.answer(outcome{err: err})
	}
	q.waiting, q.unconfirmed, q.bytes = nil, nil, 0
}

func (p *pending) answer(o outcome) {
	if p.done != nil {
		p.done <- o
		p.done = nil
	}
}

// Do appends an entry to the log, and returns what its part returned once this node has applied it. An error
// is an ErrUnavailable, after five seconds at most, and one more for each MiB of the data. The entry may still be
// applied then.
func (c *Cluster) Do(part string, data []byte) (result any, err error) {
	o := c.append(&pending{part: part, data: data})
	return o.result, o.err
}

// DoOnAll is Do, but returns once every live node has applied the entry.
func (c *Cluster) DoOnAll(part string, data []byte) (result any, err error) {
	o := c.append(&pending{part: part, data: data, onAll: true})
	if o.err != nil {
		return nil, o.err
	}
	return o.result, c.awaitAll(inLog, o.sequence)
}

// Post appends an entry to the log soon, and does not wait for it. It keeps its order with later calls of Do and
// Post of this node, unless NATS loses it and it has to be sent again.
func (c *Cluster) Post(part string, data []byte) {
	q := &c.sending
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.node == "" {
		return // everything of this node was removed, or will be
	}
	if q.bytes > maximumBacklog {
		c.joinAgain("NATS does not take what this node has to say")
		return
	}
	q.addLocked(&pending{part: part, data: data})
	if len(q.waiting) == 1 {
		q.timer.Reset(postDelay)
	}
}

// Offer is Post for what may be lost. It reports false, and does nothing, if too much waits already.
func (c *Cluster) Offer(part string, data []byte) bool {
	c.sending.mu.Lock()
	full := c.sending.bytes > offerBacklog
	c.sending.mu.Unlock()
	if !full {
		c.Post(part, data)
	}
	return !full
}

// begin begins to send entries as the node with this ID, with the one that makes it a member.
func (c *Cluster) begin(node string, p *pending) outcome {
	q := &c.sending
	q.mu.Lock()
	q.node, q.number = node, 0
	return c.appendLocked(p, doTimeout)
}

// append sends an entry and waits until it is applied here.
func (c *Cluster) append(p *pending) outcome { return c.appendFor(p, doTimeout) }

// appendFor is append with the longest time to wait.
func (c *Cluster) appendFor(p *pending, wait time.Duration) outcome {
	q := &c.sending
	q.mu.Lock()
	if q.node != "" && q.bytes <= maximumBacklog {
		return c.appendLocked(p, wait)
	}
	defer q.mu.Unlock()
	if q.node == "" {
		return outcome{err: c.unavailable("this node is not a member of it now")}
	}
	return outcome{err: c.unavailable("too much is waiting for it")}
}

// appendLocked is appendFor with the lock, which it unlocks.
func (c *Cluster) appendLocked(p *pending, wait time.Duration) outcome {
	done := make(chan outcome, 1)
	p.done = done
	c.sending.addLocked(p)
	c.sendLocked()
	c.sending.mu.Unlock()
	wait += time.Duration(len(p.data)/(1<<20)) * time.Second // a long entry may take longer
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case o := <-done:
		return o
	case <-timeout.C:
		c.sending.giveUp(p)
		go c.checkLog()
		return outcome{err: c.unavailable("NATS has not taken an entry of the log for %s", wait)}
	}
}

// giveUp makes sure that an entry for which no one waits any more is not sent, or not again.
func (q *sendQueue) giveUp(p *pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.done = nil
	if i := slices.Index(q.waiting, p); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.bytes -= p.size()
	} else {
		p.part = "" // see received
	}
}

// send sends what is waiting.
func (c *Cluster) send() {
	c.sending.mu.Lock()
	defer c.sending.mu.Unlock()
	c.sendLocked()
}

// sendLocked sends what is waiting, in as many messages as it needs. What cannot be sent waits.
func (c *Cluster) sendLocked() {
	q, size := &c.sending, c.pieceSize()
	for len(q.waiting) > 0 && q.node != "" {
		first, number := q.number+1, q.number
		message := beginBatch(q.node, first)
		sent := 0
		for _, p := range q.waiting {
			if sent > 0 && len(message)+p.size() > size {
				break
			}
			if len(p.data) > size {
				break
			}
			number++
			p.number = number
			message = appendEntry(message, p, wholeEntry, p.data)
			sent++
		}
		var err error
		if sent > 0 {
			if err = c.nc.Publish(c.subject("log"), message); err == nil {
				q.number = number
			}
		} else {
			err = c.sendPiecesLocked(q.waiting[0], size)
			sent = 1
		}
		if err != nil {
			q.timer.Reset(resendDelay)
			return
		}
		q.unconfirmed = append(q.unconfirmed, q.waiting[:sent]...)
		clear(q.waiting[:sent])
		if q.waiting = q.waiting[sent:]; len(q.waiting) == 0 {
			q.waiting = nil
		}
	}
}

// sendPiecesLocked sends an entry that does not fit into one message. If that fails after some pieces, all are sent
// again with new numbers, because the other nodes have those of the first ones.
func (c *Cluster) sendPiecesLocked(p *pending, size int) error {
	q := &c.sending
	for rest, flags := p.data, byte(firstPiece); flags&lastPiece == 0; flags &^= firstPiece {
		piece := rest[:min(len(rest), size)]
		if rest = rest[len(piece):]; len(rest) == 0 {
			flags |= lastPiece
		}
		message := appendEntry(beginBatch(q.node, q.number+1), p, flags, piece)
		if err := c.nc.Publish(c.subject("log"), message); err != nil {
			return err
		}
		q.number++
	}
	p.number = q.number
	return nil
}

// received is called when this node has its own message back, which begins with an entry of this number. What
// it has sent before, and is not applied, is lost: it is sent again, unless no one waits for it any more.
func (c *Cluster) received(first uint64) {
	q := &c.sending
	q.mu.Lock()
	defer q.mu.Unlock()
	lost := 0
	for lost < len(q.unconfirmed) && q.unconfirmed[lost].number < first {
		lost++
	}
	if lost == 0 {
		return
	}
	again := slices.Clone(q.unconfirmed[:lost])
	q.unconfirmed = slices.Delete(q.unconfirmed, 0, lost)
	again = slices.DeleteFunc(again, func(p *pending) bool {
		if p.part == "" {
			q.bytes -= p.size()
		}
		return p.part == ""
	})
	q.waiting = append(again, q.waiting...)
	q.timer.Reset(0)
}

// confirm is called when this node has applied its own entry with this number.
func (q *sendQueue) confirm(number uint64, o outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.unconfirmed) == 0 || q.unconfirmed[0].number != number {
		return
	}
	p := q.unconfirmed[0]
	q.unconfirmed[0] = nil
	if q.unconfirmed = q.unconfirmed[1:]; len(q.unconfirmed) == 0 {
		q.unconfirmed = nil
	}
	q.bytes -= p.size()
	p.answer(o)
}
