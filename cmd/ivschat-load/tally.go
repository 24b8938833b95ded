package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A tally counts by name. The zero value is empty.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	t.counts[name]++
}

// snapshot returns a copy of the counts.
func (t *tally) snapshot() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.counts)
}

// String lists the counts.
func (t *tally) String() string { return list(t.snapshot()) }

func list(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d× %s", counts[name], name))
	}
	return strings.Join(parts, ", ")
}

// A latencies records how long deliveries took, in microseconds and to three
// digits. It has several histograms, each for some of the clients, so that readers
// rarely wait for each other.
type latencies [16]struct {
	mu        sync.Mutex
	histogram *hdrhistogram.Histogram
}

// maxLatency is the longest latency that is recorded. Longer ones count as this.
const maxLatency = 5 * time.Minute

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, maxLatency.Microseconds(), 3)
}

func (l *latencies) record(client int, latency time.Duration) {
	part := &l[client%len(l)]
	part.mu.Lock()
	defer part.mu.Unlock()
	if part.histogram == nil {
		part.histogram = newHistogram()
	}
	_ = part.histogram.RecordValue(min(max(latency, 0), maxLatency).Microseconds()) // always in range
}

// merged returns what was recorded so far.
func (l *latencies) merged() *hdrhistogram.Histogram {
	all := newHistogram()
	for i := range l {
		part := &l[i]
		part.mu.Lock()
		if part.histogram != nil {
			all.Merge(part.histogram)
		}
		part.mu.Unlock()
	}
	return all
}
