package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// A frozen clock stands at a time, until it is set.
type frozen struct{ at atomic.Pointer[time.Time] }

func (f *frozen) set(at time.Time)    { f.at.Store(&at) }
func (f *frozen) earliest() time.Time { return *f.at.Load() }

// usedTokens returns the used tokens of a process with a clock of its own.
func usedTokens(t *testing.T, url string) (*UsedTokens, *frozen) {
	t.Helper()
	clock := new(frozen)
	clock.set(time.Now())
	u, err := connect(t, url).UsedTokens(t.Context(), clock.earliest)
	if err != nil {
		t.Fatal(err)
	}
	return u, clock
}

// use uses a token that expires in an hour of the clock.
func use(t *testing.T, u *UsedTokens, id string, expires time.Time) bool {
	t.Helper()
	first, err := u.UseToken(t.Context(), id, u.earliest(), expires)
	if err != nil {
		t.Fatal(err)
	}
	return first
}

func isUsed(t *testing.T, u *UsedTokens, id string, expires time.Time) bool {
	t.Helper()
	used, err := u.TokenUsed(t.Context(), id, expires)
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestOfAllWhoUseATokenOneIsFirst(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	var nodes []*UsedTokens
	for range 3 {
		u, _ := usedTokens(t, server.URL)
		nodes = append(nodes, u)
	}
	expires := time.Now().Add(time.Hour)
	for round := range 100 {
		id := fmt.Sprint("token ", round)
		if isUsed(t, nodes[0], id, expires) {
			t.Errorf("%s is used", id)
		}
		var first atomic.Int32
		var using sync.WaitGroup
		for client := range 200 {
			using.Go(func() {
				won, err := nodes[client%3].UseToken(t.Context(), id, time.Now(), expires)
				if err != nil {
					t.Error(err)
				}
				if won {
					first.Add(1)
				}
			})
		}
		using.Wait()
		if n := first.Load(); n != 1 || !isUsed(t, nodes[round%3], id, expires) {
			t.Errorf("%s: %d were first", id, n)
		}
	}
	if !use(t, nodes[0], "token 0", expires.Add(time.Second)) {
		t.Error("a token with another expiration is taken for the same")
	}
}

// markOf returns the mark of a token and the header with its TTL.
func markOf(t *testing.T, u *UsedTokens, id string, expires time.Time) (mark, ttl string) {
	t.Helper()
	m, err := u.bucket.stream.GetLastMsgForSubject(t.Context(), "$KV."+u.bucket.name+"."+tokenKey(id, expires))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return "", ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Data), m.Header.Get("Nats-TTL")
}

func TestAMarkStaysAnHourLongerThanItsToken(t *testing.T) {
	t.Parallel()
	u, clock := usedTokens(t, natsserver.Start(t).URL)
	start := time.Now().Truncate(time.Second)
	for _, c := range []struct {
		name         string
		now, expires time.Time
		ttl          string
	}{
		{"an hour", start, start.Add(time.Hour), "2h0m0s"},
		{"it expires now", start, start, "1h0m0s"},
		{"it has expired", start, start.Add(-time.Minute), "1h0m0s"},
		{"the clock is behind", start.Add(-10 * time.Minute), start.Add(20 * time.Minute), "1h30m0s"},
		{"the clock is far behind", start.Add(-slowAfter), start.Add(time.Hour), ""},
		{"the clock is a hundred years ahead", start, start.Add(100 * 365 * 24 * time.Hour), "876001h0m0s"},
	} {
		clock.set(c.now)
		if !use(t, u, c.name, c.expires) {
			t.Errorf("%s: it was used", c.name)
		}
		if _, ttl := markOf(t, u, c.name, c.expires); ttl != c.ttl {
			t.Errorf("%s: the TTL is %q, want %q", c.name, ttl, c.ttl)
		}
	}
}

// The server removes a mark when its TTL ends, and nothing is left of it.
func TestTheServerForgetsATokenThatExpiredLongAgo(t *testing.T) {
	t.Parallel()
	u, _ := usedTokens(t, natsserver.Start(t).URL)
	expires := time.Now().Add(time.Hour)
	kv, err := u.bucket.create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Create(t.Context(), tokenKey("a", expires), []byte("tx"), jetstream.KeyTTL(time.Second)); err != nil {
		t.Fatal(err)
	}
	if !isUsed(t, u, "a", expires) {
		t.Error("it is forgotten already")
	}
	for timeout := time.Now().Add(30 * time.Second); isUsed(t, u, "a", expires); sleep(t.Context(), connectWait) {
		if time.Now().After(timeout) {
			t.Fatal("it is not forgotten")
		}
	}
	if info, err := u.bucket.stream.Info(t.Context()); err != nil || info.State.Msgs != 0 {
		t.Errorf("the stream has %d messages (%v)", info.State.Msgs, err)
	}
}

