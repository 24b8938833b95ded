package throttle

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// newNode returns a limiter of one of several nodes. Its clock is wrong, because nothing may depend on it.
func newNode(t *testing.T) *Limiter {
	t.Helper()
	return NewLimiter(func(string) time.Time {
		t.Error("the clock of the node was read")
		return time.Time{}
	})
}

func limitOf(account, action string, perSecond int) Limit {
	return Limit{Key{Action: action, Owner: ivschat.Owner{AccountID: account, Region: "eu-west-1"}}, perSecond}
}

// saved returns the state of a limiter as text.
func saved(t *testing.T, l *Limiter) string {
	t.Helper()
	text, err := json.Marshal(l.Save())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNodesWithTheSameCallsAgreeOnAllOfThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	first, second := newNode(t), newNode(t)
	counts := map[bool]int{}
	for i := range 20_000 {
		account := fmt.Sprint("account ", r.IntN(3))
		room, rate := fmt.Sprint("room ", r.IntN(200)), r.IntN(4)*5
		now := at(i + r.IntN(30)) // the nodes that propose do not have quite the same time
		if r.IntN(1000) == 0 {
			now = now.Add(time.Hour) // a move of the clock, which is undone by the next call
		}
		limits := []Limit{limitOf(account, room, rate), limitOf(account, "all", 100)}
		allowed := first.AllowAt(now, limits...)
		counts[allowed]++
		if second.AllowAt(now, limits...) != allowed {
			t.Fatalf("call %d: one node allows it, and the other one does not", i)
		}
		if i%1000 == 0 { // a node that joins
			var state State
			if err := json.Unmarshal([]byte(saved(t, first)), &state); err != nil {
				t.Fatal(err)
			}
			second = newNode(t)
			second.Load(state)
		}
		if i%700 == 0 {
			first.Forget(account)
			second.Forget(account)
		}
	}
	if first, second := saved(t, first), saved(t, second); first != second {
		t.Errorf("the states differ:\n%s\n%s", first, second)
	}
	if counts[true] < 1000 || counts[false] < 1000 {
		t.Errorf("of the calls, %v were allowed", counts)
	}
}

func TestTheStateOfANewLimiterIsTheZeroState(t *testing.T) {
	l := newNode(t)
	l.AllowAt(at(0), limit("room", 1))
	if l.Load(State{}); !l.AllowAt(at(0), limit("room", 1)) {
		t.Error("a bucket is left")
	}
	if got, want := saved(t, l), saved(t, newNode(t)); got == want {
		t.Errorf("a used limiter has the state of a new one: %s", got)
	}
}

func TestAStateDoesNotChangeWhenTheLimiterDoes(t *testing.T) {
	l := newNode(t)
	l.AllowAt(at(0), limit("room", 1))
	state := l.Save()
	before := fmt.Sprint(state)
	l.AllowAt(at(5000), limit("room", 1), limit("other", 1))
	if now := fmt.Sprint(state); now != before {
		t.Errorf("the state is now %s, and was %s", now, before)
	}
	l.Load(state)
	l.AllowAt(at(5000), limit("room", 1))
	if now := fmt.Sprint(state); now != before {
		t.Errorf("after a Load, the state is now %s, and was %s", now, before)
	}
}

func TestAStateHasNothingThatOnlyTheMachineKnows(t *testing.T) {
	l := newNode(t)
	l.AllowAt(time.Now().In(time.FixedZone("", 3600)), limit("room", 1))
	state := l.Save()
	for _, now := range []time.Time{state.Accounts["123456789012"].Latest, state.Buckets[0].Latest} {
		if now != now.Round(0).UTC() {
			t.Errorf("%v has a monotonic reading or a location", now)
		}
	}
}

func TestTheNodeWhoseClockIsBehindDoesNotRefillBuckets(t *testing.T) {
	l := newNode(t)
	allowed := 0
	const behind = 8000
	for ms := range 5000 { // two nodes in turn, each a call per millisecond
		for _, now := range []time.Time{at(ms + behind), at(ms)} {
			if l.AllowAt(now, limit("room", 10)) {
				allowed++
			}
		}
	}
	if want := 10 + 49; allowed != want {
		t.Errorf("%d were allowed in 5 seconds, want %d", allowed, want)
	}
}

