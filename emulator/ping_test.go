package emulator_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// countPings reads from a connection until it ends. It counts the pings, and does not answer them.
func countPings(conn *websocket.Conn) *atomic.Int32 {
	pings := new(atomic.Int32)
	conn.SetPingHandler(func(string) error {
		pings.Add(1)
		return nil
	})
	go readUntilClosed(conn)
	return pings
}

// expectPings expects that the number of pings is what it should be after the time.
func expectPings(t *testing.T, pings *atomic.Int32, after time.Duration, want int32) {
	t.Helper()
	time.Sleep(after)
	synctest.Wait()
	if got := pings.Load(); got != want {
		t.Errorf("after another %v, the client has received %d pings, want %d", after, got, want)
	}
}

func TestAClientReceivesAPingAtEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{PingInterval: 30 * time.Second})
		room := createRoom(t, n, "")
		pings := countPings(n.connectWebSocket(t, room, "anna"))
		other := n.connect(t, room, "ben")
		expectPings(t, pings, 29*time.Second, 0)
		expectPings(t, pings, 2*time.Second, 1)
		n.Clock().Advance(10 * time.Minute) // pings are in the machine's time
		expectPings(t, pings, 30*time.Second, 2)
		other.sendMessage("hello")
		other.expectMessage("hello")
		expectPings(t, pings, 5*time.Minute, 12)
		if open := len(n.Sessions("", parse(t, room))); open != 2 {
			t.Errorf("%d sessions are open, although a client need not answer a ping", open)
		}
	})
}

func TestThereAreNoPingsUnlessTheyAreSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		pings := countPings(n.connectWebSocket(t, createRoom(t, n, ""), "anna"))
		expectPings(t, pings, time.Hour, 0)
	})
}

func TestASilencedConnectionReceivesNoPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{PingInterval: time.Second})
		room := createRoom(t, n, "")
		rule := fault.Rule{Operation: fault.EventFrame, Times: 1, Effect: fault.SilenceConnection{}}
		if _, err := n.Faults().Add(rule); err != nil {
			t.Fatal(err)
		}
		pings := countPings(n.connectWebSocket(t, room, "anna"))
		expectPings(t, pings, 1500*time.Millisecond, 1)
		sendEvent(t, n, room)
		expectPings(t, pings, time.Minute, 1)
	})
}

func TestAClientThatDoesNotReadDelaysThePingsOfNoOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{PingInterval: time.Second})
		room := createRoom(t, n, "")
		n.connectWebSocket(t, room, "slow") // which does not read
		pings := countPings(n.connectWebSocket(t, room, "anna"))
		expectPings(t, pings, 5500*time.Millisecond, 5)
	})
}
