//go:build unix

package benchmark_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// What the program may need in memory, in MiB, during an attack and after a reset.
const (
	attackedMiB = 200
	resetMiB    = 60
)

// BenchmarkAttack measures the memory of the program, as it is released, while clients try to fill it, and
// after a reset.
func BenchmarkAttack(b *testing.B) {
	path, _ := build(b, "ivschat-local", "CGO_ENABLED=0")
	for _, attack := range []struct {
		name string
		run  func(*target, *testing.B)
	}{
		{"refused frames", (*target).sendRefusedFrames},
		{"reads of a full journal", (*target).readFullJournal},
		{"event streams that are not read", (*target).openStreams},
		{"invented accounts", (*target).inventAccounts},
		{"bodies that do not end", (*target).beginBodies},
		{"headers that do not end", (*target).beginHeaders},
	} {
		b.Run(strings.ReplaceAll(attack.name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				t := startTarget(b, path)
				attack.run(t, b)
				attacked := memory(b, t.process.Process, peakLine) / 1024
				t.post(b, "/_ivschat/v1/reset", "")
				reset := memory(b, t.process.Process, residentLine) / 1024
				measure := "Attack: " + attack.name
				record(b, measure, emulatorInMemory, "MiB of memory, at most", lessIsBetter, attacked)
				record(b, measure, emulatorInMemory, "MiB of memory after a reset", lessIsBetter, reset)
				if attacked > attackedMiB || reset > resetMiB {
					b.Errorf("the memory was %.0f MiB, and %.0f MiB after a reset: want at most %d and %d",
						attacked, reset, attackedMiB, resetMiB)
				}
			}
		})
	}
}

// A target is the program in a process of its own.
type target struct {
	url     string
	process *exec.Cmd
}

// startTarget starts the program, which ends with the benchmark.
func startTarget(b *testing.B, path string) *target {
	b.Helper()
	t := &target{process: exec.Command(path,
		"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "error")}
	t.process.Stderr = os.Stderr
	out, err := t.process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := t.process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = t.process.Process.Kill()
		_ = t.process.Wait()
	})
	var ready struct{ Endpoint string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&ready); err != nil {
		b.Fatal(err)
	}
	t.url = ready.Endpoint
	return t
}

