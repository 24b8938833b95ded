package replica

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

// A liveLog is the log of a cluster in memory. Each node applies the entries in a goroutine of its own, so that the
// nodes are as far apart as they happen to be.
type liveLog struct {
	mu      sync.Mutex // guards what follows, and of the nodes what it says
	entries []*liveEntry
	nodes   []*liveNode
	changed *sync.Cond
}

// A liveEntry without a part says that its node has left.
type liveEntry struct {
	part    string
	node    *liveNode
	data    []byte
	result  any
	applied int // number of nodes that have applied it
	own     bool
}

// A liveNode is one node. It implements Cluster.
type liveNode struct {
	log     *liveLog
	name    string
	parts   map[string]cluster.Part
	answers map[string]func([]byte) ([]byte, error)
	lost    []func()

	applying sync.Mutex // held while an entry is applied
	applied  int        // guarded by log.mu
	ended    bool       // guarded by log.mu
	running  sync.WaitGroup
}

func newLiveLog() *liveLog {
	l := new(liveLog)
	l.changed = sync.NewCond(&l.mu)
	return l
}

// newNode returns a node that has not joined.
func (l *liveLog) newNode(name string) *liveNode {
	return &liveNode{
		log: l, name: name, parts: map[string]cluster.Part{}, answers: map[string]func([]byte) ([]byte, error){},
	}
}

// join makes the node a member, with the state of another node if there is one.
func (n *liveNode) join(t *testing.T) {
	t.Helper()
	states := map[string]func() ([]byte, error){}
	n.log.mu.Lock()
	var from *liveNode
	if len(n.log.nodes) > 0 {
		from = n.log.nodes[0]
	}
	n.log.mu.Unlock()
	if from != nil {
		from.applying.Lock()
		for name, part := range from.parts {
			states[name] = part.Save()
		}
		n.log.mu.Lock()
		n.applied = from.applied
		n.log.mu.Unlock()
		from.applying.Unlock()
	}
	for name, part := range n.parts {
		var state []byte
		if encode := states[name]; encode != nil {
			var err error
			if state, err = encode(); err != nil {
				t.Fatal(err)
			}
		}
		if err := part.Load(state); err != nil {
			t.Fatal(err)
		}
	}
	n.log.mu.Lock()
	n.log.nodes = append(n.log.nodes, n)
	n.log.mu.Unlock()
	n.running.Go(n.run)
	t.Cleanup(n.stop)
}

// run applies entries until the node ends.
func (n *liveNode) run() {
	l := n.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for !n.ended && n.applied == len(l.entries) {
			l.changed.Wait()
		}
		if n.ended {
			return
		}
		e := l.entries[n.applied]
		l.mu.Unlock()
		n.applying.Lock()
		result := n.apply(e)
		l.mu.Lock()
		n.applied++
		n.applying.Unlock()
		if e.applied++; e.node == n {
			e.result, e.own = result, true
		}
		l.changed.Broadcast()
	}
}

func (n *liveNode) apply(e *liveEntry) any {
	if e.part != "" {
		return n.parts[e.part].Apply(cluster.Entry{Node: e.node.name, Own: e.node == n, Data: e.data})
	}
	for _, part := range n.parts {
		if leaver, ok := part.(cluster.Leaver); ok {
			leaver.Left(cluster.Node{ID: e.node.name, Name: e.node.name})
		}
	}
	return nil
}

// stop ends the node without a word.
func (n *liveNode) stop() {
	n.log.mu.Lock()
	n.ended = true
	for i, other := range n.log.nodes {
		if other == n {
			n.log.nodes = append(n.log.nodes[:i:i], n.log.nodes[i+1:]...)
			break
		}
	}
	n.log.changed.Broadcast()
	n.log.mu.Unlock()
	n.running.Wait()
}

// leave ends the node, and the others notice.
func (n *liveNode) leave() {
	n.stop()
	n.Post("", nil)
}

func (l *liveLog) add(e *liveEntry) *liveEntry {
	l.entries = append(l.entries, e)
	l.changed.Broadcast()
	return e
}

func (n *liveNode) Handle(name string, part cluster.Part) { n.parts[name] = part }

func (n *liveNode) OnFresh(func(context.Context) error) {}

func (n *liveNode) OnLost(f func()) { n.lost = append(n.lost, f) }

func (n *liveNode) Post(part string, data []byte) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	n.log.add(&liveEntry{part: part, node: n, data: data})
}

func (n *liveNode) Offer(part string, data []byte) bool {
	n.Post(part, data)
	return true
}

func (n *liveNode) Do(part string, data []byte) (any, error) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	e := n.log.add(&liveEntry{part: part, node: n, data: data})
	for !e.own && !n.ended {
		n.log.changed.Wait()
	}
	if !e.own {
		return nil, fmt.Errorf("%w: the node has ended", cluster.ErrUnavailable)
	}
	return e.result, nil
}

func (n *liveNode) DoOnAll(part string, data []byte) (any, error) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	e := n.log.add(&liveEntry{part: part, node: n, data: data})
	at := len(n.log.entries)
	behind := func() bool {
		for _, other := range n.log.nodes {
			if other.applied < at {
				return true
			}
		}
		return false
	}
	for behind() {
		n.log.changed.Wait()
	}
	return e.result, nil
}

func (n *liveNode) Answer(question string, f func([]byte) ([]byte, error)) { n.answers[question] = f }

func (n *liveNode) Ask(_ context.Context, question string, request []byte) (answers []cluster.Answer, err error) {
	n.log.mu.Lock()
	nodes := append([]*liveNode{}, n.log.nodes...)
	n.log.mu.Unlock()
	for _, node := range nodes {
		data, err := node.answers[question](request)
		if err != nil {
			return nil, err
		}
		answers = append(answers, cluster.Answer{Node: cluster.Node{ID: node.name, Name: node.name}, Data: data})
	}
	return answers, nil
}

// theTime is the service's time on all nodes, unless a test says otherwise.
func theTime(string) time.Time { return time.Unix(1e9, 0).UTC() }
