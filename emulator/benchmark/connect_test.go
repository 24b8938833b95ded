//go:build unix

package benchmark_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// shortLived is the measure of BenchmarkConnect.
const shortLived = "Connections that end at once"

// BenchmarkConnect measures connections that end as soon as they are open. The servers all run during the
// whole benchmark and are measured in turns, so that what else the machine does is the same for each. They
// receive the same requests: a chat token is a long header.
func BenchmarkConnect(b *testing.B) {
	count := 2000
	if testing.Short() {
		count = 100
	}
	kinds := present(emulatorInMemory, writePumpPeer, bunPeer)
	for b.Loop() {
		peers := make([]*peer, len(kinds))
		for i, kind := range kinds {
			peers[i] = startPeer(b, kind)
		}
		for range orOnce(7) {
			tokens := make([]string, count)
			concurrently(count, func(i int) { tokens[i] = peers[0].token(b) })
			for i, kind := range kinds {
				used, began := peers[i].cpu(b), time.Now()
				peers[i].connectBriefly(b, tokens)
				took := time.Since(began)
				used = peers[i].cpu(b) - used
				record(b, shortLived, kind, "connects/s", moreIsBetter, float64(count)/took.Seconds())
				record(b, shortLived, kind, "µs of CPU/connect", lessIsBetter, microseconds(used)/float64(count))
			}
		}
	}
}

// connectBriefly opens a connection with each token and ends it, several at a time.
func (p *peer) connectBriefly(b testing.TB, tokens []string) {
	b.Helper()
	address := strings.TrimPrefix(p.url, "http://")
	var failed atomic.Int64
	concurrently(len(tokens), func(i int) {
		if status := handshake(address, tokens[i]); status != http.StatusSwitchingProtocols {
			failed.Add(1)
		}
	})
	if n := failed.Load(); n > 0 {
		b.Fatalf("%d of %d handshakes failed", n, len(tokens))
	}
}

// handshake opens a connection and ends it. It returns the status of the answer, or 0 if there is none. It
// does as little as possible, so that the machine works for the server.
func handshake(address, token string) (status int) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, handshakeRequest(address, token))
	line, err := bufio.NewReaderSize(conn, 2048).ReadString('\n')
	if err != nil {
		return 0
	}
	_, _ = fmt.Sscanf(line, "HTTP/1.1 %d", &status)
	return status
}