func TestWhileTheClockStandsStillMarksHaveNoTTLAndThenTheyAreRemoved(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	first, clock := usedTokens(t, server.URL)
	second, other := usedTokens(t, server.URL)
	now := time.Now()
	soon, late := now.Add(time.Minute), now.Add(time.Hour)
	use(t, first, "soon", soon)
	use(t, first, "late", late)
	use(t, first, "over", now.Add(-slowAfter-time.Second))
	tidy := func(u *UsedTokens) {
		t.Helper()
		if err := u.tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tidy(first)
	if _, ttl := markOf(t, first, "soon", soon); ttl == "" {
		t.Error("the TTL is gone, although the clock runs")
	}
	before, _ := markOf(t, first, "soon", soon)

	// As if the clock had stood still for a quarter of an hour.
	stands := now.Add(-slowAfter)
	for _, c := range []*frozen{clock, other} {
		c.set(stands)
	}
	use(t, second, "during", late)
	tidy(first)
	tidy(first)
	for id, expires := range map[string]time.Time{"soon": soon, "late": late, "during": late} {
		if mark, ttl := markOf(t, first, id, expires); ttl != "" || !strings.HasPrefix(mark, markKept) {
			t.Errorf("%s has the mark %q with the TTL %q", id, mark, ttl)
		}
		if use(t, second, id, expires) {
			t.Errorf("%s was used twice", id)
		}
	}
	if after, _ := markOf(t, first, "soon", soon); after[1:] != before[1:] {
		t.Errorf("the mark %s became %s", before, after)
	}
	if _, ttl := markOf(t, first, "over", now.Add(-slowAfter-time.Second)); ttl == "" {
		t.Error("the mark of a token that expired lost its TTL")
	}

	// The clock runs again. Another node may tidy up now.
	for _, c := range []*frozen{clock, other} {
		c.set(soon)
	}
	tidy(second)
	if isUsed(t, first, "soon", soon) || !isUsed(t, first, "late", late) || !second.kept {
		t.Error("not the marks of tokens that have expired were removed, but others")
	}
	other.set(late)
	tidy(second)
	tidy(second)
	if isUsed(t, first, "late", late) || isUsed(t, first, "during", late) || second.kept {
		t.Error("marks of tokens that have expired were not removed")
	}
}

// A late answer must neither let a second client in nor keep the only one out.
func TestAUseWhoseAnswerComesLateIsTheFirstOnlyIfItIs(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	link := relay.Start(t, strings.TrimPrefix(server.URL, "nats://"))
	near, _ := usedTokens(t, server.URL)
	far, _ := usedTokens(t, "nats://"+link.Address)
	expires := time.Now().Add(time.Hour)
	const late = attemptTime - 100*time.Millisecond // the answer comes when UseToken tries again
	for _, isFirst := range []bool{true, false} {
		id := fmt.Sprint("far is first: ", isFirst)
		link.Delay(late)
		result := make(chan bool)
		go func() {
			first, err := far.UseToken(t.Context(), id, time.Now(), expires)
			if err != nil {
				t.Error(err)
			}
			result <- first
		}()
		if isFirst {
			for !isUsed(t, near, id, expires) {
				sleep(t.Context(), attemptWait)
			}
		}
		if use(t, near, id, expires) == isFirst {
			t.Errorf("%s: not so for the other", id)
		}
		link.Delay(0)
		if <-result != isFirst {
			t.Errorf("%s: not so", id)
		}
	}
}

func TestWithoutTheServerNoTokenIsUsed(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	u, _ := usedTokens(t, server.URL)
	server.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	expires := time.Now().Add(time.Hour)
	if first, err := u.UseToken(ctx, "a", time.Now(), expires); first || !errors.Is(err, ErrUnavailable) {
		t.Errorf("it was first: %t (%v)", first, err)
	}
	if _, err := u.TokenUsed(ctx, "a", expires); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestOneNodeTidiesUp(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	nodes := joinThree(t, server)
	for _, n := range nodes {
		clock := new(frozen)
		clock.set(time.Now().Add(-slowAfter))
		u, err := n.UsedTokens(t.Context(), clock.earliest)
		if err != nil {
			t.Fatal(err)
		}
		u.tidyIfFirst()
		if isFirst := n.Members()[0] == n.Self(); u.kept == isFirst {
			t.Errorf("the node is the first (%t), but has tidied up (%t)", isFirst, !u.kept)
		}
	}
}
