package throttle

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// at returns the time after that many milliseconds.
func at(milliseconds int) time.Time {
	return start.Add(time.Duration(milliseconds) * time.Millisecond)
}

// allowed counts how many of the attempts at that time are allowed.
func allowed(b *Bucket, now time.Time, perSecond, attempts int) (n int) {
	for range attempts {
		if b.Allow(now, perSecond) {
			n++
		}
	}
	return n
}

func TestABucketHoldsOneSecondOfItsRateAndRefillsAtIt(t *testing.T) {
	var b Bucket
	for _, step := range []struct{ milliseconds, want int }{
		{0, 10}, {50, 0}, {100, 1}, {400, 3}, {5000, 10}, {5100, 1},
	} {
		if got := allowed(&b, at(step.milliseconds), 10, 20); got != step.want {
			t.Errorf("after %d ms: %d allowed, want %d", step.milliseconds, got, step.want)
		}
	}
}

func TestASenderThatKeepsToTheRateIsNeverRefused(t *testing.T) {
	var b Bucket
	for i := range 3000 {
		jitter := (i * 7919) % 40 // arrivals are up to 40 ms late, in no order
		if !b.Allow(at(10*i+jitter), 100) {
			t.Fatalf("message %d was refused", i)
		}
	}
}

func TestWhatIsRefusedTakesNoToken(t *testing.T) {
	var b Bucket
	if allowed(&b, at(0), 1, 1) != 1 || allowed(&b, at(900), 1, 5) != 0 || allowed(&b, at(1000), 1, 1) != 1 {
		t.Error("a refused attempt took a token")
	}
}

func TestAChangedRateTakesEffectAtOnce(t *testing.T) {
	var b Bucket
	allowed(&b, at(0), 10, 20)
	if got := allowed(&b, at(100), 100, 20); got != 10 {
		t.Errorf("100 ms since the last use at the new rate: %d allowed, want 10", got)
	}
	if got := allowed(&b, at(200), 100, 20); got != 10 {
		t.Errorf("100 ms at the new rate: %d allowed, want 10", got)
	}
	if got := allowed(&b, at(9000), 5, 20); got != 5 {
		t.Errorf("a smaller bucket: %d allowed, want 5", got)
	}
	if got := allowed(&b, at(9000), 0, 20); got != 20 {
		t.Errorf("without a limit: %d allowed, want 20", got)
	}
}

func TestABucketIsFullAgainWhenTheClockIsSetBack(t *testing.T) {
	var b Bucket
	allowed(&b, at(3600_000), 10, 20)
	if got := allowed(&b, at(0), 10, 20); got != 10 {
		t.Errorf("%d allowed after the clock was set back, want 10", got)
	}
}

func TestAClockThatWasSetBackByASecondFillsABucket(t *testing.T) {
	for back, want := range map[int]int{999: 0, 1000: 10} {
		var b Bucket
		allowed(&b, at(5000), 10, 10)
		if got := allowed(&b, at(5000-back), 10, 20); got != want {
			t.Errorf("set back by %d ms: %d allowed, want %d", back, got, want)
		}
	}
}

func TestAClockIsSetBackFromTheLatestTimeNotFromTheLastOne(t *testing.T) {
	var b Bucket
	allowed(&b, at(5000), 10, 10)
	if got := allowed(&b, at(4500), 10, 20); got != 0 {
		t.Errorf("half a second earlier: %d allowed, want 0", got)
	}
	if got := allowed(&b, at(4000), 10, 20); got != 10 {
		t.Errorf("a second earlier: %d allowed, want 10", got)
	}
}

func TestTheHighestRateAllowsEverything(t *testing.T) {
	var b Bucket
	if got := allowed(&b, at(0), math.MaxInt, 1000) + allowed(&b, at(5000), math.MaxInt, 1000); got != 2000 {
		t.Errorf("%d allowed, want 2000", got)
	}
}

func TestWithoutALimitEverythingIsAllowed(t *testing.T) {
	var b Bucket
	if got := allowed(&b, at(0), 0, 1000); got != 1000 {
		t.Errorf("%d allowed, want 1000", got)
	}
}

func TestACallerThatReadTheClockEarlierDoesNotRefillABucket(t *testing.T) {
	var b Bucket
	allowed(&b, at(100), 10, 20)
	if got := allowed(&b, at(90), 10, 20) + allowed(&b, at(110), 10, 20); got != 0 {
		t.Errorf("%d allowed, want 0", got)
	}
	if got := allowed(&b, at(200), 10, 20); got != 1 {
		t.Errorf("%d allowed after 100 ms, want 1", got)
	}
}

// A testLimiter is a limiter whose time is set with each call, for every account.
type testLimiter struct {
	*Limiter
	now time.Time
}

func newTestLimiter() *testLimiter {
	l := &testLimiter{}
	l.Limiter = NewLimiter(func(string) time.Time { return l.now })
	return l
}

func (l *testLimiter) allowAt(now time.Time, limits ...Limit) bool {
	l.now = now
	allowed, err := l.Allow(limits...)
	return allowed && err == nil
}

func limit(action string, perSecond int) Limit {
	return Limit{Key{Action: action, Owner: ivschat.Owner{AccountID: "123456789012"}}, perSecond}
}

func TestOfSeveralLimitsNoneIsChargedForWhatAnotherRefuses(t *testing.T) {
	l := newTestLimiter()
	both := func(room, account int) bool {
		return l.allowAt(at(0), limit("room", room), limit("account", account))
	}
	if !both(3, 1) {
		t.Fatal("the first was refused")
	}
	for range 5 {
		if both(3, 1) {
			t.Error("the limit of the account was not applied")
		}
	}
	for range 2 {
		if !l.allowAt(at(0), limit("room", 3)) {
			t.Error("the room was charged for what the account refused")
		}
	}
	if both(3, 0) {
		t.Error("the limit of the room was not applied")
	}
}

