package emulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// These go through the system's network, since connections in memory are
// written to in another way.

// overTCP serves an emulator on the loopback interface.
func overTCP(t *testing.T) *network {
	t.Helper()
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return &network{Emulator: e}
}

// tcp connects a user who may do everything.
func (n *network) tcp(t *testing.T, room, user string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{n.token(t, room, user, "")}, NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}}
	conn, _, err := dialer.Dial(strings.Replace(n.URL(), "http", "ws", 1), http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestWhoeverSpeaksAtOnceIsHeard(t *testing.T) {
	n := overTCP(t)
	var all sync.WaitGroup
	for i := range 100 {
		room := n.room(t, "")
		all.Go(func() {
			conn := n.tcp(t, room, fmt.Sprint(i))
			if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"Action":"SEND_MESSAGE","Content":"first"}`)); err != nil {
				t.Error(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, text, err := conn.ReadMessage(); err != nil || !strings.Contains(string(text), "first") {
				t.Errorf("heard %s, %v", text, err)
			}
		})
	}
	all.Wait()
}

func TestASlowClientGetsWholeFramesUntilItIsLetGo(t *testing.T) {
	n := overTCP(t)
	room := n.room(t, "")
	slow, quick := n.tcp(t, room, "slow"), n.tcp(t, room, "quick")
	const events = 3000
	heard := make(chan int, events)
	go func() {
		for i := range events {
			if _, _, err := quick.ReadMessage(); err != nil {
				break
			}
			heard <- i
		}
		close(heard)
	}()
	body := `{"roomIdentifier":"` + room + `","eventName":"e","attributes":{"k":"` + strings.Repeat("x", 4000) + `"}}`
	for i := range events {
		post(t, n.Emulator, "/SendEvent", body)
		if got, ok := <-heard; !ok || got != i {
			t.Fatalf("the quick one lost event %d", i)
		}
	}
	_ = slow.SetReadDeadline(time.Now().Add(10 * time.Second))
	for got := 0; ; got++ {
		_, text, err := slow.ReadMessage()
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			t.Fatalf("it is still there after %d of %d events", got, events)
		}
		if err != nil {
			if got == 0 || got >= events {
				t.Errorf("it got %d events, and then %v", got, err)
			}
			return
		}
		var frame struct{ Attributes map[string]string }
		if json.Unmarshal(text, &frame) != nil || len(frame.Attributes["k"]) != 4000 {
			t.Fatalf("event %d came damaged: %.80s", got, text)
		}
	}
}

// Whoever asks after the clock was moved must not find a session that is over,
// whether or not its client has hung up.
func TestASessionThatIsOverIsNotThereAnyMore(t *testing.T) {
	n := overTCP(t)
	room, err := ivschat.ParseARN(n.room(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	n.tcp(t, room.String(), "anna") // who reads nothing, not even the end
	if open := n.Sessions("", room); len(open) != 1 {
		t.Errorf("%d sessions are open", len(open))
	}
	n.Clock().Advance(time.Hour)
	if open := n.Sessions("", room); len(open) != 0 {
		t.Errorf("%d sessions are open", len(open))
	}
}

func TestAClientThatPingsAndDoesNotReadHoldsNobodyUp(t *testing.T) {
	n := overTCP(t)
	room := n.room(t, "")
	hostile, quick := n.tcp(t, room, "hostile"), n.tcp(t, room, "quick")
	pings := bytes.Repeat(append([]byte{0x89, 0x80 | 125, 0, 0, 0, 0}, make([]byte, 125)...), 100)
	for {
		_ = hostile.NetConn().SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := hostile.NetConn().Write(pings); err != nil {
			break // nobody reads them any more, since nobody reads the pongs
		}
	}
	for i := range 100 {
		post(t, n.Emulator, "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"e"}`)
		_ = quick.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, _, err := quick.ReadMessage(); err != nil {
			t.Fatalf("event %d did not come: %v", i, err)
		}
	}
}

func TestWhoeverBreaksTheProtocolIsToldHow(t *testing.T) {
	n := overTCP(t)
	room := n.room(t, "")
	for name, test := range map[string]struct {
		frame []byte
		code  int
	}{
		"an unknown opcode":           {[]byte{0x83, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"a frame without a mask":      {[]byte{0x81, 0x01, 'x'}, websocket.CloseProtocolError},
		"a length beyond all bounds":  {append([]byte{0x81, 0xff}, bytes.Repeat([]byte{0xff}, 12)...), websocket.CloseMessageTooBig},
		"a frame of more than 64 KiB": {[]byte{0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			conn := n.tcp(t, room, "u")
			// What comes behind it must not cost the client the reason.
			if _, err := conn.NetConn().Write(append(test.frame, make([]byte, 100<<10)...)); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, test.code) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}
