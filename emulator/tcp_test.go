package emulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// These tests use the network of the system. Frames to connections in memory are written in another
// way.

func TestAMessageThatFollowsTheHandshakeAtOnceIsDelivered(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	var all sync.WaitGroup
	for i := range 100 {
		room := createRoom(t, n, "")
		all.Go(func() {
			c := n.connect(t, room, fmt.Sprint(i))
			c.sendMessage("first")
			c.expectMessage("first")
		})
	}
	all.Wait()
}

// largeEvent is the body of a SendEvent of several kilobytes.
func largeEvent(room string) string {
	value := strings.Repeat("x", 4000)
	return fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e","attributes":{"k":%q}}`, room, value)
}

func TestASlowClientReceivesWholeFramesUntilItIsDisconnected(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	room := createRoom(t, n, "")
	slow, quick := n.connectWebSocket(t, room, "slow"), n.connect(t, room, "quick")
	const events = 3000
	for i := range events {
		post(t, n, "SendEvent", largeEvent(room))
		if frame := quick.receive(); len(frame.Attributes["k"]) != 4000 {
			t.Fatalf("event %d did not reach the other client", i)
		}
	}
	_ = slow.SetReadDeadline(time.Now().Add(10 * time.Second))
	for got := 0; ; got++ {
		_, text, err := slow.ReadMessage()
		if failure, ok := errors.AsType[net.Error](err); ok && failure.Timeout() {
			t.Fatalf("the client is still connected after %d of %d events", got, events)
		}
		if err != nil {
			if got == 0 || got >= events {
				t.Errorf("the client received %d events, and then %v", got, err)
			}
			return
		}
		var frame struct{ Attributes map[string]string }
		if json.Unmarshal(text, &frame) != nil || len(frame.Attributes["k"]) != 4000 {
			t.Fatalf("event %d is damaged: %.80s", got, text)
		}
	}
}

func TestAResetDoesNotWaitForAClientThatDoesNotRead(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	room := createRoom(t, n, "")
	n.connectWebSocket(t, room, "anna")
	session := n.Sessions("", parse(t, room))[0]
	for session.Queued() < 100 { // until the system accepts no more
		post(t, n, "SendEvent", largeEvent(room))
	}
	began := time.Now()
	if err := n.Reset(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second { // a write may take ten seconds
		t.Errorf("the reset took %v", took)
	}
}

func parse(t *testing.T, room string) ivschat.ARN {
	t.Helper()
	arn, err := ivschat.ParseARN(room)
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

// After the clock was advanced no session must be found that has expired, whether or not its client has
// read that or closed the connection.
func TestAnExpiredSessionIsNotOpenAnyMore(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	room := createRoom(t, n, "")
	n.connectWebSocket(t, room, "anna") // which does not read
	if open := n.Sessions("", parse(t, room)); len(open) != 1 {
		t.Errorf("%d sessions are open, want 1", len(open))
	}
	n.Clock().Advance(time.Hour)
	if open := n.Sessions("", parse(t, room)); len(open) != 0 {
		t.Errorf("%d sessions are open, want 0", len(open))
	}
}

func TestAClientThatSendsPingsAndDoesNotReadDelaysNoOne(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	room := createRoom(t, n, "")
	hostile, quick := n.connectWebSocket(t, room, "hostile").NetConn(), n.connect(t, room, "quick")
	pings := bytes.Repeat(append([]byte{0x89, 0x80 | 125, 0, 0, 0, 0}, make([]byte, 125)...), 100)
	for {
		_ = hostile.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := hostile.Write(pings); err != nil {
			break // the emulator reads no more pings, because the client reads no pongs
		}
	}
	for i := range 100 {
		began := time.Now()
		sendEvent(t, n, room)
		quick.receive()
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("event %d took %v", i, took)
		}
	}
}

func TestAViolationOfTheProtocolIsAnsweredWithItsCloseCode(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	room := createRoom(t, n, "")
	const protocolError, tooBig = websocket.CloseProtocolError, websocket.CloseMessageTooBig
	for name, test := range map[string]struct {
		frame []byte
		code  int
	}{
		"an unknown opcode":    {[]byte{0x83, 0x80, 0, 0, 0, 0}, protocolError},
		"a frame without mask": {[]byte{0x81, 0x01, 'x'}, protocolError},
		"an impossible length": {append([]byte{0x81, 0xff}, bytes.Repeat([]byte{0xff}, 12)...), tooBig},
		"a frame above 64 KiB": {[]byte{0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}, tooBig},
	} {
		t.Run(name, func(t *testing.T) {
			conn := n.connectWebSocket(t, room, "u")
			// What follows the frame must not keep the close frame from the client.
			if _, err := conn.NetConn().Write(append(test.frame, make([]byte, 100<<10)...)); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, test.code) {
				t.Errorf("the connection ended with %v", err)
			}
		})
	}
}