func TestKeysDoNotShareABucket(t *testing.T) {
	l := newTestLimiter()
	if !l.allowAt(at(0), limit("a", 1)) || !l.allowAt(at(0), limit("b", 1)) || l.allowAt(at(0), limit("a", 1)) {
		t.Error("two keys share a bucket, or one has two")
	}
}

func TestLimitsThatAreNoneNeedNoAccount(t *testing.T) {
	l := NewLimiter(func(account string) time.Time { return map[string]time.Time{"anna": at(5)}[account] })
	limits := []Limit{{}, limitOf("anna", "room", 1)}
	if allowed, err := l.Allow(limits...); !allowed || err != nil || !l.buckets[limits[1].Key].latest.Equal(at(5)) {
		t.Errorf("allowed is %v, the error %v, and the buckets are %v", allowed, err, l.buckets)
	}
	if l = newNode(t); !l.AllowAt(at(5), limits...) || l.accounts["anna"].Latest != at(5) {
		t.Errorf("on a node, the accounts are %v", l.accounts)
	}
}

func TestBucketsThatNobodyUsesAreDropped(t *testing.T) {
	l := newTestLimiter()
	const rooms = 100_000
	most := 0
	for i := range rooms { // one room after another, a hundred a second
		l.allowAt(at(10*i), limit(fmt.Sprint(i), 10))
		most = max(most, len(l.buckets))
	}
	if most > 2*minimumSweep {
		t.Errorf("there were %d buckets, though only ten rooms were in use at a time", most)
	}
	l.Forget("210987654321")
	if len(l.buckets) == 0 {
		t.Error("the buckets of another account were dropped")
	}
	if l.Forget("123456789012"); len(l.buckets) != 0 {
		t.Errorf("%d buckets are left", len(l.buckets))
	}
}

func TestTheBucketsOfAllAccountsCanBeForgotten(t *testing.T) {
	l := newTestLimiter()
	l.allowAt(at(0), limit("room", 1))
	if l.Forget(""); len(l.buckets) != 0 || !l.allowAt(at(0), limit("room", 1)) {
		t.Errorf("%d buckets are left", len(l.buckets))
	}
}

func TestBucketsAreDroppedAlsoWhenNoneIsAdded(t *testing.T) {
	l := newTestLimiter()
	const rooms = 10_000
	for i := range rooms { // all at once
		l.allowAt(at(0), limit(fmt.Sprint(i), 10))
	}
	for range rooms {
		l.allowAt(at(5000), limit("busy", 10))
	}
	if n := len(l.buckets); n > minimumSweep {
		t.Errorf("there are still %d buckets", n)
	}
}

func TestBucketsOfALaterTimeAreDroppedWhenTheClockIsSetBack(t *testing.T) {
	l := newTestLimiter()
	for i := range minimumSweep {
		l.allowAt(at(3600_000), limit(fmt.Sprint(i), 10))
	}
	for range 2 * minimumSweep {
		l.allowAt(at(0), limit("busy", 10))
	}
	if n := len(l.buckets); n != 1 {
		t.Errorf("there are %d buckets, want 1", n)
	}
}

func TestABucketInUseIsNotDropped(t *testing.T) {
	l := newTestLimiter()
	busy := limit("busy", 1)
	l.allowAt(at(0), busy)
	for i := range 10 * minimumSweep {
		l.allowAt(at(0), limit(fmt.Sprint(i), 10))
	}
	if l.allowAt(at(0), busy) {
		t.Error("an empty bucket was dropped")
	}
}

func TestALimitOfZeroAllowsEverythingAndNeedsNoBucket(t *testing.T) {
	l := newTestLimiter()
	for range 100 {
		if !l.allowAt(at(0), limit("room", 0), limit("account", 0)) {
			t.Fatal("refused without a limit")
		}
	}
	if n := len(l.buckets); n != 0 {
		t.Errorf("there are %d buckets", n)
	}
}

func TestTheCostOfACallDoesNotGrowWithTheNumberOfBuckets(t *testing.T) {
	const rooms = 10_000
	looks := 0 // at the clock: for each limit, and for each bucket when the full ones are dropped
	l := NewLimiter(func(string) time.Time {
		looks++
		return at(0)
	})
	for range 2 {
		for i := range rooms {
			_, _ = l.Allow(limit(fmt.Sprint(i), 10))
		}
	}
	if looks > 4*2*rooms {
		t.Errorf("%d calls looked at the clock %d times", 2*rooms, looks)
	}
}

func TestAllowAllocatesNothing(t *testing.T) {
	l := newTestLimiter()
	room, account := limit("room", 1000), limit("account", 1000)
	now := start
	allocations := testing.AllocsPerRun(1000, func() {
		now = now.Add(time.Millisecond)
		l.allowAt(now, room, account)
	})
	if allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestTheTimeOfOneAccountDoesNotChangeTheBucketsOfAnother(t *testing.T) {
	now := map[string]time.Time{"moved": at(3600_000), "other": at(0)}
	l := NewLimiter(func(account string) time.Time { return now[account] })
	allow := func(account, action string) bool {
		allowed, err := l.Allow(Limit{Key{Action: action, Owner: ivschat.Owner{AccountID: account}}, 1})
		return allowed && err == nil
	}
	if !allow("moved", "busy") || !allow("other", "busy") {
		t.Fatal("the first was refused")
	}
	for i := range 10 * minimumSweep { // sweeps while either account calls
		allow("moved", fmt.Sprint(i))
		allow("other", fmt.Sprint(i))
	}
	if allow("moved", "busy") || allow("other", "busy") {
		t.Error("a bucket was refilled by the time of another account")
	}
}
