package replica

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/emulator/state"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

const anna, ben = "111111111111", "222222222222"

// components are everything of a node that is shared by values.
type components struct {
	clock   *clock.Clock
	faults  *fault.Set
	script  *review.Script
	limiter *throttle.Limiter
	seed    *state.Seed
}

// shareAll makes components of a cluster. The random numbers begin with the seed.
func shareAll(c Cluster, seed uint64, logger *slog.Logger) *components {
	n := &components{
		clock: clock.New(), faults: fault.New(random.New(seed), func(fault.Rule, fault.Point) {}),
		script: new(review.Script), seed: new(state.Seed),
	}
	n.limiter = throttle.NewLimiter(func(account string) time.Time { return n.clock.Account(account).Now() })
	ShareClock(c, n.clock, logger)
	ShareFaults(c, n.faults, logger)
	ShareScript(c, n.script, logger)
	ShareLimiter(c, n.limiter, logger)
	ShareSeed(c, n.seed, logger)
	return n
}

// A valueNode is a node of a log in memory.
type valueNode struct {
	*fakeNode
	*components
	logs strings.Builder
}

func newValueNode(l *fakeLog, c func(*fakeNode) Cluster) *valueNode {
	n := &valueNode{fakeNode: l.newNode()}
	n.components = shareAll(c(n.fakeNode), uint64(len(l.nodes)), slog.New(slog.NewTextHandler(&n.logs, nil)))
	return n
}

// joinedNode returns a node that has joined, with the state of another one unless that is nil.
func joinedNode(t *testing.T, l *fakeLog, from *valueNode) *valueNode {
	t.Helper()
	n := newValueNode(l, func(n *fakeNode) Cluster { return n })
	if from == nil {
		n.join(t, nil)
	} else {
		n.join(t, from.fakeNode)
	}
	return n
}

// joinedNodes returns three nodes that have joined.
func joinedNodes(t *testing.T, l *fakeLog) []*valueNode {
	t.Helper()
	first := joinedNode(t, l, nil)
	return []*valueNode{first, joinedNode(t, l, first), joinedNode(t, l, first)}
}

// states returns the state of each part of a node that has applied everything.
func states(t *testing.T, n *fakeNode) map[string]string {
	t.Helper()
	n.apply(len(n.log.entries))
	saved := map[string]string{}
	for name, part := range n.parts {
		text, err := part.Save()()
		if err != nil {
			t.Fatal(err)
		}
		saved[name] = string(text)
	}
	return saved
}

// expectEqual fails the test if the state of a node differs from that of the first one.
func expectEqual(t *testing.T, nodes ...*valueNode) {
	t.Helper()
	want := states(t, nodes[0].fakeNode)
	for _, n := range nodes[1:] {
		for name, got := range states(t, n.fakeNode) {
			if got != want[name] {
				t.Fatalf("the %s of %s are\n%.2000s\nand those of the first node\n%.2000s", name, n.name, got, want[name])
			}
		}
	}
}

// expectUnavailable fails the test if an error is not the exception for a cluster that cannot be reached.
func expectUnavailable(t *testing.T, err error) {
	t.Helper()
	exception, ok := errors.AsType[*ivschat.Exception](err)
	if !ok || exception.Type != ivschat.ServiceUnavailable || !strings.Contains(exception.Message, "cluster") {
		t.Errorf("the error is %v", err)
	}
}

// roomsOf returns resources with rooms.
func roomsOf(ids ...int) (resources ivschat.Resources) {
	for _, id := range ids {
		resources.Rooms = append(resources.Rooms, ivschat.Room{
			ARN: ivschat.ARN{
				Owner:        ivschat.Owner{AccountID: anna, Region: "eu-west-1"},
				ResourceType: ivschat.RoomResource, ID: fmt.Sprintf("RoomNumber%02d", id),
			},
			Name: fmt.Sprint(id), CreateTime: time.Now(), Tags: ivschat.Tags{"a": "<b>"},
		})
	}
	return resources
}

