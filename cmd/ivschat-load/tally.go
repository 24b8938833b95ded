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

// A tally counts things by their names. The zero value is empty.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	t.counts[what]++
}

// all gives a copy.
func (t *tally) all() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.counts)
}

// String lists what was counted.
func (t *tally) String() string { return list(t.all()) }

func list(counts map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d× %s", counts[what], what))
	}
	return strings.Join(parts, ", ")
}

// latencies are how long deliveries took, in microseconds, to three digits. There
// are several histograms, each for some of the clients, so that their readers
// seldom wait for one another.
type latencies [16]struct {
	mu        sync.Mutex
	histogram *hdrhistogram.Histogram
}

// longestLatency is the longest that is told apart.
const longestLatency = 5 * time.Minute

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestLatency.Microseconds(), 3)
}

func (l *latencies) record(client int, latency time.Duration) {
	part := &l[client%len(l)]
	part.mu.Lock()
	defer part.mu.Unlock()
	if part.histogram == nil {
		part.histogram = newHistogram()
	}
	_ = part.histogram.RecordValue(min(max(latency, 0), longestLatency).Microseconds()) // always in range
}

// all gives what was recorded so far.
func (l *latencies) all() *hdrhistogram.Histogram {
	whole := newHistogram()
	for i := range l {
		part := &l[i]
		part.mu.Lock()
		if part.histogram != nil {
			whole.Merge(part.histogram)
		}
		part.mu.Unlock()
	}
	return whole
}
