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

// BenchmarkFanOut sends events to a room as fast as all viewers receive them.
func BenchmarkFanOut(b *testing.B) {
	for _, count := range []int{100, 1000, 5000} {
		for _, kind := range []string{emulatorInMemory, writePumpPeer, bareLoopPeer} {
			b.Run(fmt.Sprintf("%d/%s", count, kind), func(b *testing.B) {
				for b.Loop() {
					saturate(b, kind, count)
				}
			})
		}
	}
}

// saturate sends events to that many viewers for some time. At most window of them are in flight.
func saturate(b *testing.B, kind string, count int) {
	const window = 200
	p := startPeer(b, kind)
	viewers := p.connect(b, count)
	event := fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"app:benchmark","attributes":{"text":%q}}`,
		p.room, strings.Repeat("x", 100))
	cpu, began := p.cpu(b), time.Now()
	// A single publisher would spend its time waiting for answers.
	const publishers = 8
	var published atomic.Int64
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() {
			for time.Since(began) < orShort(5*time.Second) {
				i := published.Add(1)
				viewers.await(b, int(i)-window)
				p.call(b, "SendEvent", event)
			}
		})
	}
	all.Wait()
	viewers.await(b, int(published.Load()))
	seconds := time.Since(began).Seconds()
	deliveries := float64(published.Load()) * float64(count)
	measure := fmt.Sprintf("Fan-out to %d", count)
	record(b, measure, kind, "deliveries/s", moreIsBetter, deliveries/seconds)
	record(b, measure, kind, "µs of CPU/delivery", lessIsBetter, microseconds(p.cpu(b)-cpu)/deliveries)
}

// BenchmarkIdle measures what connections cost that neither send nor receive: the memory that the
// server needs for each, and how many are opened per second.
func BenchmarkIdle(b *testing.B) {
	for _, count := range []int{1000, 5000, 15000} {
		for _, kind := range []string{emulatorInMemory, writePumpPeer} {
			b.Run(fmt.Sprintf("%d/%s", count, kind), func(b *testing.B) {
				if testing.Short() && count > 1000 {
					b.Skip("this takes too long for -short")
				}
				for b.Loop() {
					p := startPeer(b, kind)
					before := p.resident(b)
					viewers := p.connect(b, count)
					measure, connections := fmt.Sprintf("%d idle connections", count), float64(count)
					memory := (p.resident(b) - before) / connections
					record(b, measure, kind, "KiB/connection", lessIsBetter, memory)
					record(b, measure, kind, "connects/s", moreIsBetter, connections/viewers.connecting.Seconds())
				}
			})
		}
	}
}
