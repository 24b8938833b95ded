package hub_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// A tape is a Transport that remembers. A write waits for what stuck is, if it
// is anything.
type tape struct {
	stuck chan struct{}
	fails error

	mu  sync.Mutex
	all []string
}

// TryWrite leaves all of it to Write, as it must where there is no telling.
func (t *tape) TryWrite([][]byte) (bool, error) { return false, nil }

func (t *tape) Write(frames [][]byte) error {
	if t.stuck != nil {
		<-t.stuck
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, frame := range frames {
		t.all = append(t.all, string(frame))
	}
	return t.fails
}

func (t *tape) Hurry() {}

func (t *tape) End(reason hub.Reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, fmt.Sprint("end ", reason))
}

// has wants just that on the tape, once everything has come to rest.
func (t *tape) has(test *testing.T, want ...string) {
	test.Helper()
	synctest.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Equal(t.all, want) {
		test.Errorf("the tape has %s, want %s", strings.Join(t.all, ", "), strings.Join(want, ", "))
	}
}

func join(h *hub.Hub, key, name string) (*hub.Member, *tape) {
	m, t := h.Join(key, name, 3), new(tape)
	m.Start(t)
	return m, t
}

func end(reason hub.Reason) string { return fmt.Sprint("end ", reason) }

func TestEveryMemberOfAKeyGetsItsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		_, a := join(&h, "room", "a")
		_, b := join(&h, "room", "b")
		_, other := join(&h, "other room", "a")
		h.Publish("room", []byte("1"))
		h.Publish("nobody's room", []byte("2"))
		h.Publish("room", []byte("3"))
		a.has(t, "1", "3")
		b.has(t, "1", "3")
		other.has(t)
	})
}

func TestWhoLeftGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, a := join(&h, "room", "a")
		h.Publish("room", []byte("1"))
		synctest.Wait()
		m.Leave()
		h.Publish("room", []byte("2"))
		m.Send([]byte("3"))
		m.End(hub.Expired)
		a.has(t, "1")
		_, again := join(&h, "room", "a")
		h.Publish("room", []byte("4"))
		again.has(t, "4")
	})
}

func TestWhatIsPublishedBeforeStartIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m := h.Join("room", "a", 3)
		h.Publish("room", []byte("1"))
		h.PublishAndEnd("room", []byte("2"), "a", hub.Disconnected)
		a := new(tape)
		m.Start(a)
		a.has(t, "1", "2", end(hub.Disconnected))

		late := h.Join("room", "b", 1)
		h.Publish("room", []byte("3"))
		h.Publish("room", []byte("4"))
		b := new(tape)
		late.Start(b)
		b.has(t, end(hub.TooSlow))
	})
}

func TestAMemberWhoseHandshakeFailsJustLeaves(t *testing.T) {
	var h hub.Hub
	m := h.Join("room", "a", 3)
	h.Publish("room", []byte("1"))
	m.Leave()
}

func TestEndComesAfterWhatIsQueuedAndNothingAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, a := join(&h, "room", "a")
		_, other := join(&h, "room", "b")
		a.stuck = make(chan struct{})
		h.Publish("room", []byte("1"))
		h.PublishAndEnd("room", []byte("2"), "a", hub.Disconnected)
		if m.Reason() != hub.Disconnected {
			t.Error("it has not ended")
		}
		m.End(hub.Shutdown)
		h.Publish("room", []byte("3"))
		a.has(t)
		close(a.stuck)
		a.has(t, "1", "2", end(hub.Disconnected))
		other.has(t, "1", "2", "3")
	})
}

func TestWhoDoesNotKeepUpIsLetGoAndTheOthersNoticeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		_, slow := join(&h, "room", "slow")
		_, other := join(&h, "room", "other")
		slow.stuck = make(chan struct{})
		var all []string
		for _, frame := range []string{"1", "2", "3", "4", "5", "6"} {
			h.Publish("room", []byte(frame))
			all = append(all, frame)
			other.has(t, all...)
		}
		slow.has(t) // one is being written, three wait, the fifth is too many
		close(slow.stuck)
		slow.has(t, "1", end(hub.TooSlow))
	})
}

func TestAfterAFailedWriteNothingIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m := h.Join("room", "a", 3)
		a := &tape{fails: errors.New("broken")}
		m.Start(a)
		h.Publish("room", []byte("1"))
		synctest.Wait()
		h.Publish("room", []byte("2"))
		a.has(t, "1")
		m.Leave()
	})
}

// A willing transport takes everything at once and tells when it has.
type willing struct{ written *sync.WaitGroup }

func (w willing) TryWrite(frames [][]byte) (bool, error) {
	w.written.Add(-len(frames))
	return true, nil
}
func (willing) Write([][]byte) error { return nil }
func (willing) Hurry()               {}
func (willing) End(hub.Reason)       {}

func TestADeliveryAllocatesNothing(t *testing.T) {
	var h hub.Hub
	var written sync.WaitGroup
	const members, frames = 1000, 10
	for range members {
		h.Join("room", "a", 2*frames).Start(willing{&written})
	}
	frame := []byte("frame")
	allocations := testing.AllocsPerRun(20, func() {
		written.Add(members * frames)
		for range frames {
			h.Publish("room", frame)
		}
		written.Wait()
	})
	if allocations > members*frames/10 { // workers begin and end, and queues settle on a size
		t.Errorf("%v allocations for %d deliveries", allocations, members*frames)
	}
}