// act does something random on a node. It fails the test if an error is one of the cluster.
func (n *valueNode) act(t *testing.T, r *rand.Rand) {
	t.Helper()
	account := []string{anna, ben, ""}[r.IntN(3)]
	view, at := n.clock.Account(account), fault.Point{Operation: "GetRoom", Account: account}
	var err error
	switch r.IntN(16) {
	case 0:
		err = view.Advance(time.Duration(r.IntN(1e9)))
	case 1:
		err = view.AdvanceTo(n.clock.Now().Add(time.Duration(r.IntN(1e9))))
	case 2:
		err = view.SetScale(float64(r.IntN(3)))
	case 3:
		err = view.Reset()
	case 4:
		rule := fault.Rule{Operation: "GetRoom", Account: account, Effect: fault.ReturnStatus{Status: 500, Body: "<p>"}}
		rule.Times, rule.Every, rule.Probability = r.IntN(4), r.IntN(3), float64(r.IntN(3))/2
		_, err = n.faults.Add(rule, rule)
	case 5:
		_, err = n.faults.Remove(account, r.IntN(50))
	case 6:
		if r.IntN(10) == 0 {
			err = errors.Join(n.faults.Clear(account), n.script.Clear(account))
		}
	case 7:
		answer := review.ScriptedAnswer{Content: "a.b", Times: r.IntN(3), Answer: json.RawMessage(`{"a":"<b>"}`)}
		err = n.script.Set(account, []review.ScriptedAnswer{answer})
	case 8:
		err = n.seed.Propose(roomsOf(r.IntN(3), r.IntN(3)))
	case 9, 10, 11:
		limit := throttle.Limit{Key: throttle.Key{Action: "GetRoom"}, PerSecond: 1 + r.IntN(5)}
		limit.Key.Owner.AccountID = account
		_, err = n.limiter.Allow(limit)
	default:
		n.faults.Fire(at)
	}
	if _, ok := errors.AsType[*ivschat.Exception](err); ok {
		t.Fatal(err)
	}
}

func TestAllNodesHaveTheSameStateHoweverTheirChangesAreInterleaved(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		log := newFakeLog()
		nodes := joinedNodes(t, log)
		for i := range 500 {
			if i%100 == 99 { // one more node, which loads the state in the middle
				nodes = append(nodes, joinedNode(t, log, nodes[r.IntN(len(nodes))]))
			}
			nodes[r.IntN(len(nodes))].act(t, r)
			nodes[r.IntN(len(nodes))].apply(r.IntN(4))
		}
		expectEqual(t, nodes...)
		for _, n := range nodes {
			if n.logs.Len() > 0 {
				t.Errorf("%s logged\n%s", n.name, n.logs.String())
			}
		}
	}
}

// A skewed node has a machine whose time is wrong: the changes of its clock have the wrong time, too.
type skewed struct {
	*fakeNode
	by time.Duration
}

func (n skewed) DoOnAll(part string, data []byte) (any, error) {
	var change clock.Change
	if err := json.Unmarshal(data, &change); err != nil {
		return nil, err
	}
	change.Machine = change.Machine.Add(n.by)
	return n.fakeNode.DoOnAll(part, encode(change))
}

func TestClocksThatStandStillHaveTheSameTimeOnMachinesWhoseClocksDiffer(t *testing.T) {
	log := newFakeLog()
	var nodes []*valueNode
	for _, by := range []time.Duration{0, 7 * time.Second, -5 * time.Minute} {
		n := newValueNode(log, func(n *fakeNode) Cluster { return skewed{n, by} })
		n.join(t, nil)
		nodes = append(nodes, n)
	}
	for i, n := range slices.Concat(nodes, nodes) {
		if err := errors.Join(n.clock.SetScale(0), n.clock.Account(anna).Advance(time.Hour), n.clock.Advance(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, account := range []string{"", anna} {
			want := nodes[0].clock.Account(account).Now()
			for _, other := range nodes {
				if got := other.clock.Account(account).Now(); !got.Equal(want) {
					t.Errorf("change %d: the clock of %s is at %v, and that of the first node at %v", i, other.name, got, want)
				}
			}
		}
	}
	if ahead := nodes[0].clock.Account(anna).Now().Sub(nodes[0].clock.Now()); ahead != 6*time.Hour {
		t.Errorf("the clock of the account is %v ahead of the other one", ahead)
	}
}

func TestMovingTheClockWaitsForTheAlarmsOfAllNodes(t *testing.T) {
	log := newFakeLog()
	nodes := joinedNodes(t, log)
	ran := make([]bool, len(nodes))
	for i, n := range nodes {
		n.clock.At(n.clock.Now().Add(time.Hour), func() <-chan struct{} {
			ran[i] = true
			return nil
		})
	}
	if err := nodes[1].clock.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ran, []bool{true, true, true}) {
		t.Errorf("the alarms that ran: %v", ran)
	}
}

func TestAClockThatIsNotMovedNeedsNotSettle(t *testing.T) {
	n := joinedNode(t, newFakeLog(), nil)
	n.Answer(settledQuestion, func([]byte) ([]byte, error) {
		t.Error("the node was asked whether it has settled")
		return hasSettled, nil
	})
	if err := errors.Join(n.clock.SetScale(2), n.clock.Reset()); err != nil {
		t.Error(err)
	}
}

func TestAChangeIsOnAllNodesWhenItIsMade(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*valueNode) error
		happens func(*valueNode) bool
	}{
		"clock": {
			func(n *valueNode) error { return n.clock.SetScale(0) },
			func(n *valueNode) bool { return n.clock.Scale() == 0 },
		},
		"faults": {
			func(n *valueNode) error {
				_, err := n.faults.Add(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500}})
				return err
			},
			func(n *valueNode) bool { return n.faults.Armed() },
		},
		"scripted answers": {
			func(n *valueNode) error { return n.script.Set("", []review.ScriptedAnswer{{Error: "broken"}}) },
			func(n *valueNode) bool { return len(n.script.Answers("")) == 1 },
		},
		"seed": {
			func(n *valueNode) error { return n.seed.Propose(roomsOf(1)) },
			func(n *valueNode) bool { return n.seed.Save().Seeded },
		},
	} {
		nodes := joinedNodes(t, newFakeLog())
		if err := test.change(nodes[1]); err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			if !test.happens(n) {
				t.Errorf("the change of the %s is not on %s", name, n.name)
			}
		}
	}
}

