package replica

import (
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// joinAll makes components those of a cluster over NATS.
func joinAll(t *testing.T, server *natsserver.Server, name string) (n *components) {
	t.Helper()
	joinNATS(t, server, name, func(c *cluster.Cluster) { n = shareAll(c, 1, slog.New(slog.NewTextHandler(t.Output(), nil))) })
	return n
}

// onAll calls a function so many times on each node, all nodes at the same time, and returns how often it reports
// true.
func onAll(nodes []*components, times int, f func(*components) bool) (count int64) {
	var reported atomic.Int64
	var calling sync.WaitGroup
	for _, n := range nodes {
		calling.Go(func() {
			for range times {
				if f(n) {
					reported.Add(1)
				}
			}
		})
	}
	calling.Wait()
	return reported.Load()
}

func TestNodesAreOneEmulatorOverNATS(t *testing.T) {
	server := natsserver.Start(t)
	nodes := []*components{joinAll(t, server, "a"), joinAll(t, server, "b"), joinAll(t, server, "c")}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	must(nodes[0].clock.SetScale(0))
	var alarms atomic.Int64
	for _, n := range nodes {
		n.clock.At(n.clock.Now().Add(time.Hour), func() <-chan struct{} {
			alarms.Add(1)
			return nil
		})
	}
	must(nodes[1].clock.Advance(time.Hour))
	if ran := alarms.Load(); ran != 3 {
		t.Errorf("the alarms of %d nodes ran before the clock was moved", ran)
	}

	limit := throttle.Limit{Key: throttle.Key{Action: "call", Owner: ivschat.Owner{AccountID: anna}}, PerSecond: 20}
	if allowed := onAll(nodes, 20, func(n *components) bool {
		allowed, err := n.limiter.Allow(limit)
		return allowed && err == nil
	}); allowed != 20 {
		t.Errorf("%d calls are allowed, want 20", allowed)
	}

	point := fault.Point{Operation: "GetRoom"}
	for _, test := range []struct {
		rule fault.Rule
		want int64 // of 3 × 20 times
	}{{fault.Rule{Times: 1}, 1}, {fault.Rule{Every: 3}, 20}, {fault.Rule{Every: 2, Times: 7}, 7}} {
		test.rule.Operation, test.rule.Effect = point.Operation, fault.ReturnStatus{Status: 500}
		_, err := nodes[2].faults.Add(test.rule)
		must(err)
		if fired := onAll(nodes, 20, func(n *components) bool { return n.faults.Fire(point) != nil }); fired != test.want {
			t.Errorf("%+v fired %d times, want %d", test.rule, fired, test.want)
		}
		must(nodes[1].faults.Clear(""))
	}

	must(nodes[0].script.Set("", []review.ScriptedAnswer{{Error: "broken"}}))
	must(nodes[1].seed.Propose(roomsOf(1)))
	large := make([]fault.Rule, 1000)
	for i := range large {
		large[i] = fault.Rule{
			Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, Body: strings.Repeat("x", 16<<10-200)},
		}
	}
	_, err := nodes[0].faults.Add(large...)
	must(err)
	nodes = append(nodes, joinAll(t, server, "late"))
	for i, n := range nodes {
		if rules, answers := n.faults.Rules(""), n.script.Answers(""); len(rules) != 1000 || len(answers) != 1 || !n.seed.Save().Seeded {
			t.Errorf("node %d has %d rules and %d scripted answers, and its seed is %v",
				i, len(rules), len(answers), n.seed.Save())
		}
		if first := nodes[0].faults.Rules("")[0].ID; n.faults.Rules("")[0].ID != first || !n.clock.Now().Equal(nodes[0].clock.Now()) {
			t.Errorf("on node %d, the first rule is %d, and the clock is at %v; on the first node, %d and %v",
				i, n.faults.Rules("")[0].ID, n.clock.Now(), first, nodes[0].clock.Now())
		}
	}
	must(nodes[3].faults.Clear(""))
	for i, n := range nodes {
		if n.faults.Armed() {
			t.Errorf("node %d still has rules", i)
		}
	}
}
