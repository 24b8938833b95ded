package cluster

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// The times of the membership, of the machine (decision D91).
const (
	beatInterval = time.Second
	// leaseTime is how long a node answers requests after its last heartbeat that it has heard itself. It is
	// shorter than goneAfter, so a node stops before the others go on without it.
	leaseTime = 2500 * time.Millisecond
	// goneAfter is how long the other nodes wait for a heartbeat.
	goneAfter = 3 * time.Second
	// watchInterval is how often a node looks for others that are gone.
	watchInterval = 250 * time.Millisecond
)

// membersPart is the name of the part that knows the members.
const membersPart = "members"

// The kinds of changes of the membership.
const (
	joins   = "join"
	leaves  = "leave"
	nothing = "" // changes nothing, and shows that entries are applied
)

// A change is an entry about the membership.
type change struct {
	Kind string `json:"kind,omitempty"`
	Node Node   `json:"node,omitzero"` // that joins or leaves
}

func (c change) encode() []byte {
	text, _ := json.Marshal(c) // texts can always be encoded
	return text
}

// leftNode is the result of applying the change that a member has left.
type leftNode struct{ Node }

// joinedNode is the result of applying the change that a node has joined.
type joinedNode struct{ Node }

// A watermark says of what a node has applied how much.
type watermark int

// The watermarks.
const (
	inLog watermark = iota
	inData
)

// members are the nodes, and what this one knows of them.
type members struct {
	began time.Time // the time to which heartbeats refer; static

	mu      sync.Mutex // guards what follows
	changed chan struct{}
	self    Node
	joined  bool // this node is one of nodes
	joining bool // it must not answer requests yet, because it does not have all, or the others do not know it

	// The same on all nodes.
	nodes   []Node
	numbers map[string]uint64 // of the latest entry of each node

	// What this node has heard.
	heard   map[string]time.Time  // when, by node
	reached map[string]*[2]uint64 // how much each node has applied
	own     time.Time             // when it sent its latest heartbeat that it has heard
	steady  time.Time             // since when it has heard all of its own heartbeats; zero if it has not
	stale   bool                  // it has to catch up before it answers requests
}

func (m *members) init() {
	m.began = time.Now()
	m.changed = make(chan struct{})
	m.resetLocked()
}

func (m *members) resetLocked() {
	m.nodes, m.numbers = nil, map[string]uint64{}
	m.heard, m.reached = map[string]time.Time{}, map[string]*[2]uint64{}
}

// notifyLocked wakes all who wait for a change.
func (m *members) notifyLocked() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *members) selfNode() Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self
}

func (m *members) list() []Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.nodes)
}

func (m *members) isMember() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.joined
}

func (m *members) sinceHeard() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Since(m.own)
}

func (m *members) hasLocked(id string) bool {
	return slices.ContainsFunc(m.nodes, func(n Node) bool { return n.ID == id })
}

// accepts reports whether an entry is applied, and counts it: it must be of a member, or the one with which a node
// joins, and it must not have been sent again meanwhile. So all nodes leave out what a node sent that is gone by now.
func (m *members) accepts(node string, number uint64, e batchEntry) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if number <= m.numbers[node] || !m.hasLocked(node) && !isJoin(node, e) {
		return false
	}
	m.numbers[node] = number
	return true
}

// isJoin reports whether a node joins with an entry.
func isJoin(node string, e batchEntry) bool {
	var c change
	return e.part == membersPart && json.Unmarshal(e.data, &c) == nil && c.Kind == joins && c.Node.ID == node
}

// Apply changes the membership.
func (m *members) Apply(e Entry) any {
	var c change
	if json.Unmarshal(e.Data, &c) != nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.notifyLocked()
	switch {
	case c.Kind == joins && !m.hasLocked(c.Node.ID):
		m.nodes = append(m.nodes, c.Node)
		m.heard[c.Node.ID], m.reached[c.Node.ID] = time.Now(), new([2]uint64)
		if c.Node.ID == m.self.ID {
			m.joined = true
		}
		return joinedNode{c.Node}
	case c.Kind == leaves && m.hasLocked(c.Node.ID):
		m.nodes = slices.DeleteFunc(m.nodes, func(n Node) bool { return n.ID == c.Node.ID })
		delete(m.numbers, c.Node.ID)
		delete(m.heard, c.Node.ID)
		delete(m.reached, c.Node.ID)
		if c.Node.ID == m.self.ID {
			m.joined = false
		}
		return leftNode{c.Node}
	}
	return nil
}

// A membersState is what a node that joins gets.
type membersState struct {
	Nodes   []Node            `json:"nodes"`
	Numbers map[string]uint64 `json:"numbers"`
}

// Save returns the membership.
func (m *members) Save() func() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	state := membersState{slices.Clone(m.nodes), maps.Clone(m.numbers)}
	return func() ([]byte, error) { return json.Marshal(state) }
}

// Load replaces the membership.
func (m *members) Load(text []byte) error {
	var state membersState
	if text != nil {
		if err := json.Unmarshal(text, &state); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.notifyLocked()
	m.resetLocked()
	m.nodes = state.Nodes
	maps.Copy(m.numbers, state.Numbers)
	for _, node := range m.nodes {
		m.heard[node.ID], m.reached[node.ID] = time.Now(), new([2]uint64)
	}
	return nil
}
