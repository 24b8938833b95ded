//go:build unix

package benchmark_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

var fullCluster = flag.Bool("cluster", false,
	"run BenchmarkCluster with 50,000 viewers in four processes, instead of a few")

// natsVariable has the URL of the NATS server of a node; "" means that the server is a single process.
const natsVariable = "IVSCHAT_BENCHMARK_NATS"

// A crowdVariable tells this test program that it has viewers, see TestTheViewersOfACluster: the URL of their
// server, the room and their number, with spaces between them.
const crowdVariable = "IVSCHAT_BENCHMARK_CROWD"

// BenchmarkCluster compares a room in a cluster of four processes with one that is as full in a single process. The
// viewers are in processes of their own, one for each server process.
func BenchmarkCluster(b *testing.B) {
	few, many, rates := 50, 50, []int{20}
	if *fullCluster {
		few, many, rates = 16_000, 12_500, []int{5, 20}
	}
	for _, size := range []struct {
		nodes, each int
	}{{1, few}, {4, many}} {
		for _, rate := range rates {
			b.Run(fmt.Sprintf("%d_processes/%d_viewers/%d_messages", size.nodes, size.nodes*size.each, rate), func(b *testing.B) {
				for b.Loop() {
					measureCluster(b, size.nodes, size.each, rate)
				}
			})
		}
	}
}

// measureCluster starts server processes with viewers of one room, and sends messages to it at a rate.
func measureCluster(b *testing.B, nodes, each, rate int) {
	b.Helper()
	b.Setenv(natsVariable, "")
	var nats *natsserver.Server // nil without a cluster
	if nodes > 1 {
		nats = natsserver.Start(b)
		b.Setenv(natsVariable, nats.URL)
	}
	servers, crowds := make([]*peer, nodes), make([]*crowdOfNode, nodes)
	for i := range servers {
		servers[i] = startPeer(b, emulatorInMemory)
	}
	room := servers[0].createRoom(b, `{"maximumMessageRatePerSecond":100}`)
	var connecting sync.WaitGroup
	for i := range crowds {
		connecting.Go(func() { crowds[i] = startCrowd(b, servers[i].url, room, each) })
	}
	connecting.Wait()
	if b.Failed() {
		b.FailNow()
	}
	var before, used, natsBefore time.Duration
	memory := 0.0 // MiB of all servers
	for _, server := range servers {
		memory += server.resident(b) / 1024
		before += server.cpu(b)
	}
	if nats != nil {
		natsBefore = cpuOf(b, nats.Process())
	}
	began := time.Now()
	sent := sendTimes(b, servers, room, rate, orShort(10*time.Second))
	latencies := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	var delivered, took float64
	for _, c := range crowds {
		report := c.report(b, sent)
		latencies.Merge(hdrhistogram.Import(report.Latencies))
		delivered += float64(report.Delivered)
		took = max(took, report.Seconds)
	}
	for _, server := range servers {
		used += server.cpu(b)
	}
	measure := fmt.Sprintf("%d viewers, %d messages a second, %d processes", nodes*each, rate, nodes)
	if nodes == 1 {
		measure = fmt.Sprintf("%d viewers, %d messages a second", each, rate)
	}
	record(b, measure, emulatorInMemory, "deliveries/s", moreIsBetter, delivered/took)
	record(b, measure, emulatorInMemory, "lost", lessIsBetter, float64(sent*nodes*each)-delivered)
	record(b, measure, emulatorInMemory, "ms p50", lessIsBetter, float64(latencies.ValueAtQuantile(50))/1000)
	record(b, measure, emulatorInMemory, "ms p99", lessIsBetter, float64(latencies.ValueAtQuantile(99))/1000)
	record(b, measure, emulatorInMemory, "MiB/process", lessIsBetter, memory/float64(nodes))
	if nats != nil {
		share := (cpuOf(b, nats.Process()) - natsBefore).Seconds() / time.Since(began).Seconds()
		record(b, measure, emulatorInMemory, "% of a CPU for NATS", lessIsBetter, 100*share)
	}
	record(b, measure, emulatorInMemory, "µs of CPU/delivery", lessIsBetter, microseconds(used-before)/delivered)
}

// cpuOf returns the CPU time that a process has used, as Linux reports it: in hundredths of a second.
func cpuOf(b *testing.B, process *os.Process) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process.Pid))
	if err != nil {
		b.Skip("the CPU time of a process is known on Linux only")
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest) // from the third one on
	user, _ := strconv.Atoi(fields[14-3])
	system, _ := strconv.Atoi(fields[15-3])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// sendTimes sends messages at a rate for a time, through all servers, and returns how many were sent. Each has the
