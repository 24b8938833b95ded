package fault_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

const room = "arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"

// newSet returns a set with the rules, and a function that returns how many firings were reported.
func newSet(t *testing.T, rules ...fault.Rule) (set *fault.Set, reported func() int) {
	t.Helper()
	var mu sync.Mutex
	count := 0
	set = fault.New(random.New(1), func(fault.Rule, fault.Point) {
		mu.Lock()
		defer mu.Unlock()
		count++
	})
	if _, err := set.Add(rules...); err != nil {
		t.Fatal(err)
	}
	return set, func() int {
		mu.Lock()
		defer mu.Unlock()
		return count
	}
}

// firings tells of n attempts which fire.
func firings(set *fault.Set, at fault.Point, n int) string {
	var pattern strings.Builder
	for range n {
		if set.Fire(at) != nil {
			pattern.WriteString("x")
		} else {
			pattern.WriteString(".")
		}
	}
	return pattern.String()
}

var (
	unavailable = fault.ReturnStatus{Status: 503}
	getRoom     = fault.Point{Operation: "GetRoom"}
)

func TestARuleFiresOnlyWhereItSays(t *testing.T) {
	at := fault.Point{
		Operation: "SEND_MESSAGE", Account: "123456789012", Room: room, UserID: "anna",
		Capabilities: []ivschat.Capability{ivschat.CapabilitySendMessage},
	}
	for name, test := range map[string]struct {
		rule  fault.Rule
		fires bool
	}{
		"anywhere":           {fault.Rule{}, true},
		"the account":        {fault.Rule{Account: "123456789012"}, true},
		"another account":    {fault.Rule{Account: "210987654321"}, false},
		"the room":           {fault.Rule{Room: room}, true},
		"another room":       {fault.Rule{Room: strings.Replace(room, "abc", "xyz", 1)}, false},
		"the user":           {fault.Rule{UserID: "anna"}, true},
		"another user":       {fault.Rule{UserID: "ben"}, false},
		"the capability":     {fault.Rule{Capability: ivschat.CapabilitySendMessage}, true},
		"another capability": {fault.Rule{Capability: ivschat.CapabilityDeleteMessage}, false},
		"another action":     {fault.Rule{Operation: "DELETE_MESSAGE"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			rule := test.rule
			if rule.Operation == "" {
				rule.Operation = "SEND_MESSAGE"
			}
			rule.Effect = fault.SendError{Code: 429}
			set, reported := newSet(t, rule)
			if fires := set.Fire(at) != nil; fires != test.fires {
				t.Errorf("it fires: %v, want %v", fires, test.fires)
			}
			if fired := reported() == 1; fired != test.fires {
				t.Errorf("it is reported: %v, want %v", fired, test.fires)
			}
		})
	}
}

func TestARuleFiresAsOftenAsItSays(t *testing.T) {
	for name, test := range map[string]struct {
		rule fault.Rule
		want string
	}{
		"every time":          {fault.Rule{}, "xxxxxx"},
		"twice":               {fault.Rule{Times: 2}, "xx...."},
		"every second":        {fault.Rule{Every: 2}, ".x.x.x"},
		"every second, twice": {fault.Rule{Every: 2, Times: 2}, ".x.x.."},
	} {
		t.Run(name, func(t *testing.T) {
			test.rule.Operation, test.rule.Effect = "GetRoom", unavailable
			set, _ := newSet(t, test.rule)
			if got := firings(set, getRoom, 6); got != test.want {
				t.Errorf("it fires %s, want %s", got, test.want)
			}
			if left := len(set.Rules("")); (left == 0) != (test.rule.Times > 0) {
				t.Errorf("%d rules are left", left)
			}
			if set.Armed() != (len(set.Rules("")) > 0) {
				t.Error("Armed does not know whether there are rules")
			}
		})
	}
}

