//go:build unix

package benchmark_test

import (
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A crowd is viewers who count the frames that they get, and do nothing else
// that would cost the machine anything.
type crowd struct {
	counts []atomic.Int64
	more   chan struct{} // has something when a count has risen
	took   time.Duration // to connect
}

// connect opens that many connections, several at a time. Their tokens are made
// before.
func (p *peer) connect(b testing.TB, viewers int) *crowd {
	b.Helper()
	const connectors = 16
	tokens := make([]string, viewers)
	conns := make([]net.Conn, viewers)
	each := func(do func(i int)) {
		var all sync.WaitGroup
		for first := range connectors {
			all.Go(func() {
				for i := first; i < viewers; i += connectors {
					do(i)
				}
			})
		}
		all.Wait()
	}
	each(func(i int) { tokens[i] = p.token(b) })
	began := time.Now()
	each(func(i int) {
		dialer := websocket.Dialer{Subprotocols: []string{tokens[i]}}
		conn, _, err := dialer.Dial(strings.Replace(p.url, "http", "ws", 1), nil)
		if err != nil {
			b.Error(err)
			return
		}
		conns[i] = conn.NetConn()
	})
	c := &crowd{counts: make([]atomic.Int64, viewers), more: make(chan struct{}, 1), took: time.Since(began)}
	if b.Failed() {
		b.FailNow()
	}
	var readers sync.WaitGroup
	for i, conn := range conns {
		readers.Go(func() { c.count(i, conn) })
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
	buffer := make([]byte, 8<<10)
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
func (c *crowd) await(b testing.TB, frames int) {
	b.Helper()
	lost := time.NewTimer(time.Minute)
	defer lost.Stop()
	for i := range c.counts {
		for c.counts[i].Load() < int64(frames) {
			select {
			case <-c.more:
			case <-lost.C:
				b.Errorf("viewer %d has %d of %d frames after a minute", i, c.counts[i].Load(), frames)
				return
			}
		}
	}
}
