//go:build unix

package benchmark_test

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFanOut sends events to a room as fast as all viewers receive them.
func BenchmarkFanOut(b *testing.B) {
	for _, count := range []int{100, 1000, 5000} {
		for _, kind := range present(emulatorInMemory, writePumpPeer, bareLoopPeer, bunPeer) {
			b.Run(fmt.Sprintf("%d/%s", count, kind), func(b *testing.B) {
				for b.Loop() {
					p := startPeer(b, kind)
					p.saturate(b, fmt.Sprintf("Fan-out to %d", count), kind, p.connect(b, count), 5*time.Second)
				}
			})
		}
	}
}

// BenchmarkFanOutOnOneCPU does the same with servers that may use one CPU only. They are measured in turns.
func BenchmarkFanOutOnOneCPU(b *testing.B) {
	if _, err := exec.LookPath("taskset"); err != nil {
		b.Skip("taskset is not installed")
	}
	const count = 300
	kinds := present(emulatorInMemory, writePumpPeer, bunPeer)
	for b.Loop() {
		peers, crowds := make([]*peer, len(kinds)), make([]*viewers, len(kinds))
		for i, kind := range kinds {
			peers[i] = startPeerOnOneCPU(b, kind)
			crowds[i] = peers[i].connect(b, count)
		}
		for range orOnce(5) {
			for i, kind := range kinds {
				peers[i].saturate(b, fmt.Sprintf("Fan-out to %d, one CPU", count), kind, crowds[i], 2*time.Second)
			}
		}
	}
}

// saturate sends events to all viewers of a room for some time. At most window of them are in flight.
func (p *peer) saturate(b *testing.B, measure, kind string, viewers *viewers, duration time.Duration) {
	b.Helper()
	const window = 200
	body := fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"app:benchmark","attributes":{"text":%q}}`,
		p.room, strings.Repeat("x", 100))
	event := post("SendEvent", body)
	received := int(viewers.counts[0].Load())
	cpu, began := p.cpu(b), time.Now()
	// A single publisher would spend its time waiting for answers.
	const publishers = 32
	var published atomic.Int64
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			for in := bufio.NewReader(conn); time.Since(began) < orShort(duration); {
				i := published.Add(1)
				viewers.await(b, received+int(i)-window)
				if err := exchange(conn, in, event); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	viewers.await(b, received+int(published.Load()))
	seconds := time.Since(began).Seconds()
	deliveries := float64(published.Load()) * float64(len(viewers.counts))
	record(b, measure, kind, "deliveries/s", moreIsBetter, deliveries/seconds)
	record(b, measure, kind, "µs of CPU/delivery", lessIsBetter, microseconds(p.cpu(b)-cpu)/deliveries)
}

// BenchmarkIdle measures what connections cost that neither send nor receive: the memory that the
// server needs for each, and how many are opened per second.
func BenchmarkIdle(b *testing.B) {
	for _, count := range []int{1000, 5000, 15000} {
		for _, kind := range present(emulatorInMemory, writePumpPeer, bunPeer) {
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
