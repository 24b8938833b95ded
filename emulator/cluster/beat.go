package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// A beat is a heartbeat, or says how much a node has applied.
type beat struct {
	Node    string        `json:"node"`
	Sent    time.Duration `json:"sent,omitempty"` // since the node began; 0 if it is not a heartbeat
	Reached [2]uint64     `json:"reached"`
}

// hear is called with what another node, or this one, has published.
func (m *members) hear(message *nats.Msg) {
	var b beat
	if json.Unmarshal(message.Data, &b) != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if b.Node == m.self.ID && b.Sent > 0 {
		sent := m.began.Add(b.Sent)
		if m.steady.IsZero() || sent.Sub(m.own) > 2*beatInterval {
			m.steady = now
		}
		if sent.Sub(m.own) > leaseTime {
			m.stale = true // it was paused, and hears itself again before it has the entries of the log
		}
		m.own = sent
	}
	if _, known := m.heard[b.Node]; known {
		m.heard[b.Node] = now
		for i, reached := range b.Reached {
			m.reached[b.Node][i] = max(m.reached[b.Node][i], reached)
		}
		m.notifyLocked()
	}
}

// progress notes how much this node has applied, and tells the others.
func (m *members) progress(what watermark, sequence uint64, nc *nats.Conn, subject string) {
	m.mu.Lock()
	reached := m.reached[m.self.ID]
	if reached == nil {
		m.mu.Unlock()
		return
	}
	reached[what] = max(reached[what], sequence)
	text, _ := json.Marshal(beat{Node: m.self.ID, Reached: *reached})
	m.notifyLocked()
	m.mu.Unlock()
	_ = nc.Publish(subject, text) // the next heartbeat says it again
}

// awaitAll waits until all live nodes have applied as much.
func (c *Cluster) awaitAll(what watermark, sequence uint64) error {
	timeout := time.NewTimer(allTimeout)
	defer timeout.Stop()
	m := &c.members
	for {
		m.mu.Lock()
		done := true
		for _, n := range m.nodes {
			done = done && m.reached[n.ID][what] >= sequence
		}
		changed := m.changed
		m.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return c.unavailable("other nodes have not answered for %s", allTimeout)
		case <-c.context.Done():
			return c.unavailable("this node is shutting down")
		}
	}
}

// Ready returns nil if this node may answer requests, and an ErrUnavailable otherwise.
func (c *Cluster) Ready() error {
	if reason := c.members.notReady(); reason != "" {
		return c.unavailable("%s", reason)
	}
	return nil
}

// notReady returns why this node must not answer requests, or "" if it may.
func (m *members) notReady() (reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch since := time.Since(m.own); {
	case !m.joined || m.joining:
		return "this node is not a member of it now"
	case since > leaseTime:
		m.stale = true
		return fmt.Sprintf("this node has not heard its own heartbeat for %.1f s", since.Seconds())
	case m.stale:
		return "this node was cut off, and has not caught up yet"
	}
	return ""
}

// beat sends heartbeats until the cluster is closed.
func (c *Cluster) beat() {
	c.sendBeat()
	c.every(beatInterval, c.sendBeat)
}

// watch looks for nodes that are gone, until the cluster is closed.
func (c *Cluster) watch() {
	c.every(watchInterval, func() {
		for _, gone := range c.members.silent() {
			c.config.Logger.Warn("a node is gone: nothing was heard of it for a while", "node", gone.Name, "id", gone.ID)
			c.Post(membersPart, change{leaves, gone}.encode())
		}
		c.catchUp()
	})
}

func (c *Cluster) every(interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-c.context.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

func (c *Cluster) sendBeat() {
	m := &c.members
	m.mu.Lock()
	b := beat{Node: m.self.ID, Sent: time.Since(m.began)}
	if reached := m.reached[m.self.ID]; reached != nil {
		reached[inLog] = c.applier.sequence()
		b.Reached = *reached
	}
	m.mu.Unlock()
	text, _ := json.Marshal(b)
	_ = c.nc.Publish(c.subject("beat"), text) // if it fails, this node does not hear it
}

// silent returns the members that are gone. A node that was cut off or paused itself cannot know that: it waits
// until it has heard its own heartbeats for as long as it waits for others.
func (m *members) silent() (gone []Node) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Sub(m.own) > 2*beatInterval {
		m.steady = time.Time{}
	}
	if !m.joined || m.steady.IsZero() || now.Sub(m.steady) < goneAfter {
		return nil
	}
	for _, n := range m.nodes {
		if n.ID != m.self.ID && now.Sub(m.heard[n.ID]) > goneAfter {
			gone = append(gone, n)
		}
	}
	return gone
}

// catchUp lets a node answer requests again that was paused or cut off, once it has what the others have.
func (c *Cluster) catchUp() {
	m := &c.members
	m.mu.Lock()
	since := time.Since(m.own)
	if since > leaseTime {
		m.stale = true
	}
	behind := m.joined && !m.joining && m.stale && since <= leaseTime
	m.mu.Unlock()
	if !behind {
		return
	}
	began := time.Now()
	if _, err := c.Do(membersPart, change{Kind: nothing}.encode()); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.context, doTimeout)
	defer cancel()
	for _, fresh := range c.fresh {
		if fresh(ctx) != nil {
			return
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// Nothing may have happened to this node meanwhile.
	m.stale = m.stale && (!m.joined || time.Since(began) > leaseTime)
}
