package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestEveryoneSeesOneOrder(t *testing.T) {
	n := inMemory(t, emulator.Config{})
	room := n.room(t, `{"maximumMessageRatePerSecond":100}`)
	const senders, readers = 50, 200
	var all sync.WaitGroup
	seen := make([][]string, readers)
	var ready sync.WaitGroup
	for i := range readers {
		ready.Add(1)
		all.Go(func() {
			c := n.join(t, room, fmt.Sprint("reader", i))
			ready.Done()
			for range 2 * senders {
				seen[i] = append(seen[i], c.hear().Content)
			}
		})
	}
	ready.Wait()
	for i := range senders {
		all.Go(func() {
			c := n.join(t, room, fmt.Sprint("sender", i))
			go c.end() // reads what comes
			c.say(fmt.Sprintf(`{"Action":"SEND_MESSAGE","Content":"first of %d"}`, i))
			c.say(fmt.Sprintf(`{"Action":"SEND_MESSAGE","Content":"second of %d"}`, i))
		})
	}
	all.Wait()
	for i := range readers {
		if !slices.Equal(seen[i], seen[0]) {
			t.Fatalf("reader %d saw another order than reader 0", i)
		}
	}
	for i := range senders {
		if first, second := slices.Index(seen[0], fmt.Sprintf("first of %d", i)), slices.Index(seen[0], fmt.Sprintf("second of %d", i)); first < 0 || second < first {
			t.Errorf("what sender %d said came in places %d and %d", i, first, second)
		}
	}
}

func TestOfManyWithOneTokenOneGetsIn(t *testing.T) {
	n := inMemory(t, emulator.Config{})
	token := n.token(t, n.room(t, ""), "anna", "")
	var in atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, refused := n.connect(t, token); refused == nil {
				in.Add(1)
			} else if refused.StatusCode != 401 {
				t.Error(refused.Status)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d got in", in.Load())
	}
}

// Whatever ends connections happens at once, and nothing is left behind.
func TestNothingIsLeftBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	n := inMemory(t, emulator.Config{})
	rooms := []string{n.room(t, ""), n.room(t, ""), n.room(t, "")}
	late := n.token(t, rooms[0], "late", "")
	var crowd sync.WaitGroup
	for i := range 60 {
		c := n.join(t, rooms[i%3], fmt.Sprint("user", i%7))
		crowd.Go(func() {
			c.end()
			_ = c.conn.Close()
		})
		crowd.Go(func() {
			for range 5 {
				_ = c.conn.WriteMessage(websocket.TextMessage, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`))
			}
		})
	}
	var chaos sync.WaitGroup
	for user := range 7 {
		chaos.Go(func() {
			post(t, n.Emulator, "/DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"user%d"}`, rooms[0], user))
		})
	}
	chaos.Go(func() { deleteRoom(t, n, rooms[1]) })
	chaos.Go(func() { n.Clock().Advance(61 * time.Minute) })
	chaos.Wait()
	if err := n.Emulator.Close(); err != nil {
		t.Error(err)
	}
	crowd.Wait()
	if _, refused := n.connect(t, late); refused == nil {
		t.Error("somebody got in after the end")
	}
	_ = n.Close()
}

// The end of the program comes in the middle of it all.
func TestNothingIsLeftBehindWhenTheEndComesInBetween(t *testing.T) {
	for name, tcp := range map[string]bool{"in memory": false, "over TCP": true} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			var n *network
			var join func(room, user string) *websocket.Conn
			if tcp {
				n = overTCP(t)
				join = func(room, user string) *websocket.Conn { return n.tcp(t, room, user) }
			} else {
				n = inMemory(t, emulator.Config{})
				join = func(room, user string) *websocket.Conn { return n.join(t, room, user).conn }
			}
			room, gone := n.room(t, ""), n.room(t, "")
			var crowd, chaos sync.WaitGroup
			for i := range 40 {
				conn := join([]string{room, gone}[i%2], fmt.Sprint("user", i%7))
				crowd.Go(func() {
					(&chatter{t, conn}).end()
					_ = conn.Close()
				})
				chaos.Go(func() {
					_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`))
				})
			}
			// Whatever the answer is, there is one.
			ask := func(operation, body string) {
				n.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/"+operation, strings.NewReader(body)))
			}
			for user := range 7 {
				chaos.Go(func() { ask("DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"user%d"}`, room, user)) })
			}
			chaos.Go(func() { ask("DeleteRoom", fmt.Sprintf(`{"identifier":%q}`, gone)) })
			chaos.Go(func() { n.Clock().Advance(61 * time.Minute) })
			chaos.Go(func() {
				if err := n.Emulator.Close(); err != nil {
					t.Error(err)
				}
			})
			chaos.Wait()
			crowd.Wait()
			if left := n.Sessions("", ivschat.ARN{}); len(left) != 0 { // which needs the locks
				t.Errorf("%d sessions are left", len(left))
			}
			if !tcp {
				_ = n.Close()
			}
		})
	}
}
