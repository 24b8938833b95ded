package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestCloseEndsConnectionsAsConfigured(t *testing.T) {
	for name, test := range map[string]struct {
		config emulator.Config
		code   int
	}{
		"without a close frame": {emulator.Config{}, 0},
		"with 1001":             {emulator.Config{CloseOnShutdown: true}, websocket.CloseGoingAway},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, test.config)
				c := n.connect(t, createRoom(t, n, ""), "anna")
				go n.Close()
				if code := c.waitClosed(); code != test.code {
					t.Errorf("the connection was closed with %d, want %d", code, test.code)
				}
			})
		})
	}
}

func TestASilencedConnectionDoesNotDelayClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		silence := fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SilenceConnection{}}
		if _, err := n.Faults().Add(silence); err != nil {
			t.Fatal(err)
		}
		n.connect(t, createRoom(t, n, ""), "anna").sendMessage("x")
		synctest.Wait()
		began := time.Now()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("Close took %s", took)
		}
	})
}

func TestADelayEndsWithItsConnection(t *testing.T) {
	for name, test := range map[string]struct {
		delayed string
		end     func(*testing.T, *network, string, *client)
	}{
		"an action when the user is disconnected": {"SEND_MESSAGE", func(t *testing.T, n *network, room string, _ *client) {
			post(t, n, "DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
		}},
		"an action when the session expires": {"SEND_MESSAGE", func(_ *testing.T, n *network, _ string, _ *client) {
			n.Clock().Advance(24 * time.Hour)
		}},
		"a frame when the client leaves": {"MESSAGE", func(_ *testing.T, _ *network, _ string, c *client) {
			c.Drop()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{})
				room := createRoom(t, n, "")
				c := n.connect(t, room, "anna")
				delay := fault.Rule{Operation: test.delayed, Delay: 10 * time.Minute}
				if _, err := n.Faults().Add(delay); err != nil {
					t.Fatal(err)
				}
				c.sendMessage("x")
				synctest.Wait()
				began := time.Now()
				test.end(t, n, room, c)
				n.Journal().Wait(t.Context(), 0, 1, journal.Filter{Kind: journal.Disconnect})
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("the connection ended after %v", took)
				}
			})
		})
	}
}

func TestASlowClientIsDisconnectedAndTheOthersAreNotAffected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger()})
		room := createRoom(t, n, "")
		slow, quick := n.connectWebSocket(t, room, "slow"), n.connect(t, room, "quick")
		for range 600 {
			sendEvent(t, n, room)
			if frame := quick.receive(); frame.Type != "EVENT" {
				t.Fatalf("the other client received %s", frame.Raw)
			}
			synctest.Wait()
		}
		if readType(t, slow) != "EVENT" {
			t.Error("a frame that was being written is lost")
		}
		if code := readUntilClosed(slow); code != websocket.CloseTryAgainLater {
			t.Errorf("the connection was closed with %d", code)
		}
		if lines := strings.Count(log.String(), "read too slowly"); lines != 1 {
			t.Errorf("the log has %d lines about it:\n%s", lines, &log)
		}
	})
}

func TestAClientThatNeverReadsIsDisconnectedEvenInAQuietRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger()})
		room := createRoom(t, n, "")
		n.connectWebSocket(t, room, "anna")
		sendEvent(t, n, room)
		time.Sleep(time.Minute)
		if !strings.Contains(log.String(), "read too slowly") {
			t.Errorf("the log does not mention it:\n%s", &log)
		}
	})
}

// An ERROR 401 would otherwise be in the journal, although no one received it.
func TestASessionThatEndedForAnotherReasonDoesNotExpireAsWell(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *network, string, *websocket.Conn){
		"its user is being disconnected": func(t *testing.T, n *network, room string, _ *websocket.Conn) {
			post(t, n, "DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
		},
		"its client has left": func(_ *testing.T, _ *network, _ string, conn *websocket.Conn) {
			_ = conn.Close()
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{})
				room := createRoom(t, n, "")
				conn := n.connectWebSocket(t, room, "anna") // which does not read yet
				end(t, n, room, conn)
				n.Clock().Advance(2 * time.Hour)
				for _, entry := range n.Journal().After(0, 0, journal.Filter{Kind: journal.Frame}) {
					if strings.Contains(string(entry.Frame), `"ERROR"`) {
						t.Errorf("the journal has %s", entry.Frame)
					}
				}
				for {
					_, text, err := conn.ReadMessage()
					if err != nil {
						if name == "its user is being disconnected" && !websocket.IsCloseError(err, 1000) {
							t.Errorf("the connection ended with %v", err)
						}
						return
					}
					if strings.Contains(string(text), `"ERROR"`) {
						t.Errorf("the client received %s", text)
					}
				}
			})
		})
	}
}
