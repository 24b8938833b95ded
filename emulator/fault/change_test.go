package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// A cluster is the sets of several nodes, which get all changes in one order.
type cluster struct {
	sets     []*fault.Set
	proposed int
}

// newCluster returns the sets of three nodes. Each has other random numbers.
func newCluster() *cluster {
	c := new(cluster)
	for i := range 3 {
		c.join(uint64(i))
	}
	return c
}

func (c *cluster) join(seed uint64) *fault.Set {
	set, node := fault.New(random.New(seed), func(fault.Rule, fault.Point) {}), len(c.sets)
	set.Propose = func(change fault.Change) (result []fault.Rule, err error) {
		c.proposed++
		text, err := json.Marshal(change)
		if err != nil {
			return nil, err
		}
		for i, set := range c.sets {
			var decoded fault.Change
			if err := json.Unmarshal(text, &decoded); err != nil {
				return nil, err
			}
			rules, failure := set.Apply(decoded)
			if i == node {
				result, err = rules, failure
			}
		}
		return result, err
	}
	c.sets = append(c.sets, set)
	return set
}

// saved returns the state of a set as text.
func saved(t *testing.T, set *fault.Set) string {
	t.Helper()
	text, err := json.Marshal(set.Save())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// expectEqual fails the test if a set has another state than the first one.
func (c *cluster) expectEqual(t *testing.T) {
	t.Helper()
	for i, set := range c.sets {
		if first, other := saved(t, c.sets[0]), saved(t, set); first != other {
			t.Fatalf("node %d has %s, and the first one %s", i, other, first)
		}
	}
}

func TestNodesHaveTheSameRulesAndCounts(t *testing.T) {
	c, r := newCluster(), rand.New(rand.NewPCG(1, 2))
	accounts := []string{"123456789012", "210987654321", ""}
	fired := 0
	for i := range 1000 {
		set, account := c.sets[r.IntN(len(c.sets))], accounts[r.IntN(3)]
		switch r.IntN(20) {
		case 0:
			rule := fault.Rule{Operation: "GetRoom", Account: account, Effect: unavailable, Times: r.IntN(4), Every: r.IntN(3)}
			if rule.Probability = float64(r.IntN(3)) / 2; rule.Probability > 0 {
				rule.Seed = r.Uint64N(2) * r.Uint64()
			}
			if added, err := set.Add(rule, rule); err != nil || added[1].ID != added[0].ID+1 {
				t.Fatalf("added %v, %v", added, err)
			}
		case 1:
			if id := r.IntN(i + 1); r.IntN(10) == 0 {
				_ = set.Clear(account)
			} else if _, err := set.Remove(account, id); err != nil {
				t.Fatal(err)
			}
		case 2: // a node that joins
			var state fault.State
			if err := json.Unmarshal([]byte(saved(t, set)), &state); err != nil {
				t.Fatal(err)
			}
			joined := fault.New(random.New(uint64(i)), func(fault.Rule, fault.Point) {})
			if err := joined.Load(state); err != nil {
				t.Fatal(err)
			}
			joined.Propose, c.sets[2] = c.sets[2].Propose, joined
		default:
			if set.Fire(fault.Point{Operation: "GetRoom", Account: accounts[r.IntN(2)]}) != nil {
				fired++
			}
		}
		c.expectEqual(t)
	}
	if fired < 150 {
		t.Errorf("only %d rules fired", fired)
	}
}

func TestARuleCountsOverAllNodes(t *testing.T) {
	for name, test := range map[string]struct {
		rule fault.Rule
		want string // of which nodes it fires in turn
	}{
		"once":                 {fault.Rule{Times: 1}, "x........"},
		"every third time":     {fault.Rule{Every: 3}, "..x..x..x"},
		"twice, each second":   {fault.Rule{Every: 2, Times: 2}, ".x.x....."},
		"a rule of no account": {fault.Rule{Account: "210987654321"}, "........."},
	} {
		c := newCluster()
		test.rule.Operation, test.rule.Effect = "GetRoom", unavailable
		if _, err := c.sets[0].Add(test.rule); err != nil {
			t.Fatal(err)
		}
		got := ""
		for i := range 9 {
			got += firings(c.sets[i%3], fault.Point{Operation: "GetRoom", Account: "123456789012"}, 1)
		}
		if got != test.want {
			t.Errorf("%s: it fires %s, want %s", name, got, test.want)
		}
	}
}

func TestTheSeedOfARuleRepeatsItsFiringsOnAllNodesTogether(t *testing.T) {
	rule := fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: 0.5, Seed: 7}
	alone, _ := newSet(t, rule)
	want := firings(alone, getRoom, 60)
	c, got := newCluster(), ""
	if _, err := c.sets[1].Add(rule); err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		got += firings(c.sets[i%3], getRoom, 1)
	}
	if got != want {
		t.Errorf("it fires %s, want %s", got, want)
	}
}

