//go:build !race

package emulator_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// memory returns the memory in bytes that is in use for objects and stacks, after a garbage collection.
func memory() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what a pool has is garbage only in the second collection
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc + stats.StackInuse)
}

// handshakes has a room, and connects clients to it.
type handshakes struct {
	e      *emulator.Emulator
	dial   func(address string) (net.Conn, error)
	tokens []string
	reader *bufio.Reader
}

// prepareHandshakes returns as many handshakes, each with its chat token.
func prepareHandshakes(t *testing.T, transport string, count int) *handshakes {
	t.Helper()
	e := newEmulator(t, emulator.Config{Listen: "127.0.0.1:0", TLS: emulator.TLSAuto})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	h := &handshakes{e: e, dial: clients[transport], reader: bufio.NewReader(nil)}
	room := createRoom(t, e, "")
	for range count + 1 {
		token := createViewerToken(t, e, room)
		h.tokens = append(h.tokens, fmt.Sprintf("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"+
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+
			"User-Agent: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", strings.Repeat("x", 100), token))
	}
	return h
}

// connect makes a handshake. It returns the client's side without TLS, which takes memory, too.
func (h *handshakes) connect(t *testing.T, i int) net.Conn {
	t.Helper()
	client, err := h.dial(h.e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(client, h.tokens[i])
	h.reader.Reset(client)
	line, err := h.reader.ReadSlice('\n')
	if err != nil || !bytes.Contains(line, []byte("101")) {
		t.Fatal(string(line), err)
	}
	if encrypted, ok := client.(*tls.Conn); ok {
		return encrypted.NetConn()
	}
	return client
}

// The bound includes the clients' side of each connection: its descriptor, but no buffer and no goroutine.
func TestAConnectionThatOnlyReceivesTakesLittleMemory(t *testing.T) {
	for transport, maximum := range map[string]int{"plain": 2600, "TLS": 9500} {
		t.Run(transport, func(t *testing.T) { expectMemory(t, transport, maximum) })
	}
}

func expectMemory(t *testing.T, transport string, maximum int) {
	t.Helper()
	const connections = 500
	h := prepareHandshakes(t, transport, connections)
	_ = h.connect(t, connections).Close() // which makes the certificate
	clients := make([]net.Conn, connections)
	before := memory()
	for i := range clients {
		clients[i] = h.connect(t, i)
		defer clients[i].Close()
	}
	var each int
	for range 100 { // the goroutines of the last handshakes may not have ended yet
		if each = (memory() - before) / connections; each <= maximum {
			break
		}
	}
	if each > maximum {
		t.Errorf("a connection takes %d bytes, and not at most %d", each, maximum)
	}
	runtime.KeepAlive(h)
}

// The bound includes the client's side.
func TestAConnectionTakesFewAllocations(t *testing.T) {
	const connections, maximum = 200, 92
	h := prepareHandshakes(t, "plain", connections)
	before := allocations()
	for i := range connections {
		_ = h.connect(t, i).Close()
	}
	if err := h.e.Close(); err != nil { // which waits for the end of the sessions
		t.Error(err)
	}
	if each := (allocations() - before) / connections; each > maximum {
		t.Errorf("a connection takes %v allocations, and not at most %d", each, maximum)
	}
}

// allocations returns how many objects were allocated so far.
func allocations() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
