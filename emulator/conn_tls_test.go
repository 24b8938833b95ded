//go:build unix

package emulator_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// connectOverTLS connects a client that only receives.
func connectOverTLS(t *testing.T, e *emulator.Emulator, room string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{
		Subprotocols: []string{createViewerToken(t, e, room)}, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		ReadBufferSize: 1 << 10,
	}
	client, _, err := dialer.DialContext(t.Context(), strings.Replace(e.URL(), "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// startTLS starts an emulator with TLS, and creates a room.
func startTLS(t *testing.T, config emulator.Config) (e *emulator.Emulator, room string) {
	t.Helper()
	config.TLS, config.Listen = emulator.TLSAuto, "127.0.0.1:0"
	e = newEmulator(t, config)
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e, createRoom(t, e, "")
}

func TestATLSClientThatDoesNotReadDelaysNoOneAndIsDisconnected(t *testing.T) {
	var log logBuffer
	e, room := startTLS(t, emulator.Config{Logger: log.logger()})
	slow, other := connectOverTLS(t, e, room), connectOverTLS(t, e, room)
	_ = slow.NetConn().(*tls.Conn).NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text := strings.Repeat("x", 1000)
	for i := 0; len(e.Sessions("", ivschat.ARN{})) > 1; i++ {
		if ctx.Err() != nil {
			t.Fatalf("after %d events, the client that does not read is connected", i)
		}
		e.Clock().Advance(20 * time.Millisecond) // for the rate of events
		post(t, e, "SendEvent", fmt.Sprintf(
			`{"roomIdentifier":%q,"eventName":"e%d","attributes":{"text":%q}}`, room, i, text))
		if _, got, err := other.ReadMessage(); err != nil || !strings.Contains(string(got), fmt.Sprintf(`"e%d"`, i)) {
			t.Fatalf("received %.100s (%v), want event %d", got, err, i)
		}
	}
	for !strings.Contains(log.String(), "read too slowly") { // a little later
		if ctx.Err() != nil {
			t.Fatal("the log does not say why the client was disconnected")
		}
		runtime.Gosched()
	}
}