func TestRulesAtTheSamePointHaveIndependentRandomNumbers(t *testing.T) {
	c := newCluster()
	rule := fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: 0.5}
	if _, err := c.sets[0].Add(rule, rule); err != nil {
		t.Fatal(err)
	}
	n := strings.Count(firings(c.sets[0], getRoom, 1000), "x")
	if n < 680 || n > 820 {
		t.Errorf("one of two rules fires %d times of 1000, want about 750", n)
	}
}

func TestAPointWithoutARuleIsNotProposed(t *testing.T) {
	c := newCluster()
	if _, err := c.sets[0].Add(fault.Rule{Operation: "GetRoom", Account: "123456789012", Effect: unavailable}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []fault.Point{{Operation: "ListRooms"}, {Operation: "GetRoom", Account: "210987654321"}} {
		if c.sets[1].Fire(at) != nil || c.proposed != 1 {
			t.Errorf("%v was proposed, or a rule fired", at)
		}
	}
}

func TestARuleThatTheOtherNodesDoNotHearOfDoesNotFireAndIsNotAdded(t *testing.T) {
	set, reported := newSet(t, fault.Rule{Operation: "GetRoom", Effect: unavailable})
	before, unreachable := saved(t, set), errors.New("no connection")
	set.Propose = func(fault.Change) ([]fault.Rule, error) { return nil, unreachable }
	if set.Fire(getRoom) != nil || reported() != 0 {
		t.Error("a rule fired")
	}
	_, errAdd := set.Add(fault.Rule{Operation: "GetRoom", Effect: unavailable})
	existed, errRemove := set.Remove("", 1)
	for _, err := range []error{errAdd, errRemove, set.Clear("")} {
		if err != unreachable || existed {
			t.Errorf("the error is %v", err)
		}
	}
	if after := saved(t, set); after != before {
		t.Errorf("the set has %s, and had %s", after, before)
	}
}

func TestThousandLargeRulesAreOneChange(t *testing.T) {
	c := newCluster()
	rules := make([]fault.Rule, 1000)
	for i := range rules {
		rules[i] = fault.Rule{
			Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, Body: strings.Repeat("x", 16<<10-100)},
		}
	}
	added, err := c.sets[0].Add(rules...)
	if err != nil || len(added) != 1000 || c.proposed != 1 {
		t.Fatalf("added %d rules with %d changes: %v", len(added), c.proposed, err)
	}
	_, err = c.sets[1].Add(rules[0])
	if want := "there can be at most 1000 rules, but there would be 1001"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	c.expectEqual(t)
}

func TestAStateOrAChangeThatIsNotValidChangesNothing(t *testing.T) {
	set, _ := newSet(t, fault.Rule{Operation: "GetRoom", Effect: unavailable})
	before := saved(t, set)
	for _, change := range []fault.Change{
		{Kind: fault.KindAdd, Rules: []fault.Document{{Operation: "GetRoom", Status: 500}, {Operation: "GetRoom"}}},
		{Kind: "replace"},
	} {
		if rules, err := set.Apply(change); err == nil || rules != nil {
			t.Errorf("%v: got %v", change, rules)
		}
	}
	state := fault.State{Rules: []fault.RuleState{{Rule: fault.Document{ID: 4, Operation: "GetRoom"}}}}
	if err := set.Load(state); err == nil || !strings.HasPrefix(err.Error(), "rule 4: a rule must have exactly one of ") {
		t.Errorf("the error is %v", err)
	}
	if after := saved(t, set); after != before {
		t.Errorf("the set has %s, and had %s", after, before)
	}
	if err := set.Load(fault.State{}); err != nil || set.Armed() {
		t.Errorf("the zero state has rules: %v", err)
	}
}

func TestARuleIsTheSameOnTheOtherNodes(t *testing.T) {
	c := newCluster()
	for i, effect := range []fault.Effect{
		unavailable, fault.ResetConnection{}, nil, fault.ReturnStatus{Status: 502, Body: "busy", Bare: true},
		fault.ReturnException{
			Name: "ValidationException", Message: "no", Reason: ivschat.FieldValidationFailed,
			Fields: []ivschat.ValidationField{{Name: "n", Message: "m"}},
		},
	} {
		rule := fault.Rule{Operation: "GetRoom", Room: room, Probability: 0.25, Seed: 1<<64 - 1, Effect: effect, Delay: 1e8 + 1}
		if _, err := c.sets[0].Add(rule); err != nil {
			t.Fatal(err)
		}
		rule.ID = i + 1
		if got := c.sets[1].Rules("")[i]; !reflect.DeepEqual(got, rule) {
			t.Errorf("the other node has %s, want %s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", rule))
		}
	}
}
