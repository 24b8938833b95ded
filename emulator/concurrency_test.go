package emulator_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestEveryClientReceivesTheSameOrder(t *testing.T) {
	n := serveInMemory(t, emulator.Config{})
	room := createRoom(t, n, `{"maximumMessageRatePerSecond":100}`)
	const senders, readers = 50, 200
	var all, ready sync.WaitGroup
	received := make([][]string, readers)
	for i := range readers {
		ready.Add(1)
		all.Go(func() {
			c := n.connect(t, room, fmt.Sprint("reader", i))
			ready.Done()
			for range 2 * senders {
				received[i] = append(received[i], c.receive().Content)
			}
		})
	}
	ready.Wait()
	for i := range senders {
		all.Go(func() {
			c := n.connect(t, room, fmt.Sprint("sender", i))
			c.sendMessage(fmt.Sprintf("first of %d", i))
			c.sendMessage(fmt.Sprintf("second of %d", i))
		})
	}
	all.Wait()
	for i := range readers {
		if !slices.Equal(received[i], received[0]) {
			t.Fatalf("reader %d received another order than reader 0", i)
		}
	}
	for i := range senders {
		first := slices.Index(received[0], fmt.Sprintf("first of %d", i))
		second := slices.Index(received[0], fmt.Sprintf("second of %d", i))
		if first < 0 || second < first {
			t.Errorf("the messages of sender %d were received in places %d and %d", i, first, second)
		}
	}
}

func TestATokenOpensOneOfManyConcurrentConnections(t *testing.T) {
	n := serveInMemory(t, emulator.Config{})
	token := createToken(t, n, createRoom(t, n, ""), "anna", "")
	var connected atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, refused := n.dial(t, token); refused == nil {
				connected.Add(1)
			} else if refused.Status != 401 {
				t.Error(refused)
			}
		})
	}
	all.Wait()
	if connected.Load() != 1 {
		t.Errorf("%d clients connected, want 1", connected.Load())
	}
}

// Connections end for every reason at the same time.
func TestNoGoroutineIsLeftBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	n := serveInMemory(t, emulator.Config{})
	rooms := []string{createRoom(t, n, ""), createRoom(t, n, ""), createRoom(t, n, "")}
	late := createToken(t, n, rooms[0], "late", "")
	var clients sync.WaitGroup
	for i := range 60 {
		c := n.connect(t, rooms[i%3], fmt.Sprint("user", i%7))
		clients.Go(func() { c.waitClosed() })
		clients.Go(func() {
			for range 5 {
				_ = c.Send(`{"Action":"SEND_MESSAGE","Content":"x"}`) // the connection may have ended
			}
		})
	}
	var calls sync.WaitGroup
	for user := range 7 {
		calls.Go(func() {
			post(t, n, "DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"user%d"}`, rooms[0], user))
		})
	}
	calls.Go(func() { deleteRoom(t, n, rooms[1]) })
	calls.Go(func() { n.Clock().Advance(61 * time.Minute) })
	calls.Wait()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	clients.Wait()
	if _, refused := n.dial(t, late); refused == nil {
		t.Error("a client connected after Close")
	}
	_ = n.listener.Close()
}

func TestNoGoroutineIsLeftBehindWhenCloseComesInBetween(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, emulator.Config) *network{
		"in memory": serveInMemory,
		"over TCP":  serveOverTCP,
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			n := serve(t, emulator.Config{})
			room, deleted := createRoom(t, n, ""), createRoom(t, n, "")
			var clients, calls sync.WaitGroup
			for i := range 40 {
				c := n.connect(t, []string{room, deleted}[i%2], fmt.Sprint("user", i%7))
				clients.Go(func() { c.waitClosed() })
				calls.Go(func() { _ = c.Send(`{"Action":"SEND_MESSAGE","Content":"x"}`) })
			}
			for user := range 7 { // each call gets an answer, but any answer will do
				body := fmt.Sprintf(`{"roomIdentifier":%q,"userId":"user%d"}`, room, user)
				calls.Go(func() { call(n, "DisconnectUser", body) })
			}
			calls.Go(func() { call(n, "DeleteRoom", fmt.Sprintf(`{"identifier":%q}`, deleted)) })
			calls.Go(func() { n.Clock().Advance(61 * time.Minute) })
			calls.Go(func() {
				if err := n.Close(); err != nil {
					t.Error(err)
				}
			})
			calls.Wait()
			clients.Wait()
			if left := n.Sessions("", ivschat.ARN{}); len(left) != 0 { // which needs the locks
				t.Errorf("%d sessions are left", len(left))
			}
			if n.listener != nil {
				_ = n.listener.Close()
			}
		})
	}
}
