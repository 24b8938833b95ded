package cluster

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// stateQuestion asks a member for the state.
const stateQuestion = "state"

// stateTimeout is how long a node has to send its state.
const stateTimeout = 30 * time.Second

// A savedState is the state at a place of the log.
type savedState struct {
	sequence uint64
	parts    map[string][]byte // nil for the initial state
	partials map[string]*partial
}

// offer answers a node that looks for members.
func (c *Cluster) offer(m *nats.Msg) {
	if c.members.notReady() == "" {
		_ = m.Respond([]byte(c.Self().ID))
	}
}

// findMember returns the ID of a member that is ready, or "" if none answers.
func (c *Cluster) findMember(ctx context.Context) (id string) {
	ctx, cancel := context.WithTimeout(ctx, offerTimeout)
	defer cancel()
	offered, err := c.nc.RequestWithContext(ctx, c.subject("offer"), nil)
	if err != nil {
		return ""
	}
	return string(offered.Data)
}

// stateOf asks a member for its state after a message of the log.
func (c *Cluster) stateOf(ctx context.Context, member string, after uint64) (savedState, error) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	text, err := c.askNode(ctx, member, stateQuestion, binary.AppendUvarint(nil, after))
	if err != nil {
		return savedState{}, fmt.Errorf("node %s has not sent the state: %w", member, err)
	}
	state, err := parseState(text)
	if err != nil {
		return savedState{}, fmt.Errorf("the state of node %s cannot be read: %w", member, err)
	}
	return state, nil
}

// state answers with the state of this node after a message of the log.
func (c *Cluster) state(request []byte) ([]byte, error) {
	r := bytereader.Reader{Rest: request}
	after := r.Uvarint()
	a := &c.applier
	for began := time.Now(); a.sequence() < after; {
		if time.Since(began) > doTimeout || !sleep(c.context, time.Millisecond) {
			return nil, c.unavailable("this node has not applied the entries up to %d", after)
		}
	}
	encodes := make([]func() ([]byte, error), len(c.names))
	a.mu.Lock()
	if a.phase != applies {
		a.mu.Unlock()
		return nil, c.unavailable("this node is not a member of it now")
	}
	text := binary.AppendUvarint(nil, a.sequence())
	text = binary.AppendUvarint(text, uint64(len(a.partials)))
	for node, p := range a.partials {
		text = binary.AppendUvarint(bytereader.AppendText(text, []byte(node)), p.number)
		text = bytereader.AppendText(text, p.data)
	}
	for i, name := range c.names {
		encodes[i] = c.parts[name].Save()
	}
	a.mu.Unlock()
	for i, name := range c.names {
		state, err := encodes[i]()
		if err != nil {
			return nil, fmt.Errorf("save %s: %w", name, err)
		}
		text = bytereader.AppendText(bytereader.AppendText(text, []byte(name)), state)
	}
	return text, nil
}

// parseState reads what state returned on another node.
func parseState(text []byte) (s savedState, err error) {
	r := bytereader.Reader{Rest: text}
	s.sequence = r.Uvarint()
	s.parts, s.partials = map[string][]byte{}, map[string]*partial{}
	for n := r.Uvarint(); n > 0 && !r.Failed; n-- {
		node := r.Text()
		s.partials[node] = &partial{number: r.Uvarint(), data: r.Bytes()}
	}
	for !r.Failed && len(r.Rest) > 0 {
		name := r.Text()
		s.parts[name] = r.Bytes()
	}
	return s, truncated(r)
}

// load replaces the state of this node, and applies what it has kept of the log.
func (c *Cluster) load(s savedState) error {
	a := &c.applier
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range c.names {
		state, known := s.parts[name]
		if s.parts != nil && !known {
			return fmt.Errorf("the state of another node does not have %s: use the same version on all nodes", name)
		}
		if err := c.parts[name].Load(state); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	if a.partials = s.partials; a.partials == nil {
		a.partials = map[string]*partial{}
	}
	a.applied.Store(s.sequence)
	kept := a.kept
	a.phase, a.kept = applies, nil
	// The consumer from before this node had to join again may still have brought some of them.
	slices.SortFunc(kept, func(x, y message) int { return cmp.Compare(x.sequence, y.sequence) })
	for _, m := range kept {
		if c.applyMessage(m); a.phase != applies {
			return errors.New("the log has changed meanwhile")
		}
	}
	return nil
}
