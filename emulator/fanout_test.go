//go:build unix

package emulator_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// BenchmarkFanOut fills a room with 1,000 connections and lets the application
// send events as fast as they are all delivered. Beside the emulator runs its
// peer, the fan-out that every WebSocket tutorial ends with: a goroutine and a
// channel for each connection. Both are processes of their own, so that their
// CPU time is theirs alone.
func BenchmarkFanOut(b *testing.B) {
	for _, kind := range []string{"emulator", "write-pump"} {
		b.Run(kind, func(b *testing.B) {
			fanOut(b, startPeer(b, kind), 1000)
		})
	}
}

// BenchmarkIdle tells what connections cost that say and hear nothing: resident
// memory of the server for each, and how fast they come about.
func BenchmarkIdle(b *testing.B) {
	for _, kind := range []string{"emulator", "write-pump"} {
		for _, viewers := range []int{1000, 5000, 15000} {
			b.Run(fmt.Sprintf("%s/%d", kind, viewers), func(b *testing.B) {
				for b.Loop() {
					p := startPeer(b, kind)
					before := p.resident(b)
					began := time.Now()
					p.connect(b, viewers)
					took := time.Since(began)
					b.ReportMetric(float64(viewers)/took.Seconds(), "connects/s")
					b.ReportMetric((p.resident(b)-before)/float64(viewers)*1024, "KiB/connection")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// resident is the memory, in MiB, that the peer holds after a collection.
func (p *peer) resident(b *testing.B) float64 {
	b.Helper()
	if _, err := fmt.Fprintln(p.stdin, "collect"); err != nil {
		b.Fatal(err)
	}
	p.line(b)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		b.Skip("only Linux tells")
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}

// fanOut publishes b.N events to that many viewers, of which at most a window
// is under way.
func fanOut(b *testing.B, p *peer, viewers int) {
	const window = 200
	crowd := p.connect(b, viewers)
	event := `{"roomIdentifier":"` + p.room + `","eventName":"app:benchmark","attributes":{"text":"` + strings.Repeat("x", 100) + `"}}`
	cpu := p.cpu(b)
	b.ResetTimer()
	// Several publish, since a single one would wait for its answers.
	const publishers = 8
	var published atomic.Int64
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() {
			for i := published.Add(1); i <= int64(b.N); i = published.Add(1) {
				crowd.await(b, int(i)-window)
				p.call(b, "SendEvent", event, nil)
			}
		})
	}
	all.Wait()
	crowd.await(b, b.N)
	b.StopTimer()
	deliveries := float64(b.N) * float64(viewers)
	b.ReportMetric(deliveries/b.Elapsed().Seconds(), "deliveries/s")
	b.ReportMetric(float64((p.cpu(b)-cpu).Nanoseconds())/1000/deliveries, "µs-cpu/delivery")
	b.ReportMetric(0, "ns/op")
}

// A peer is a server in a process of its own.
type peer struct {
	url, room string
	command   *exec.Cmd
	stdin     io.WriteCloser
	stdout    *bufio.Reader
}

const asPeer = "IVSCHAT_BENCHMARK_PEER"

func TestMain(m *testing.M) {
	if kind := os.Getenv(asPeer); kind != "" {
		servePeer(kind)
		return
	}
	os.Exit(m.Run())
}

// servePeer serves until its standard input ends, and answers each line there
// with the CPU time that it has taken.
func servePeer(kind string) {
	url := ""
	switch kind {
	case "emulator":
		e, err := emulator.New(emulator.Config{})
		if err != nil {
			panic(err)
		}
		if err := e.Start(); err != nil {
			panic(err)
		}
		url = e.URL()
	case "write-pump":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go func() { panic(http.Serve(listener, new(writePump))) }()
		url = "http://" + listener.Addr().String()
	}
	fmt.Println(url)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "collect" {
			debug.FreeOSMemory()
		}
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			panic(err)
		}
		fmt.Println(used.Utime.Nano() + used.Stime.Nano())
	}
}

func startPeer(b *testing.B, kind string) *peer {
	b.Helper()
	p := &peer{command: exec.Command(os.Args[0])}
	p.command.Env = append(os.Environ(), asPeer+"="+kind)
	p.command.Stderr = os.Stderr
	out, err := p.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.stdin.Close()
		_ = p.command.Wait()
	})
	p.stdout = bufio.NewReader(out)
	p.url = p.line(b)
	if kind == "emulator" {
		var room struct{ ARN string }
		p.call(b, "CreateRoom", "{}", &room)
		p.room = room.ARN
	}
	return p
}

