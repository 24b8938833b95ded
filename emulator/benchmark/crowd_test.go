//go:build unix

package benchmark_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

var fullCrowd = flag.Bool("crowd", false,
	"run TestHostileClientsDelayNoOne with 14,000 viewers and 150 hostile clients, and check the latency")

// maximumSlowdown is how many times longer hostile clients may make the 99th percentile of the latency.
const maximumSlowdown = 2

// A crowd is how many clients are in a room, for how long messages are sent, and how often that is
// measured.
type crowd struct {
	viewers, hostile int
	duration         time.Duration
	rounds           int
}

// TestHostileClientsDelayNoOne compares the latency of the viewers of a room with and without hostile
// clients. They are measured in turns, each time with a new server, and the better values are compared: what
// else the machine does only makes them worse. Without -crowd, the test is small and only checks that every
// viewer receives everything.
func TestHostileClientsDelayNoOne(t *testing.T) {
	c := crowd{viewers: 100, hostile: 2 * len(hostileKinds), duration: time.Second, rounds: 1}
	if *fullCrowd {
		c = crowd{viewers: 14_000, hostile: 150, duration: 10 * time.Second, rounds: 3}
	}
	load, _ := build(t, "ivschat-load")
	without, with := math.Inf(1), math.Inf(1)
	for range c.rounds {
		without = min(without, c.measure(t, load, 0))
		with = min(with, c.measure(t, load, c.hostile))
	}
	ratio := with / without
	t.Logf("%d viewers: p99 %.1f ms without hostile clients, %.1f ms with %d: %.2f times",
		c.viewers, without, with, c.hostile, ratio)
	if *fullCrowd && ratio > maximumSlowdown {
		t.Errorf("the ratio is %.2f, want at most %d", ratio, maximumSlowdown)
	}
}

// measure fills a room and returns the 99th percentile of the latency, in milliseconds.
func (c crowd) measure(t *testing.T, load string, hostile int) (p99 float64) {
	t.Helper()
	p := startPeer(t, emulatorInMemory)
	stop := attack(t, p, hostile)
	report := runLoad(t, load, strings.Fields(fmt.Sprintf(
		"--endpoint %s --room %s --viewers %d --rate 5 --duration %s --format json",
		p.url, p.room, c.viewers, c.duration)))
	for kind, acts := range stop() {
		if acts == 0 {
			t.Errorf("no hostile client did anything: %s", kind)
		}
	}
	if report.Deliveries.PerSecond == 0 || report.Deliveries.Lost > 0 {
		t.Errorf("with %d hostile clients, the report is %+v", hostile, report)
	}
	return report.LatencyMilliseconds.P99
}

// attack starts hostile clients, of all kinds in turn. They act until stop, which returns how often the
// clients of each kind did.
func attack(t *testing.T, p *peer, count int) (stop func() (acts map[string]int)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	const tokensEach = 50
	tokens := make(chan string, tokensEach*count)
	concurrently(cap(tokens), func(int) { tokens <- p.token(t) })
	address, finished := strings.TrimPrefix(p.url, "http://"), make(chan *hostileClient)
	for i := range count {
		kind := hostileKinds[i%len(hostileKinds)]
		client := &hostileClient{kind: kind.name, address: address, tokens: tokens}
		go func() {
			client.run(ctx, kind.act)
			finished <- client
		}()
	}
	return func() map[string]int {
		cancel()
		acts := map[string]int{}
		for range count {
			client := <-finished
			acts[client.kind] += client.acts
		}
		return acts
	}
}
