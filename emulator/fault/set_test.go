package fault_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
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
		"once":                {fault.Rule{Times: 1}, "x....."},
		"each time":           {fault.Rule{Every: 1}, "xxxxxx"},
		"every third":         {fault.Rule{Every: 3}, "..x..x"},
		"certainly":           {fault.Rule{Probability: 1}, "xxxxxx"},
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

func TestTheSeedOfTheSetRepeatsTheFiringsOfARuleWithoutASeed(t *testing.T) {
	pattern := func(seed uint64) string {
		set := fault.New(random.New(seed), func(fault.Rule, fault.Point) {})
		if _, err := set.Add(fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: 0.5}); err != nil {
			t.Fatal(err)
		}
		return firings(set, getRoom, 50)
	}
	if first, again, other := pattern(1), pattern(1), pattern(2); first != again || first == other {
		t.Errorf("the seed 1 fires %s, then %s, and the seed 2 fires %s", first, again, other)
	}
}

func TestARuleFiresIfItsRandomNumberIsLessThanItsProbability(t *testing.T) {
	number := random.New(7).Float64() // the first of a rule with this seed
	for probability, want := range map[float64]string{number: ".", math.Nextafter(number, 1): "x"} {
		set, _ := newSet(t, fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: probability, Seed: 7})
		if got := firings(set, getRoom, 1); got != want {
			t.Errorf("with the probability %v and the number %v, it fires %s", probability, number, got)
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
	const action, frame, operation, handshake, review = "SEND_MESSAGE", "MESSAGE", "GetRoom", "CONNECT", "REVIEW"
	for _, test := range []struct {
		operation string
		effect    fault.Effect
		breaks    bool
		atOnce    bool
	}{
		{action, fault.CloseConnection{Code: 4000}, true, false},
		{action, fault.ResetConnection{}, true, false},
		{action, fault.SilenceConnection{}, true, false},
		{action, fault.SendError{Code: 429}, false, true},
		{action, fault.DropFrame{}, false, true},
		{frame, fault.CloseConnection{Code: 4000}, true, false},
		{frame, fault.ResetConnection{}, true, false},
		{frame, fault.SilenceConnection{}, true, false},
		{frame, fault.CorruptFrame{}, false, true},
		{operation, fault.ResetConnection{}, true, true},
		{operation, unavailable, false, true},
		{handshake, fault.ResetConnection{}, true, true},
		{review, fault.ResetConnection{}, true, true}, // which breaks no chat connection
		{review, fault.DropFrame{}, false, true},
	} {
		rule := fault.Rule{Operation: test.operation, Account: "123456789012", Effect: test.effect}
		at := fault.Point{Operation: test.operation, Account: "123456789012", UserID: "anna"}
		want := fmt.Sprint(fault.Rule{ID: 1, Operation: test.operation, Account: "123456789012", Effect: test.effect, Fired: 1}, at)
		var reports []string
		set := fault.New(random.New(1), func(rule fault.Rule, at fault.Point) {
			reports = append(reports, fmt.Sprint(rule, at))
		})
		if _, err := set.Add(rule); err != nil {
			t.Fatal(err)
		}
		firing := set.Fire(at)
		if firing.Breaks() != test.breaks || slices.Equal(reports, []string{want}) != test.atOnce {
			t.Errorf("%T of %s: breaks the connection: %t, reports at once: %q",
				test.effect, test.operation, firing.Breaks(), reports)
		}
		reports = nil
		if firing.Report(); !slices.Equal(reports, []string{want}) {
			t.Errorf("%T of %s: got the reports %q, want %s", test.effect, test.operation, reports, want)
		}
	}
}

// ruleIDs returns the IDs of the rules of an account.
func ruleIDs(set *fault.Set, account string) (ids []int) {
	for _, rule := range set.Rules(account) {
		ids = append(ids, rule.ID)
	}
	return ids
}

func TestRulesAreListedAndRemovedByAccount(t *testing.T) {
	const mine, other = "123456789012", "210987654321"
	set, _ := newSet(t,
		fault.Rule{Operation: "GetRoom", Account: mine, Effect: unavailable},
		fault.Rule{Operation: "GetRoom", Account: other, Effect: unavailable},
		fault.Rule{Operation: "GetRoom", Effect: unavailable},
		fault.Rule{Operation: "GetRoom", Account: mine, Effect: unavailable},
	)
	left := func(account string, want ...int) {
		t.Helper()
		if got := ruleIDs(set, account); !slices.Equal(got, want) {
			t.Errorf("the rules of account %q are %v, want %v", account, got, want)
		}
	}
	remove := func(account string, id int) bool {
		existed, err := set.Remove(account, id)
		return existed && err == nil
	}
	left("", 1, 2, 3, 4)
	left(mine, 1, 3, 4)
	for _, id := range []int{0, 2, 3, 5} { // of no rule, or not of a rule of the account
		if remove(mine, id) {
			t.Errorf("rule %d was removed", id)
		}
	}
	if !remove(mine, 4) || remove(mine, 4) {
		t.Error("the rule was not removed, or twice")
	}
	left("", 1, 2, 3)
	set.Clear(mine)
	left("", 2, 3)
	if !remove("", 3) {
		t.Error("the rule of no account was not removed")
	}
	left("", 2)
	set.Clear("")
	if left(""); set.Armed() {
		t.Error("the set is armed without a rule")
	}
}

func TestAddedRulesAreNewOnes(t *testing.T) {
	set, _ := newSet(t)
	rule := fault.Rule{ID: 9, Operation: "GetRoom", Effect: unavailable, Times: 2, Fired: 5}
	added, err := set.Add(rule, rule)
	rule.ID, rule.Fired = 1, 0
	second := rule
	second.ID = 2
	if want := []fault.Rule{rule, second}; err != nil || !reflect.DeepEqual(added, want) ||
		!reflect.DeepEqual(set.Rules(""), want) {
		t.Errorf("added %+v, %v, want %+v", added, err, want)
	}
	set.Fire(getRoom)
	if rule.Fired = 1; !reflect.DeepEqual(set.Rules(""), []fault.Rule{rule, second}) {
		t.Errorf("after it fired: %+v", set.Rules(""))
	}
}

func TestASetWithoutRulesHasAnEmptyList(t *testing.T) {
	set, _ := newSet(t)
	if rules := set.Rules(""); rules == nil || len(rules) != 0 {
		t.Errorf("got %#v", rules)
	}
}

func TestAddAddsAllRulesOrNone(t *testing.T) {
	set, _ := newSet(t)
	good, bad := fault.Rule{Operation: "GetRoom", Effect: unavailable}, fault.Rule{Operation: "GetRoom"}
	added, err := set.Add(good, bad)
	want := "rule 2 of 2: a rule must have an effect or a delay, but this one has neither"
	if err == nil || err.Error() != want || added != nil || set.Armed() {
		t.Errorf("added %v, %v, and %d rules", added, err, len(set.Rules("")))
	}
	many := make([]fault.Rule, 1001)
	for i := range many {
		many[i] = good
	}
	want = "there can be at most 1000 rules, but there would be 1001"
	if added, err = set.Add(many...); err == nil || err.Error() != want || added != nil || set.Armed() {
		t.Errorf("more rules than there can be: added %d rules, %v", len(added), err)
	}
}

func TestADelayEndsWithItsContextOrItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, _ := newSet(t,
			fault.Rule{Operation: "GetRoom", Delay: time.Minute},
			fault.Rule{Operation: "ListRooms", Effect: unavailable},
		)
		firing, immediate := set.Fire(getRoom), set.Fire(fault.Point{Operation: "ListRooms"})
		expect := func(f *fault.Firing, ctx context.Context, ended <-chan struct{}, want time.Duration) {
			t.Helper()
			began := time.Now()
			if f.Wait(ctx, ended); time.Since(began) != want {
				t.Errorf("it took %v, want %v", time.Since(began), want)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := make(chan struct{})
		time.AfterFunc(2*time.Second, func() { close(ended) })
		expect(firing, ctx, ended, time.Second)
		expect(firing, t.Context(), ended, time.Second)
		expect(firing, t.Context(), nil, time.Minute)
		expect(immediate, t.Context(), nil, 0)
	})
}