// post sends a request, and returns the answer, whatever its status is.
func (t *target) post(b *testing.B, path, body string) []byte {
	b.Helper()
	response, err := http.Post(t.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer
}

// times returns a number of repetitions, or a tenth of it with -short.
func times(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// sendRefusedFrames connects ten clients that may not send, and sends frames that are as long as possible
// and need much more memory as JSON.
func (t *target) sendRefusedFrames(b *testing.B) {
	var room struct{ ARN string }
	if err := json.Unmarshal(t.post(b, "/CreateRoom", "{}"), &room); err != nil {
		b.Fatal(err)
	}
	frame := []byte(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"` + strings.Repeat("\u2028", 21_800) + `"}`)
	var all sync.WaitGroup
	for range 10 {
		var reply struct{ Token string }
		answer := t.post(b, "/CreateChatToken", fmt.Sprintf(`{"userId":"u","capabilities":[],"roomIdentifier":%q}`, room.ARN))
		if err := json.Unmarshal(answer, &reply); err != nil {
			b.Fatal(err)
		}
		dialer := websocket.Dialer{Subprotocols: []string{reply.Token}}
		conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(t.url, "http"), nil)
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
		defer conn.Close()
		all.Go(func() {
			for range times(150) {
				if err := conn.WriteMessage(websocket.TextMessage, frame); err != nil {
					b.Error(err)
					return
				}
				if _, _, err := conn.ReadMessage(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// readFullJournal fills the journal, and reads all of it several times at once.
func (t *target) readFullJournal(b *testing.B) {
	t.callWithLongBodies(b)
	t.read(b, "journal?after=0&count=10000")
	t.read(b, "calls?count=10000&with=%7B%7D") // {}, for which every request is decoded
}

// read reads a part of the journal several times at once.
func (t *target) read(b *testing.B, path string) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			response, err := http.Get(t.url + "/_ivschat/v1/" + path)
			if err != nil {
				b.Error(err)
				return
			}
			defer response.Body.Close()
			if n, err := io.Copy(io.Discard, response.Body); n < 1<<20 || err != nil {
				b.Errorf("the answer has %d bytes: %v", n, err)
			}
		})
	}
	all.Wait()
}

// openStreams opens three event streams, never reads them, and fills the journal.
func (t *target) openStreams(b *testing.B) {
	for range 3 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(t.url, "http://"))
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /_ivschat/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	}
	t.callWithLongBodies(b)
}

// inventAccounts sends requests of a million accounts.
func (t *target) inventAccounts(b *testing.B) {
	const callers, body = 8, `{"identifier":"arn:aws:ivschat:us-east-1:000000000000:room/absentabsent"}`
	t.exchange(b, callers, times(1_000_000/callers), func(caller, i int) []byte {
		return fmt.Appendf(nil, "POST /GetRoom HTTP/1.1\r\nHost: localhost\r\n"+
			"Authorization: AWS4-HMAC-SHA256 Credential=%012d/20260131/us-east-1/ivschat/aws4_request, "+
			"SignedHeaders=host, Signature=%064d\r\nContent-Length: %d\r\n\r\n%s",
			i*callers+caller, i, len(body), body)
	})
}

// beginBodies sends all but the last byte of many long bodies.
func (t *target) beginBodies(b *testing.B) {
	for _, request := range []string{"POST /CreateRoom", "POST /_ivschat/v1/faults", "PUT /_ivschat/v1/snapshot"} {
		t.begin(b, request+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n"+
			strings.Repeat(" ", 1<<20-1))
	}
}

// beginHeaders sends many long headers that do not end.
func (t *target) beginHeaders(b *testing.B) {
	t.begin(b, "GET /CreateRoom HTTP/1.1\r\nHost: localhost\r\n"+strings.Repeat("X-Name: value\r\n", 1<<16))
}

// begin sends a part of a request on many connections at the same time.
func (t *target) begin(b *testing.B, request string) {
	var conns []net.Conn
	for range times(300) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(t.url, "http://"))
		if err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn)
		// The program does not read everything, so this may not end before the connection does.
		go func() { _, _ = io.WriteString(conn, request) }()
	}
	t.post(b, "/CreateRoom", "{}") // is answered meanwhile
	for _, conn := range conns {
		_ = conn.Close()
	}
	t.post(b, "/CreateRoom", strings.Repeat(" ", 100_000)+"{}") // is read after those that waited before
}

// callWithLongBodies sends requests that are just short enough to be kept.
func (t *target) callWithLongBodies(b *testing.B) {
	body := `{"name":"` + strings.Repeat("x", 16_000) + `"}`
	const callers = 8
	t.exchange(b, callers, times(20_000/callers), func(int, int) []byte {
		return fmt.Appendf(nil, "POST /CreateRoom HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
			len(body), body)
	})
}

// exchange lets callers send requests on a connection each, and reads the answers.
func (t *target) exchange(b *testing.B, callers, each int, request func(caller, i int) []byte) {
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(t.url, "http://"))
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for i := range each {
				if _, err := conn.Write(request(caller, i)); err != nil {
					b.Error(err)
					return
				}
				response, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		})
	}
	all.Wait()
}

// BenchmarkWatchers measures how many rooms are created per second while requests wait for entries of the
// journal that do not come. The servers with and without such requests all run during the whole benchmark
// and are measured in turns, so that what else the machine does is the same for each.
func BenchmarkWatchers(b *testing.B) {
	crowds := []struct {
		name  string
		count int
		path  func(i int) string
	}{
		{"none", 0, nil},
		{"200 of other accounts", 200, func(i int) string {
			return fmt.Sprintf("calls?account=%012d&after=0&count=1&timeout=10m", i+1)
		}},
		{"1000 of other accounts, rooms, kinds and operations", 1000, func(i int) string {
			return []string{
				fmt.Sprintf("calls?account=%012d&after=0&count=1&timeout=10m", i+1),
				"handshakes?account=000000000000&after=0&count=1&timeout=10m",
				"calls?account=000000000000&operation=DeleteRoom&after=0&count=1&timeout=10m",
				"rooms/ROOM/frames?after=0&count=1&timeout=10m",
				"events?room=ROOM",
			}[i%5]
		}},
	}
	const rounds = 5
	for b.Loop() {
		peers, answered := make([]*peer, len(crowds)), make([]calls, len(crowds))
		for i, crowd := range crowds {
			peers[i] = startPeer(b, emulatorInMemory)
			for j := range crowd.count {
				peers[i].watch(b, strings.ReplaceAll(crowd.path(j), "ROOM", peers[i].room))
			}
		}
		for range rounds {
			for i, p := range peers {
				answered[i].add(p.callAgain(b, post("CreateRoom", `{"name":"benchmark"}`), 32, orShort(time.Second)))
			}
		}
		for i, crowd := range crowds {
			answered[i].record(b, "CreateRoom with waiting requests: "+crowd.name, emulatorInMemory)
			if i > 0 {
				ratio := answered[i].perSecond() / answered[0].perSecond()
				b.ReportMetric(ratio, fmt.Sprintf("of-the-rate-without-%d-waiting", crowd.count))
			}
		}
	}
}

// watch sends a request to the admin API that waits until the benchmark ends.
func (p *peer) watch(b *testing.B, path string) {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /_ivschat/v1/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
		b.Fatal(err)
	}
}
