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

// BenchmarkControlPlane lets a few callers ask as fast as they are answered, by
// the emulator and by a handler of net/http that returns a constant of the same
// size.
func BenchmarkControlPlane(b *testing.B) {
	for _, ask := range []struct {
		operation, body, kind, measure string
		callers                        int
	}{
		{"GetRoom", `{"identifier":"ROOM"}`, emulatorInMemory, "GetRoom", 32},
		{"CreateChatToken", `{"roomIdentifier":"ROOM","userId":"u","capabilities":["SEND_MESSAGE"],"attributes":{"k":"v"}}`, emulatorInMemory, "CreateChatToken", 32},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorInMemory, "CreateRoom", 32},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorOnDisk, "CreateRoom on disk", 1},
		{"CreateRoom", `{"name":"benchmark"}`, emulatorOnDisk, "CreateRoom on disk, 32 callers", 32},
	} {
		b.Run(strings.ReplaceAll(ask.measure, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				p := startPeer(b, ask.kind)
				body := strings.Replace(ask.body, "ROOM", p.room, 1)
				size := len(p.call(b, ask.operation, body))
				p.answers(b, ask.measure, emulatorInMemory, ask.operation, body, ask.callers)
				startPeer(b, constantPeer).answers(b, ask.measure, constantPeer, fmt.Sprintf("%s?%d", ask.operation, size), body, ask.callers)
			}
		})
	}
}

// answers asks for some time and records how many answers came in a second.
func (p *peer) answers(b *testing.B, measure, as, path, body string, callers int) {
	b.Helper()
	request := fmt.Appendf(nil, "POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
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
			for in := bufio.NewReader(conn); time.Since(began) < span(3*time.Second); answered.Add(1) {
				if err := exchange(conn, in, request); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	record(b, measure, as, "requests/s", moreIsBetter, float64(answered.Load())/took.Seconds())
	record(b, measure, as, "µs of CPU/request", lessIsBetter, float64((p.cpu(b)-cpu).Microseconds())/float64(answered.Load()))
}

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