func TestTheSeedOfARuleRepeatsItsFirings(t *testing.T) {
	for _, seed := range []uint64{1, 7} {
		rule := fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: 0.5, Seed: seed}
		other := fault.Rule{Operation: "ListRooms", Effect: unavailable, Probability: 0.5}
		first, _ := newSet(t, rule)
		second, _ := newSet(t, other, rule)
		firings(second, fault.Point{Operation: "ListRooms"}, 3) // takes random numbers of the set
		want := firings(first, getRoom, 50)
		if got := firings(second, getRoom, 50); got != want {
			t.Errorf("the seed %d fires %s, then %s", seed, want, got)
		}
		if hits := strings.Count(want, "x"); hits < 10 || hits > 40 {
			t.Errorf("half of the time: %d of 50", hits)
		}
	}
}

func TestTheFirstRuleThatFiresWins(t *testing.T) {
	set, _ := newSet(t,
		fault.Rule{Operation: "GetRoom", Times: 1, Effect: fault.ReturnStatus{Status: 500}},
		fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 503}},
	)
	for _, want := range []int{500, 503} {
		if got := set.Fire(getRoom).Effect.(fault.ReturnStatus).Status; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func TestAFaultThatBreaksAChatConnectionIsReportedOnceItIsBroken(t *testing.T) {
	set, reported := newSet(t,
		fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SilenceConnection{}},
		fault.Rule{Operation: fault.MessageFrame, Effect: fault.ResetConnection{}},
		fault.Rule{Operation: "GetRoom", Effect: fault.ResetConnection{}},
	)
	for _, operation := range []string{"SEND_MESSAGE", fault.MessageFrame} {
		before := reported()
		firing := set.Fire(fault.Point{Operation: operation})
		if !firing.Breaks() || reported() != before {
			t.Errorf("%s is reported before it is done", operation)
		}
		if firing.Report(); reported() != before+1 {
			t.Errorf("%s is not reported", operation)
		}
	}
	before := reported()
	if set.Fire(getRoom); reported() != before+1 {
		t.Error("a reset of an operation is not reported at once")
	}
}

func TestRulesAreRemovedByAccount(t *testing.T) {
	const mine, other = "123456789012", "210987654321"
	set, _ := newSet(t,
		fault.Rule{Operation: "GetRoom", Account: mine, Effect: unavailable},
		fault.Rule{Operation: "GetRoom", Account: other, Effect: unavailable},
		fault.Rule{Operation: "GetRoom", Effect: unavailable},
	)
	if n := len(set.Rules(mine)); n != 2 {
		t.Errorf("%d rules apply to the account, want 2", n)
	}
	if set.Remove(mine, 2) || set.Remove(mine, 4) {
		t.Error("a rule of another account, or none, was removed")
	}
	if set.Clear(mine); len(set.Rules("")) != 2 {
		t.Errorf("left: %v", set.Rules(""))
	}
	if !set.Remove("", 2) || !set.Remove("", 3) || set.Armed() {
		t.Errorf("left: %v", set.Rules(""))
	}
}

func TestAddAddsAllRulesOrNone(t *testing.T) {
	set, _ := newSet(t)
	good, bad := fault.Rule{Operation: "GetRoom", Effect: unavailable}, fault.Rule{Operation: "GetRoom"}
	if _, err := set.Add(good, bad); err == nil || set.Armed() {
		t.Errorf("%v, and %d rules", err, len(set.Rules("")))
	}
	many := make([]fault.Rule, 1001)
	for i := range many {
		many[i] = good
	}
	if _, err := set.Add(many...); err == nil || !strings.Contains(err.Error(), "1001") {
		t.Errorf("more rules than there can be: %v", err)
	}
}

func TestADelayEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, _ := newSet(t, fault.Rule{Operation: "GetRoom", Delay: time.Minute})
		firing := set.Fire(getRoom)
		began := time.Now()
		firing.Wait(t.Context(), nil)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		firing.Wait(ctx, nil)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
