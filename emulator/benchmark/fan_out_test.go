//go:build unix

package benchmark_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cpuPerDelivery is the CPU time that a server uses for sending one message or event to one connection.
const cpuPerDelivery = "µs of CPU/delivery"

// BenchmarkFanOut sends events to a room as fast as all viewers receive them.
func BenchmarkFanOut(b *testing.B) {
	for _, count := range []int{100, 1000, 5000} {
		kinds := present(emulatorInMemory, writePumpPeer, bunPeer)
		if count < 5000 { // four times 5,000 connections are more than many systems allow
			kinds = append(kinds, bareLoopPeer)
		}
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				fanOutTo(b, fmt.Sprintf("Fan-out to %d", count), count, startPeer, kinds)
			}
		})
	}
}

// BenchmarkFanOutOnOneCPU does the same with servers that may use one CPU only.
func BenchmarkFanOutOnOneCPU(b *testing.B) {
	if _, err := exec.LookPath("taskset"); err != nil {
		b.Skip("taskset is not installed")
	}
	for b.Loop() {
		fanOutTo(b, "Fan-out to 300, one CPU", 300, startPeerOnOneCPU, present(emulatorInMemory, writePumpPeer, bunPeer))
	}
}

// BenchmarkFanOutOverTLS does the same with clients that use TLS. It also measures how long an event takes to the
// last of the viewers, while there is no other one.
func BenchmarkFanOutOverTLS(b *testing.B) {
	const measure = "Fan-out to 1000 over TLS"
	kinds := []string{emulatorInMemory, writePumpPeer}
	for b.Loop() {
		peers, crowds := fanOutTo(b, measure, 1000, startPeerWithTLS, kinds)
		for range orOnce(100) {
			for i, kind := range kinds {
				latency := peers[i].timeToLast(b, crowds[i])
				record(b, measure, kind, "ms to the last viewer", lessIsBetter, latency.Seconds()*1000)
			}
		}
	}
}

// timeToLast returns how long an event takes until all viewers have received it.
func (p *peer) timeToLast(b *testing.B, viewers *viewers) time.Duration {
	b.Helper()
	received := int(viewers.counts[0].Load())
	began := time.Now()
	p.call(b, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"app:benchmark"}`, p.room))
	viewers.await(b, received+1)
	return time.Since(began)
}

// fanOutTo starts servers, connects viewers to each, and measures the servers in turns.
func fanOutTo(
	b *testing.B, measure string, count int, start func(testing.TB, string) *peer, kinds []string,
) (peers []*peer, crowds []*viewers) {
	b.Helper()
	peers, crowds = make([]*peer, len(kinds)), make([]*viewers, len(kinds))
	for i, kind := range kinds {
		peers[i] = start(b, kind)
		crowds[i] = peers[i].connect(b, count)
	}
	for range orOnce(5) {
		for i, kind := range kinds {
			perSecond, cpu := peers[i].saturate(b, crowds[i], orShort(1500*time.Millisecond))
			record(b, measure, kind, "deliveries/s", moreIsBetter, perSecond)
			record(b, measure, kind, cpuPerDelivery, lessIsBetter, cpu)
		}
	}
	return peers, crowds
}

// saturate sends events to all viewers of a room for some time. At most window of them are in flight. It
// returns the number of deliveries per second, and the CPU time of the server for each, in microseconds.
func (p *peer) saturate(b *testing.B, viewers *viewers, duration time.Duration) (perSecond, cpu float64) {
	b.Helper()
	const window = 200
	body := fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"app:benchmark","attributes":{"text":%q}}`,
		p.room, strings.Repeat("x", 100))
	event := post("SendEvent", body)
	received := int(viewers.counts[0].Load())
	used, began := p.cpu(b), time.Now()
	// A single publisher would spend its time waiting for answers.
	const publishers = 32
	var published atomic.Int64
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() {
			conn, err := p.dialHTTP()
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			for in := bufio.NewReader(conn); time.Since(began) < duration; {
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
	return deliveries / seconds, microseconds(p.cpu(b)-used) / deliveries
}

// BenchmarkIdle measures what connections cost that neither send nor receive: the memory that the
// server needs for each, and how many are opened per second.
func BenchmarkIdle(b *testing.B) {
	for _, count := range []int{1000, 15000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			if testing.Short() && count > 1000 {
				b.Skip("this takes too long for -short")
			}
			for range orOnce(3) {
				for _, kind := range present(emulatorInMemory, writePumpPeer, bunPeer) {
					b.Run(kind, func(b *testing.B) { // so that the connections end
						for b.Loop() {
							idle(b, kind, count)
						}
					})
				}
			}
		})
	}
}

// idle opens connections to a new server.
func idle(b *testing.B, kind string, count int) {
	b.Helper()
	p := startPeer(b, kind)
	before := p.resident(b)
	viewers := p.connect(b, count)
	measure, connections := fmt.Sprintf("%d idle connections", count), float64(count)
	memory := (p.resident(b) - before) / connections
	record(b, measure, kind, "KiB/connection", lessIsBetter, memory)
	record(b, measure, kind, "connects/s", moreIsBetter, connections/viewers.connecting.Seconds())
}