func (p *peer) line(b *testing.B) string {
	b.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// cpu is the CPU time that the peer has taken so far.
func (p *peer) cpu(b *testing.B) (used time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintln(p.stdin); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Sscan(p.line(b), &used); err != nil {
		b.Fatal(err)
	}
	return used
}

func (p *peer) call(b *testing.B, operation, body string, reply any) {
	b.Helper()
	response, err := http.Post(p.url+"/"+operation, "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Fatal(response.Status)
	}
	if reply == nil {
		_, _ = io.Copy(io.Discard, response.Body)
	} else if err := json.NewDecoder(response.Body).Decode(reply); err != nil {
		b.Fatal(err)
	}
}

// A crowd is viewers who count the frames that they get, and do nothing else
// that would cost the machine anything.
type crowd struct {
	counts []atomic.Int64
	more   chan struct{} // has something when a count has risen
}

func (p *peer) connect(b *testing.B, viewers int) *crowd {
	b.Helper()
	c := &crowd{counts: make([]atomic.Int64, viewers), more: make(chan struct{}, 1)}
	var readers sync.WaitGroup
	var conns []net.Conn
	for i := range viewers {
		dialer := websocket.Dialer{}
		if p.room != "" {
			var reply struct{ Token string }
			p.call(b, "CreateChatToken", `{"userId":"viewer","roomIdentifier":"`+p.room+`"}`, &reply)
			dialer.Subprotocols = []string{reply.Token}
		}
		conn, _, err := dialer.Dial(strings.Replace(p.url, "http", "ws", 1), nil)
		if err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn.NetConn())
		readers.Go(func() { c.count(i, conn.NetConn()) })
	}
	b.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
		readers.Wait()
	})
	return c
}

// count counts frames until the connection ends. It reads no more of them than
// their lengths.
func (c *crowd) count(i int, conn net.Conn) {
	buffer := make([]byte, 16<<10)
	for held := 0; ; {
		n, err := conn.Read(buffer[held:])
		if err != nil {
			return
		}
		rest, frames := buffer[:held+n], int64(0)
		for {
			size := frameSize(rest)
			if size == 0 || size > len(rest) {
				break
			}
			rest = rest[size:]
			frames++
		}
		held = copy(buffer, rest)
		c.counts[i].Add(frames)
		select {
		case c.more <- struct{}{}:
		default:
		}
	}
}

// frameSize is the size of the unmasked frame at the start, 0 if too little of
// it is there.
func frameSize(text []byte) int {
	switch {
	case len(text) < 4:
		return 0
	case text[1] == 126:
		return 4 + int(binary.BigEndian.Uint16(text[2:]))
	default:
		return 2 + int(text[1])
	}
}

// await waits until every viewer has that many frames.
func (c *crowd) await(b *testing.B, frames int) {
	b.Helper()
	lost := time.NewTimer(time.Minute)
	defer lost.Stop()
	for i := range c.counts {
		for c.counts[i].Load() < int64(frames) {
			select {
			case <-c.more:
			case <-lost.C:
				b.Fatalf("viewer %d has %d of %d frames after a minute", i, c.counts[i].Load(), frames)
			}
		}
	}
}

// A writePump is the plain fan-out over gorilla/websocket.
type writePump struct {
	mu      sync.Mutex
	members map[chan []byte]bool
}

func (w *writePump) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodPost {
		_, _ = io.Copy(io.Discard, request.Body)
		frame := []byte(`{"Type":"EVENT","Id":"abcdefghijkl","RequestId":"","EventName":"app:benchmark","Attributes":{"text":"` +
			strings.Repeat("x", 100) + `"},"SendTime":"` + time.Now().UTC().Format(time.RFC3339Nano) + `"}`)
		w.mu.Lock()
		defer w.mu.Unlock()
		for member := range w.members {
			member <- frame
		}
		return
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	member := make(chan []byte, 256)
	w.mu.Lock()
	if w.members == nil {
		w.members = map[chan []byte]bool{}
	}
	w.members[member] = true
	w.mu.Unlock()
	go func() {
		for frame := range member {
			_ = conn.WriteMessage(websocket.TextMessage, frame)
		}
	}()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			break
		}
	}
	w.mu.Lock()
	delete(w.members, member)
	close(member)
	w.mu.Unlock()
}