// moment at which it was sent.
func sendTimes(b *testing.B, servers []*peer, room string, rate int, duration time.Duration) (sent int) {
	b.Helper()
	var senders []*websocket.Conn
	for i := range max(len(servers), rate/messagesEach) {
		p := servers[i%len(servers)]
		dialer := websocket.Dialer{Subprotocols: []string{p.tokenFor(b, room)}}
		conn, _, err := dialer.Dial(strings.Replace(p.url, "http", "ws", 1), nil)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
		senders = append(senders, conn)
	}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for end := time.Now().Add(duration); time.Now().Before(end); sent++ {
		request := fmt.Appendf(nil, `{"Action":"SEND_MESSAGE","Content":"%s%d"}`, sentAt, time.Now().UnixNano())
		if err := senders[sent%len(senders)].WriteMessage(websocket.TextMessage, request); err != nil {
			b.Fatal(err)
		}
		<-tick.C
	}
	return sent
}

// messagesEach is how many messages a sender sends per second, half of what the service allows.
const messagesEach = 5

// sample says of how many viewers one looks at the times.
const sample = 10

// sentAt is what the content of a message begins with. The time follows.
const sentAt = "sent at "

// A crowdOfNode is a process with the viewers of one server.
type crowdOfNode struct {
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

// A crowdReport is what the viewers of a server have received.
type crowdReport struct {
	Delivered int64
	Seconds   float64 // between the first and the last delivery
	Latencies *hdrhistogram.Snapshot
}

// startCrowd connects viewers to a room of a server, until the end of the benchmark.
func startCrowd(b *testing.B, url, room string, count int) *crowdOfNode {
	b.Helper()
	process := exec.Command(os.Args[0], "-test.run", "^TestTheViewersOfACluster$")
	process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", crowdVariable, url, room, count))
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		b.Error(err)
		return nil
	}
	c := &crowdOfNode{stdout: bufio.NewReader(out)}
	if c.stdin, err = process.StdinPipe(); err != nil {
		b.Error(err)
		return nil
	}
	if err := process.Start(); err != nil {
		b.Error(err)
		return nil
	}
	b.Cleanup(func() {
		_ = c.stdin.Close()
		_ = process.Wait()
	})
	if line, err := c.stdout.ReadString('\n'); line != "connected\n" {
		b.Error(line, err)
	}
	return c
}

// report waits until every viewer has received that many messages, or for half a minute.
func (c *crowdOfNode) report(b *testing.B, messages int) (report crowdReport) {
	b.Helper()
	_, _ = fmt.Fprintln(c.stdin, messages)
	line, err := c.stdout.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &report)
	}
	if err != nil {
		b.Fatalf("%s: %v", line, err)
	}
	return report
}

// TestTheViewersOfACluster has viewers, if it is told to.
func TestTheViewersOfACluster(t *testing.T) {
	var url, room string
	var count int
	if n, _ := fmt.Sscan(os.Getenv(crowdVariable), &url, &room, &count); n != 3 {
		t.Skip("it is only for BenchmarkCluster")
	}
	var mu sync.Mutex // guards what follows
	latencies := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	var first, last time.Time
	p := &peer{url: url, room: room}
	v := p.connectObserved(t, slices.Repeat([]string{room}, count), func(viewer int, frame []byte) {
		if viewer%sample != 0 { // so that the viewers take less of the machine
			return
		}
		_, rest, found := bytes.Cut(frame, []byte(sentAt))
		text, _, _ := bytes.Cut(rest, []byte(`"`))
		nanoseconds, err := strconv.ParseInt(string(text), 10, 64)
		if !found || err != nil {
			return
		}
		now := time.Now()
		mu.Lock()
		defer mu.Unlock()
		_ = latencies.RecordValue(max(1, now.Sub(time.Unix(0, nanoseconds)).Microseconds())) // below a minute
		if first.IsZero() {
			first = now
		}
		last = now
	})
	fmt.Println("connected")
	var messages int
	_, _ = fmt.Scanln(&messages)
	v.await(t, messages)
	mu.Lock()
	defer mu.Unlock()
	delivered := int64(0)
	for i := range v.counts {
		delivered += v.counts[i].Load()
	}
	report := crowdReport{delivered, last.Sub(first).Seconds(), latencies.Export()}
	line, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(line))
}
