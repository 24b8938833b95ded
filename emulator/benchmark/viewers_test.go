//go:build unix

package benchmark_test

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// viewers are chat clients that count the frames that they receive. They do nothing else, so that they
// take as little of the machine as possible.
type viewers struct {
	conns      []net.Conn
	counts     []atomic.Int64
	onFrame    func(viewer int, frame []byte) // called before a frame is counted; may be nil
	more       chan struct{}                  // has a token when a count has risen; never closed
	readers    sync.WaitGroup
	connecting time.Duration // how long it took to connect all of them
}

// connect connects viewers to the peer's first room.
func (p *peer) connect(b testing.TB, count int) *viewers {
	b.Helper()
	return p.connectTo(b, slices.Repeat([]string{p.room}, count))
}

// connectTo connects a viewer to each of the rooms, several at a time, until the end of the benchmark. Their
// tokens are made before.
func (p *peer) connectTo(b testing.TB, rooms []string) *viewers {
	b.Helper()
	return p.connectObserved(b, rooms, nil)
}

// connectObserved is like connectTo, with a function that each viewer calls with its number and each frame.
func (p *peer) connectObserved(b testing.TB, rooms []string, onFrame func(int, []byte)) *viewers {
	b.Helper()
	count := len(rooms)
	tokens, conns := make([]string, count), make([]net.Conn, count)
	concurrently(count, func(i int) { tokens[i] = p.tokenFor(b, rooms[i]) })
	began := time.Now()
	concurrently(count, func(i int) {
		dialer := websocket.Dialer{Subprotocols: []string{tokens[i]}, TLSClientConfig: anyTLS}
		conn, _, err := dialer.Dial(strings.Replace(p.url, "http", "ws", 1), nil)
		if err != nil {
			b.Error(err)
			return
		}
		conns[i] = conn.NetConn()
	})
	v := &viewers{
		conns: conns, counts: make([]atomic.Int64, count), more: make(chan struct{}, 1),
		connecting: time.Since(began), onFrame: onFrame,
	}
	if b.Failed() {
		b.FailNow()
	}
	for i, conn := range conns {
		v.readers.Go(func() { v.read(i, conn) })
	}
	b.Cleanup(v.close)
	return v
}

// close ends the connections.
func (v *viewers) close() {
	for _, conn := range v.conns {
		_ = conn.Close()
	}
	v.readers.Wait()
}

// concurrently calls do with every index below count, in several goroutines.
func concurrently(count int, do func(i int)) {
	const goroutines = 16
	var all sync.WaitGroup
	for first := range goroutines {
		all.Go(func() {
			for i := first; i < count; i += goroutines {
				do(i)
			}
		})
	}
	all.Wait()
}

// read counts the frames of one viewer until the connection ends. Without onFrame, it looks at nothing but
// their lengths.
func (v *viewers) read(i int, conn net.Conn) {
	buffer := make([]byte, 8<<10)
	for kept := 0; ; { // bytes at the beginning of the buffer that are not a whole frame yet
		n, err := conn.Read(buffer[kept:])
		if err != nil {
			return
		}
		rest, frames := buffer[:kept+n], int64(0)
		for {
			size := frameSize(rest)
			if size == 0 || size > len(rest) {
				break
			}
			if v.onFrame != nil {
				v.onFrame(i, rest[:size])
			}
			rest = rest[size:]
			frames++
		}
		kept = copy(buffer, rest)
		v.counts[i].Add(frames)
		select {
		case v.more <- struct{}{}:
		default:
		}
	}
}

// frameSize returns the size of the unmasked frame at the beginning of the bytes, 0 if there are too
// few of them to know. Frames have less than 64 KiB.
func frameSize(bytes []byte) int {
	switch {
	case len(bytes) < 4:
		return 0
	case bytes[1] == 126:
		return 4 + int(binary.BigEndian.Uint16(bytes[2:]))
	default:
		return 2 + int(bytes[1])
	}
}

// await waits until every viewer has received that many frames.
func (v *viewers) await(b testing.TB, frames int) {
	b.Helper()
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for i := range v.counts {
		for v.counts[i].Load() < int64(frames) {
			select {
			case <-v.more:
			case <-timeout.C:
				b.Errorf("viewer %d has received %d of %d frames after a minute", i, v.counts[i].Load(), frames)
				return
			}
		}
	}
}
