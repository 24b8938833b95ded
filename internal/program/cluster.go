package program

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// A Cluster is several programs that work as one service over a nats-server, until the end of the test.
type Cluster struct {
	NATS  *natsserver.Server
	Nodes []*Node
	// Balancer passes each connection on to a node at random.
	Balancer *relay.Relay
	// URL is that of the balancer.
	URL string
}

// A Node is a program of a cluster. Kill, Restart, Pause and Continue may not be called at the same time.
type Node struct {
	Name string
	// Link is the way to the nats-server.
	Link *relay.Relay

	t       testing.TB
	cluster *Cluster
	flags   []string

	mu      sync.Mutex // guards what follows
	process *process   // the latest one
	log     bytes.Buffer
}

// StartCluster starts a nats-server and nodes with the flags, and returns when all are ready. The test is skipped if
// there is no nats-server.
func StartCluster(t testing.TB, nodes int, flags ...string) *Cluster {
	t.Helper()
	c := &Cluster{NATS: natsserver.Start(t), Balancer: relay.Start(t)}
	c.URL = "http://" + c.Balancer.Address
	failures := make([]error, nodes)
	var starting sync.WaitGroup
	Path(t) // t.Fatal is for the goroutine of the test
	for i := range nodes {
		n := &Node{
			Name: fmt.Sprintf("node-%d", i+1), Link: relay.Start(t, strings.TrimPrefix(c.NATS.URL, "nats://")),
			t: t, cluster: c,
		}
		n.flags = append([]string{
			"--nats", "nats://" + n.Link.Address, "--cluster-secret", "the secret of a test", "--node", n.Name,
		}, flags...)
		c.Nodes = append(c.Nodes, n)
		t.Cleanup(n.end)
		starting.Go(func() { failures[i] = n.start() })
	}
	starting.Wait()
	for _, err := range failures {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.balance()
	return c
}

// balance lets the balancer use all nodes, also those that do not run.
func (c *Cluster) balance() {
	var targets []string
	for _, n := range c.Nodes {
		targets = append(targets, strings.TrimPrefix(n.URL(), "http://"))
	}
	c.Balancer.SetTargets(targets...)
}

// URL returns the URL of the node. It changes with Restart.
func (n *Node) URL() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process.url
}

// Kill kills the node with a signal that it cannot handle, and waits for its end.
func (n *Node) Kill() { n.running().kill() }

// Restart kills the node if it runs, and starts another one with its name. It returns when that is ready.
func (n *Node) Restart() {
	n.t.Helper()
	n.Kill()
	if err := n.start(); err != nil {
		n.t.Fatal(err)
	}
	n.cluster.balance()
}

// Write keeps what the node logs, for the end of a test that fails.
func (n *Node) Write(text []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.log.Write(text)
}

// Log returns what the node has logged.
func (n *Node) Log() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.log.String()
}

func (n *Node) running() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process
}

func (n *Node) start() error {
	process, err := launch(n.t, n, n.flags...)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", n.Name, err, n.Log())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process = process
	return nil
}

// end stops the node, and shows the end of its log if the test has failed.
func (n *Node) end() {
	if p := n.running(); p != nil {
		if err := p.stop(); err != nil {
			n.t.Errorf("%s: %v", n.Name, err)
		}
	}
	if n.t.Failed() {
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(n.Log()), "\n"), func(line string) bool {
			return strings.Contains(line, `"request_id":`) || strings.Contains(line, `"room":`)
		})
		last := lines[max(0, len(lines)-40):]
		n.t.Logf("the end of the log of %s, without requests and clients:\n%s", n.Name, strings.Join(last, "\n"))
	}
}
