package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A tally is a Transport that counts the frames, and in how many writes they leave. With turns, each write
// waits for a turn.
type tally struct {
	writes, frames *atomic.Int64
	turns          chan struct{}
}

func newTally() tally { return tally{writes: new(atomic.Int64), frames: new(atomic.Int64)} }

func (t tally) TryWrite(frames []*Frame) (bool, error) {
	t.writes.Add(1)
	t.frames.Add(int64(len(frames)))
	if t.turns != nil {
		<-t.turns
	}
	return true, nil
}
func (tally) Write([]*Frame) error { return nil }
func (tally) Close(Reason)         {}
func (tally) AbortSlowWrite()      {}

// start adds members with the transport, each with room for 1,000 frames.
func start(h *Hub, members int, transport Transport) {
	for range members {
		h.Join(ivschat.ARN{}, "a", 1000).Start(transport)
	}
}

func publish(h *Hub) { h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}}) }

func TestAPublisherWritesForFewMembersItself(t *testing.T) {
	for members, itself := range map[int]bool{1: true, batchSize: true, batchSize + 1: false} {
		synctest.Test(t, func(t *testing.T) {
			var h Hub
			count := newTally()
			count.turns = make(chan struct{})
			start(&h, members, count)
			published := false
			go func() {
				publish(&h)
				published = true
			}()
			synctest.Wait()
			if published == itself {
				t.Errorf("%d members: Publish returns before the writes: %t", members, published)
			}
			close(count.turns)
			synctest.Wait()
			if got := count.frames.Load(); !published || got != int64(members) {
				t.Errorf("%d members: %d frames are written", members, got)
			}
		})
	}
}

func TestAPublisherThatHandsOverIsNotKeptByWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		h.HandOver()
		count := newTally()
		count.turns = make(chan struct{})
		start(&h, 1, count)
		publish(&h) // returns, although the write waits for its turn
		close(count.turns)
		synctest.Wait()
		if got := count.frames.Load(); got != 1 {
			t.Errorf("%d frames are written", got)
		}
	})
}

func TestObserversSeeTheRecipientsOfAllProcesses(t *testing.T) {
	var h Hub
	var seen []int
	h.Observe(func(_ ivschat.ARN, _ Publication, recipients int) { seen = append(seen, recipients) })
	start(&h, 1, newTally())
	publish(&h)
	h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}, Recipients: 3})
	if len(seen) != 2 || seen[0] != 1 || seen[1] != 3 {
		t.Errorf("the recipients are %v", seen)
	}
}

// While a publisher writes, others only queue. It writes once for each member and leaves the rest to a
// worker.
func TestAPublisherWritesForOthersAtMostOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		count := newTally()
		count.turns = make(chan struct{})
		start(&h, batchSize, count)
		published := false
		go func() {
			publish(&h)
			published = true
		}()
		synctest.Wait()
		const more = 50
		for range more {
			publish(&h)
		}
		for range batchSize {
			count.turns <- struct{}{}
		}
		synctest.Wait()
		if !published {
			t.Error("the publisher writes again")
		}
		close(count.turns)
		synctest.Wait()
		if got, want := count.frames.Load(), int64((1+more)*batchSize); got != want {
			t.Errorf("%d frames are written, want %d", got, want)
		}
		if got := count.writes.Load(); got != 2*batchSize {
			t.Errorf("they are written in %d writes, want %d", got, 2*batchSize)
		}
	})
}

func TestAPublisherLeavesTheWritesToAWorkerThatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := Hub{coreCount: 1}
		count := newTally()
		count.turns = make(chan struct{})
		start(&h, batchSize+1, count)
		publish(&h)
		synctest.Wait() // the worker has taken all but one
		publish(&h)
		if got := count.writes.Load(); got != 1 {
			t.Errorf("%d writes have begun, want that of the worker", got)
		}
		close(count.turns)
	})
}

func TestAPublisherDoesNotWaitForAClientThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		blocked := make(chan struct{})
		h.Join(ivschat.ARN{}, "slow", 1000).Start(unread{blocked})
		count := newTally()
		start(&h, 1, count)
		const frames = 10
		for range frames {
			publish(&h)
		}
		if got := count.frames.Load(); got != frames {
			t.Errorf("%d frames are written for the other member, want %d", got, frames)
		}
		close(blocked)
	})
}

// unread is a Transport that accepts nothing at once, and whose Write waits until the channel is closed.
type unread struct{ blocked chan struct{} }

func (unread) TryWrite([]*Frame) (bool, error) { return false, nil }
func (u unread) Write([]*Frame) error          { <-u.blocked; return nil }
func (unread) Close(Reason)                    {}
func (unread) AbortSlowWrite()                 {}

func TestFramesThatArePublishedWhileWorkersWriteLeaveTogether(t *testing.T) {
	for _, coreCount := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			h := Hub{coreCount: coreCount}
			count := newTally()
			count.turns = make(chan struct{})
			const members, frames = 100, 500
			start(&h, members, count)
			for range frames {
				publish(&h)
				synctest.Wait()
			}
			close(count.turns)
			synctest.Wait()
			if got := count.frames.Load(); got != members*frames {
				t.Errorf("%d cores: %d frames are written, want %d", coreCount, got, members*frames)
			}
			// A worker has taken at most one batch with the first frame alone.
			if got, most := count.writes.Load(), int64(members+coreCount*batchSize); got > most {
				t.Errorf("%d cores: %d writes for %d members, want at most %d", coreCount, got, members, most)
			}
		})
	}
}

// With one core, nothing is published while a worker writes. So it must not begin to write while others
// have something to publish.
func TestWithOneCorePublishersComeBeforeTheWorker(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var h Hub
	count := newTally()
	const members, publishers = 100, 50
	start(&h, members, count)
	var all sync.WaitGroup
	for range publishers {
		all.Go(func() { publish(&h) })
	}
	all.Wait()
	for count.frames.Load() < members*publishers {
		runtime.Gosched()
	}
	if got := count.writes.Load(); got > 3*members {
		t.Errorf("%d frames for %d members leave in %d writes", publishers, members, got)
	}
}
