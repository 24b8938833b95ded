//go:build unix

package benchmark_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// createChatToken is the body of a call of CreateChatToken.
const createChatToken = `{"roomIdentifier":"ROOM","userId":"u","capabilities":["SEND_MESSAGE"],"attributes":{"k":"v"}}`

// BenchmarkControlPlane measures how many calls of an operation are answered per second, by the
// emulator and by a handler of net/http that returns a constant of the same size, in turns. Each caller
// calls again as soon as it has the answer.
func BenchmarkControlPlane(b *testing.B) {
	for _, bench := range []struct {
		operation, body, kind, measure string
		callers                        int
	}{
		{"GetRoom", `{"identifier":"ROOM"}`, emulatorInMemory, "GetRoom", 32},
		{"CreateChatToken", createChatToken, emulatorInMemory, "CreateChatToken", 32},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorInMemory, "CreateRoom", 32},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorOnDisk, "CreateRoom on disk", 1},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorOnDisk, "CreateRoom on disk, 32 callers", 32},
	} {
		b.Run(strings.ReplaceAll(bench.measure, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				p, constant := startPeer(b, bench.kind), startPeer(b, constantPeer)
				body := strings.Replace(bench.body, "ROOM", p.room, 1)
				request := post(bench.operation, body)
				constantRequest := post(fmt.Sprintf("%s?%d", bench.operation, len(p.call(b, bench.operation, body))), body)
				for range orOnce(5) {
					answered := p.callAgain(b, request, bench.callers, orShort(700*time.Millisecond))
					answered.record(b, bench.measure, emulatorInMemory)
					answered = constant.callAgain(b, constantRequest, bench.callers, orShort(700*time.Millisecond))
					answered.record(b, bench.measure, constantPeer)
				}
			}
		})
	}
}

// calls are answered calls.
type calls struct {
	count     int64
	took, cpu time.Duration // cpu is the server's
}

func (c *calls) add(more calls) {
	c.count += more.count
	c.took += more.took
	c.cpu += more.cpu
}

// perSecond returns how many were answered per second.
func (c calls) perSecond() float64 { return float64(c.count) / c.took.Seconds() }

// cpuEach returns how much CPU time the server used for each, in microseconds.
func (c calls) cpuEach() float64 { return microseconds(c.cpu) / float64(c.count) }

// record writes the calls into the table.
func (c calls) record(b *testing.B, measure, server string) {
	b.Helper()
	record(b, measure, server, "requests/s", moreIsBetter, c.perSecond())
	record(b, measure, server, "µs of CPU/request", lessIsBetter, c.cpuEach())
}

// post returns a request that posts the body to the path.
func post(path, body string) []byte {
	return fmt.Appendf(nil, "POST /%s HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

// callAgain sends the request again and again for that long.
func (p *peer) callAgain(b *testing.B, request []byte, callers int, duration time.Duration) calls {
	b.Helper()
	return p.callWith(b, func() []byte { return request }, callers, duration)
}

// callWith sends one request after the other for that long.
func (p *peer) callWith(b *testing.B, request func() []byte, callers int, duration time.Duration) calls {
	b.Helper()
	cpu, began := p.cpu(b), time.Now()
	var answered atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for time.Since(began) < duration {
				if err := exchange(conn, in, request()); err != nil {
					b.Error(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	return calls{count: answered.Load(), took: took, cpu: p.cpu(b) - cpu}
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// exchange sends a request and reads its answer.
func exchange(conn net.Conn, in *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s", response.Status)
	}
	return nil
}
