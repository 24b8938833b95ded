package emulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// disconnected waits until the emulator has recorded the end of a connection, and returns the reason.
func disconnected(t *testing.T, n *network) (reason string) {
	t.Helper()
	entries := n.Journal().Wait(t.Context(), 0, 1, journal.Filter{Kind: journal.Disconnect})
	if len(entries) != 1 {
		t.Fatalf("the journal has the ends of %d connections, want 1", len(entries))
	}
	return entries[0].Reason
}

func TestAClientThatDoesNotReadIsDisconnectedAfterTenSeconds(t *testing.T) {
	for name, config := range map[string]emulator.Config{
		"a frame": {},
		"a ping":  {PingInterval: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, config)
				room := createRoom(t, n, "")
				n.connectWebSocket(t, room, "anna") // which does not read
				if config.PingInterval == 0 {
					sendEvent(t, n, room)
				}
				began := time.Now()
				if reason := disconnected(t, n); reason != "left" {
					t.Errorf("the reason is %q", reason)
				}
				if took := time.Since(began); took < 10*time.Second || took > 12*time.Second {
					t.Errorf("the connection ended after %v", took)
				}
			})
		})
	}
}

func TestFiveHundredAndTwelveFramesCanWaitForAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, "")
		slow := n.connectWebSocket(t, room, "anna") // which does not read yet
		session := n.Sessions("", ivschat.ARN{})[0]
		sendEvent(t, n, room)
		synctest.Wait() // the first frame is being written
		for range 512 {
			sendEvent(t, n, room)
		}
		if queued, reason := session.Queued(), session.Reason(); queued != 512 || reason != "" {
			t.Errorf("%d frames are waiting, and the connection is closed with %q", queued, reason)
		}
		sendEvent(t, n, room)
		if reason := session.Reason(); reason != hub.TooSlow {
			t.Errorf("with one frame more, the connection is closed with %q", reason)
		}
		for {
			if _, _, err := slow.ReadMessage(); err != nil {
				if !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
					t.Errorf("the connection ended with %v", err)
				}
				return
			}
		}
	})
}

// Over TCP, the emulator writes frames at once if it can, and in memory never.
func TestAFrameThatAFaultHoldsBackIsNotLostWhenTheFaultIsOver(t *testing.T) {
	test := func(t *testing.T, n *network) {
		room := createRoom(t, n, "")
		anna := n.connect(t, room, "anna")
		rule := fault.Rule{Operation: fault.MessageFrame, Times: 1, Effect: fault.ReorderFrame{}}
		if _, err := n.Faults().Add(rule); err != nil {
			t.Fatal(err)
		}
		fired := n.Journal().Last()
		anna.sendMessage("held back")
		n.Journal().Wait(t.Context(), fired, 1, journal.Filter{Kind: journal.Fault})
		n.Faults().Clear("")
		anna.sendMessage("next")
		for _, content := range []string{"next", "held back"} {
			anna.expectMessage(content)
		}
	}
	t.Run("over TCP", func(t *testing.T) { test(t, serveOverTCP(t, emulator.Config{})) })
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, serveInMemory(t, emulator.Config{})) })
	})
}