func TestANodeThatTakesLongToSettleIsAskedAgain(t *testing.T) {
	n := newFakeLog().newNode()
	asked := 0
	n.log.nodes = []*fakeNode{n}
	n.Answer(settledQuestion, func(request []byte) ([]byte, error) {
		if asked++; string(request) != anna {
			t.Errorf("asked about %q", request)
		}
		if asked < 3 {
			return hasNotSettled, nil
		}
		return hasSettled, nil
	})
	if err := awaitSettled(n, anna); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestRulesAreCountedOverAllNodes(t *testing.T) {
	nodes := joinedNodes(t, newFakeLog())
	at := fault.Point{Operation: "GetRoom"}
	fired := func(rule fault.Rule) (pattern string) {
		rule.Operation, rule.Effect = "GetRoom", fault.ReturnStatus{Status: 500}
		if _, err := nodes[0].faults.Add(rule); err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			if nodes[i%3].faults.Fire(at) != nil {
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return pattern
	}
	for want, rule := range map[string]fault.Rule{"x.....": {Times: 1}, "..x...": {Every: 3, Times: 1}} {
		if got := fired(rule); got != want {
			t.Errorf("%+v fires %s, want %s", rule, got, want)
		}
	}
}

func TestWhatIsWrongWithAChangeIsToldAsByOneProcess(t *testing.T) {
	n := joinedNode(t, newFakeLog(), nil)
	rule := fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500}}
	many := slices.Repeat([]fault.Rule{rule}, 1000)
	if _, err := n.faults.Add(many...); err != nil {
		t.Fatal(err)
	}
	_, err := n.faults.Add(rule)
	if want := "there can be at most 1000 rules, but there would be 1001"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	defer func() {
		if want := "clock: the scale must be from 0 to 86400, but is -1"; recover() != want {
			t.Error("a wrong scale does not panic")
		}
	}()
	_ = n.clock.SetScale(-1)
}

func TestChangesFailIfTheClusterCannotBeReached(t *testing.T) {
	n := joinedNode(t, newFakeLog(), nil)
	if _, err := n.faults.Add(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500}}); err != nil {
		t.Fatal(err)
	}
	before := states(t, n.fakeNode)
	n.err = fmt.Errorf("%w: this node is not a member of it now", cluster.ErrUnavailable)
	_, errAdd := n.faults.Add(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500}})
	_, errRemove := n.faults.Remove("", 1)
	limited, errLimit := n.limiter.Allow(throttle.Limit{PerSecond: 1})
	for _, err := range []error{
		errAdd, errRemove, errLimit, n.faults.Clear(""), n.script.Set("", nil), n.seed.Propose(roomsOf(1)),
		n.clock.Advance(time.Hour), n.clock.SetScale(0), n.clock.Reset(), awaitSettled(n, ""),
	} {
		expectUnavailable(t, err)
	}
	if limited || n.faults.Fire(fault.Point{Operation: "GetRoom"}) != nil {
		t.Error("a call is allowed, or a fault fires, of which the other nodes do not know")
	}
	for name, after := range states(t, n.fakeNode) {
		if after != before[name] {
			t.Errorf("the %s have changed: %s", name, after)
		}
	}
}

func TestAChangeOrAStateThatCannotBeReadIsLeftOut(t *testing.T) {
	n := joinedNode(t, newFakeLog(), nil)
	for name, part := range n.parts {
		n.logs.Reset()
		result, err := n.Do(name, []byte("{"))
		if result != nil || err != nil || !strings.Contains(n.logs.String(), "level=ERROR") {
			t.Errorf("%s: the result is %v, the error %v, and the log says %q", name, result, err, n.logs.String())
		}
		if err := part.Load([]byte("{")); err == nil || !strings.HasPrefix(err.Error(), "the state of the "+name+": ") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	var p valuePart[int, int, int]
	if _, err := p.result(nil, nil); err == nil {
		t.Error("a change that could not be applied succeeds")
	}
}

func TestTextsStayAsTheyAre(t *testing.T) {
	if got := encode(review.ScriptedAnswer{Answer: json.RawMessage(`"a<b & c"`)}); !bytes.Contains(got, []byte(`"a<b & c"`)) {
		t.Errorf("got %s", got)
	}
}
