//go:build unix

package benchmark_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFanOut lets the application send events into a room as fast as they
// are all delivered.
func BenchmarkFanOut(b *testing.B) {
	for _, viewers := range []int{100, 1000, 5000} {
		for _, kind := range []string{emulatorInMemory, writePumpPeer, bareLoopPeer} {
			b.Run(fmt.Sprintf("%d/%s", viewers, kind), func(b *testing.B) {
				for b.Loop() {
					saturate(b, kind, viewers)
				}
			})
		}
	}
}

// saturate publishes events to that many viewers for some time, with at most a
// window of them under way.
func saturate(b *testing.B, kind string, viewers int) {
	const window = 200
	p := startPeer(b, kind)
	crowd := p.connect(b, viewers)
	event := `{"roomIdentifier":"` + p.room + `","eventName":"app:benchmark","attributes":{"text":"` + strings.Repeat("x", 100) + `"}}`
	cpu, began := p.cpu(b), time.Now()
	// Several publish, since a single one would wait for its answers.
	const publishers = 8
	var published atomic.Int64
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() {
			for time.Since(began) < span(5*time.Second) {
				i := published.Add(1)
				crowd.await(b, int(i)-window)
				p.call(b, "SendEvent", event)
			}
		})
	}
	all.Wait()
	crowd.await(b, int(published.Load()))
	took := time.Since(began)
	deliveries := float64(published.Load()) * float64(viewers)
	measure := fmt.Sprintf("Fan-out to %d", viewers)
	record(b, measure, kind, "deliveries/s", moreIsBetter, deliveries/took.Seconds())
	record(b, measure, kind, "µs of CPU/delivery", lessIsBetter, float64((p.cpu(b)-cpu).Nanoseconds())/1000/deliveries)
}

// BenchmarkIdle tells what connections cost that say and hear nothing: memory
// of the server for each, and how fast they come about.
func BenchmarkIdle(b *testing.B) {
	for _, viewers := range []int{1000, 5000, 15000} {
		for _, kind := range []string{emulatorInMemory, writePumpPeer} {
			b.Run(fmt.Sprintf("%d/%s", viewers, kind), func(b *testing.B) {
				if testing.Short() && viewers > 1000 {
					b.Skip("it is to be short")
				}
				for b.Loop() {
					p := startPeer(b, kind)
					before := p.resident(b)
					crowd := p.connect(b, viewers)
					measure := fmt.Sprintf("%d idle connections", viewers)
					record(b, measure, kind, "KiB/connection", lessIsBetter, (p.resident(b)-before)/float64(viewers))
					record(b, measure, kind, "connects/s", moreIsBetter, float64(viewers)/crowd.took.Seconds())
				}
			})
		}
	}
}