func TestTheTimeOfAnAccountIsInTheState(t *testing.T) {
	l, joined := newNode(t), newNode(t)
	l.AllowAt(at(9000), limit("room", 1))
	joined.Load(l.Save())
	for _, node := range []*Limiter{l, joined} {
		node.AllowAt(at(1000), limit("other", 1)) // by a node whose clock is behind
	}
	if got, want := saved(t, joined), saved(t, l); got != want {
		t.Errorf("the node that has joined has %s, and the other one %s", got, want)
	}
}

func TestBucketsOfNodesAreFullAgainWhenTheClockIsSetBack(t *testing.T) {
	for back, want := range map[time.Duration]bool{maximumSkew - 1: false, maximumSkew: true} {
		l := newNode(t)
		l.AllowAt(at(3600_000), limit("room", 1))
		if got := l.AllowAt(at(3600_000).Add(-back), limit("room", 1)); got != want {
			t.Errorf("set back by %v: allowed is %v", back, got)
		}
	}
}

func TestBucketsOfNodesAreDroppedWhenTheyAreFull(t *testing.T) {
	l := newNode(t)
	for i := range 10_000 { // one room after another
		l.AllowAt(at(100*i), limitOf("busy", fmt.Sprint(i), 10))
	}
	if n := len(l.buckets); n > 2*minimumSweep || len(l.accounts) != 1 {
		t.Errorf("there are %d buckets, and the accounts %v", n, l.accounts)
	}
	if l.Forget("busy"); len(l.buckets) != 0 || len(l.accounts) != 0 {
		t.Errorf("there are %d buckets, and the accounts %v", len(l.buckets), l.accounts)
	}
}

func TestABucketOfNodesThatNobodyUsesStaysUntilThereAreTooMany(t *testing.T) {
	l := newNode(t)
	idle := limitOf("idle", "call", 1)
	l.AllowAt(at(0), idle)
	for i := range maximumBuckets / 2 {
		l.AllowAt(at(0), limitOf(fmt.Sprint(i), "call", 10))
	}
	if l.AllowAt(at(0), idle) {
		t.Error("an empty bucket was dropped")
	}
	most := 0
	for i := range 5 * maximumBuckets { // each account makes one call
		l.AllowAt(at(5000), limitOf(fmt.Sprint(i), "call", 10))
		most = max(most, len(l.buckets), len(l.accounts))
	}
	if most > 4*maximumBuckets {
		t.Errorf("there were %d buckets", most)
	}
	for range 2 * most {
		l.AllowAt(at(5000), limitOf("busy", "call", 10))
	}
	if buckets, accounts := len(l.buckets), len(l.accounts); buckets > maximumBuckets || accounts > buckets {
		t.Errorf("%d buckets of %d accounts are left", buckets, accounts)
	}
}

func TestAllowAtAllocatesNothing(t *testing.T) {
	l := newNode(t)
	room, account := limit("room", 1000), limit("account", 1000)
	now := start
	allocations := testing.AllocsPerRun(1000, func() {
		now = now.Add(time.Millisecond)
		l.AllowAt(now, room, account)
	})
	if allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestALimitIsProposedWithTheTimeOfItsAccount(t *testing.T) {
	unreachable := errors.New("no connection")
	l := NewLimiter(func(account string) time.Time { return map[string]time.Time{"anna": at(7)}[account] })
	var proposed [][]Limit
	l.Propose = func(now time.Time, limits []Limit) (bool, error) {
		if !now.Equal(at(7)) {
			t.Errorf("proposed at %v", now)
		}
		proposed = append(proposed, limits)
		return len(proposed) == 1, unreachable
	}
	limits := []Limit{limitOf("anna", "room", 5), limitOf("anna", "account", 0)}
	for want := range 2 {
		if allowed, err := l.Allow(limits...); allowed != (want == 0) || err != unreachable {
			t.Errorf("allowed is %v, and the error %v", allowed, err)
		}
	}
	if want := [][]Limit{limits, limits}; !reflect.DeepEqual(proposed, want) {
		t.Errorf("proposed: %v, want %v", proposed, want)
	}
	if allowed, err := l.Allow(limitOf("anna", "room", 0)); !allowed || err != nil || len(proposed) != 2 {
		t.Errorf("without a limit: allowed is %v, the error %v, and %v were proposed", allowed, err, proposed)
	}
	if n := len(l.buckets); n > 0 {
		t.Errorf("%d buckets were used without the other nodes", n)
	}
}
