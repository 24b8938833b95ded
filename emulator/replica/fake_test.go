package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

// A fakeLog is the log of a cluster in memory. Nothing happens in it by itself: each node applies entries when it is
// told to, or when it does something that waits for them. It is not safe for concurrent use.
type fakeLog struct {
	entries []fakeEntry
	nodes   []*fakeNode
	time    time.Time
}

type fakeEntry struct {
	part string
	node *fakeNode
	time time.Time
	data []byte
}

func newFakeLog() *fakeLog { return &fakeLog{time: time.Unix(1e9, 0)} }

// A fakeNode is one node. It implements Cluster.
type fakeNode struct {
	log     *fakeLog
	name    string
	parts   map[string]cluster.Part
	answers map[string]func([]byte) ([]byte, error)
	posted  []fakeEntry // not in the log yet
	fresh   []func(context.Context) error
	applied int // number of entries of the log
	full    bool
	err     error // of Do, DoOnAll and Ask
}

// newNode returns a node that has not joined.
func (l *fakeLog) newNode() *fakeNode {
	return &fakeNode{
		log: l, name: fmt.Sprint("node-", len(l.nodes)), parts: map[string]cluster.Part{},
		answers: map[string]func([]byte) ([]byte, error){},
	}
}

// join makes a node a member, with the state of another one, or with the initial one if that is nil.
func (n *fakeNode) join(t *testing.T, from *fakeNode) {
	t.Helper()
	encoders := map[string]func() ([]byte, error){}
	if from != nil {
		for name, part := range from.parts {
			encoders[name] = part.Save()
		}
		n.applied = from.applied
		from.apply(1) // must not be in the state
	}
	for name, part := range n.parts {
		var state []byte
		var err error
		if encode := encoders[name]; encode != nil {
			state, err = encode()
		}
		if err := errors.Join(err, part.Load(state)); err != nil {
			t.Fatal(err)
		}
	}
	n.log.nodes = append(n.log.nodes, n)
	for _, fresh := range n.fresh {
		if err := fresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// send sends what the node has posted.
func (n *fakeNode) send() {
	n.log.entries = append(n.log.entries, n.posted...)
	n.posted = nil
}

// apply applies the next entries, at most so many, and returns the result of the last one.
func (n *fakeNode) apply(count int) (result any) {
	for ; count > 0 && n.applied < len(n.log.entries); count-- {
		e := n.log.entries[n.applied]
		n.applied++
		result = n.parts[e.part].Apply(cluster.Entry{
			Sequence: uint64(n.applied), Node: e.node.name, Own: e.node == n, Time: e.time, Data: slices.Clone(e.data),
		})
	}
	return result
}

func (n *fakeNode) Handle(name string, part cluster.Part) { n.parts[name] = part }

func (n *fakeNode) OnFresh(f func(context.Context) error) { n.fresh = append(n.fresh, f) }

func (n *fakeNode) Post(part string, data []byte) {
	n.log.time = n.log.time.Add(time.Second)
	n.posted = append(n.posted, fakeEntry{part, n, n.log.time, data})
}

func (n *fakeNode) Offer(part string, data []byte) bool {
	if !n.full {
		n.Post(part, data)
	}
	return !n.full
}

func (n *fakeNode) Do(part string, data []byte) (any, error) {
	if n.err != nil {
		return nil, n.err
	}
	n.Post(part, data)
	n.send()
	return n.apply(len(n.log.entries)), nil
}

func (n *fakeNode) Answer(question string, f func([]byte) ([]byte, error)) { n.answers[question] = f }

func (n *fakeNode) Ask(_ context.Context, question string, request []byte) (all []cluster.Answer, err error) {
	for _, other := range n.log.nodes {
		answer, failure := other.answers[question](request)
		all, err = append(all, cluster.Answer{Node: cluster.Node{Name: other.name}, Data: answer}), errors.Join(err, failure)
	}
	return all, errors.Join(err, n.err)
}

func (n *fakeNode) DoOnAll(part string, data []byte) (any, error) {
	result, err := n.Do(part, data)
	for _, other := range n.log.nodes {
		other.apply(len(n.log.entries))
	}
	return result, err
}

func (n *fakeNode) OnLost(func()) {}
