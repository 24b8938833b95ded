//go:build !race

package emulator_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
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

// The bound includes the clients' side of each connection: its descriptor, but no buffer and no goroutine.
func TestAConnectionThatOnlyReceivesTakesLittleMemory(t *testing.T) {
	const connections, maximum = 500, 2600
	e := newEmulator(t, emulator.Config{Listen: "127.0.0.1:0"})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	room := createRoom(t, e, "")
	tokens := make([]string, connections)
	for i := range tokens {
		tokens[i] = createViewerToken(t, e, room)
	}
	clients := make([]net.Conn, connections)
	reader := bufio.NewReader(nil)
	before := memory()
	for i := range clients {
		client, err := net.Dial("tcp", e.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		_, _ = fmt.Fprintf(client, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nUser-Agent: %s\r\n"+
			"Sec-WebSocket-Protocol: %s\r\n\r\n", strings.Repeat("x", 100), tokens[i])
		reader.Reset(client)
		response, err := http.ReadResponse(reader, nil)
		if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatal(response, err)
		}
		clients[i] = client
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
	runtime.KeepAlive(tokens)
}
