package hub

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A busy group always has ready members. The list of them must not remember those that were ready
// before.
func TestTheReadyListOfABusyGroupDoesNotGrow(t *testing.T) {
	g := &group{}
	const members, rounds = 100, 1000
	for range members {
		g.members = append(g.members, &Member{group: g, capacity: 2, index: len(g.members)})
	}
	frame := &Frame{Payload: []byte("frame")}
	for _, m := range g.members {
		m.sendLocked(frame)
	}
	var jobs [batchSize]job
	for range rounds {
		taken := g.takeLocked(jobs[:])
		for _, job := range jobs[:taken] {
			job.member.sendLocked(frame)
			job.member.writtenLocked(job.frames)
		}
		if taken != batchSize || len(g.ready)-g.readyAt != members {
			t.Fatalf("%d were taken and %d are left", taken, len(g.ready)-g.readyAt)
		}
	}
	if cap(g.ready) > 8*members {
		t.Errorf("capacity for %d ready members, of %d members", cap(g.ready), members)
	}
}

func TestTheReadyListOfAQuietGroupDoesNotGrow(t *testing.T) {
	g := &group{}
	m := &Member{group: g, capacity: 2}
	g.members = append(g.members, m)
	var jobs [batchSize]job
	for range 1000 {
		m.sendLocked(&Frame{Payload: []byte("frame")})
		if taken := g.takeLocked(jobs[:]); taken != 1 {
			t.Fatalf("%d were taken", taken)
		}
		m.writtenLocked(jobs[0].frames)
	}
	if cap(g.ready) > 8 {
		t.Errorf("capacity for %d ready members, of one member", cap(g.ready))
	}
}

// A gate is a Transport on which each write waits for a turn.
type gate struct {
	waiting *atomic.Int32
	turns   chan struct{}
}

func (g gate) TryWrite([]*Frame) (bool, error) {
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	<-g.turns
	return true, nil
}
func (gate) Write([]*Frame) error { return nil }
func (gate) Close(Reason)         {}
func (gate) AbortSlowWrite()      {}

func TestAGroupCanHaveAWorkerForEachCore(t *testing.T) {
	var h Hub
	number := runtime.GOMAXPROCS(0)
	if got := (&group{hub: &h}).maximumWorkersLocked(); got != number {
		t.Errorf("a group can have %d workers, and there are %d cores", got, number)
	}
}

func TestAGroupThatFallsBehindHasOneWorkerLessButAtLeastOne(t *testing.T) {
	for coreCount, behind := range map[int]int32{1: 1, 2: 1, 3: 2} {
		synctest.Test(t, func(t *testing.T) {
			h := Hub{coreCount: coreCount}
			g := gate{new(atomic.Int32), make(chan struct{})}
			const members = 10 * batchSize
			for range members {
				h.Join(ivschat.ARN{}, "a", 10).Start(g)
			}
			expect := func(when string, want int32) {
				t.Helper()
				synctest.Wait()
				if got := g.waiting.Load(); got != want {
					t.Errorf("%d cores: %d workers %s, want %d", coreCount, got, when, want)
				}
			}
			publish := func() { h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}}) }
			write := func(frames int) {
				for range frames {
					g.turns <- struct{}{}
				}
			}
			publish()
			expect("for the first frame", int32(coreCount))
			publish()
			write(coreCount * batchSize)
			expect("for two frames", behind)
			publish()
			expect("for three frames", behind)
			close(g.turns)
			expect("when all is written", 0)
		})
	}
}

func TestAGroupStartsAtMostOneWorkerForEachReadyMember(t *testing.T) {
	for _, test := range []struct{ ready, taken, want int }{
		{1, 0, 1}, {3, 0, 3}, {5, 0, 4}, {5, 2, 3}, {5, 4, 1}, {2, 2, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := &group{hub: &Hub{coreCount: 4}}
			g.mu.Lock()
			for range test.ready {
				g.ready = append(g.ready, &Member{left: true})
			}
			g.readyAt = test.taken
			g.startWorkersLocked()
			if g.workers != test.want {
				t.Errorf("%d of %d ready members were taken: %d workers, want %d",
					test.taken, test.ready, g.workers, test.want)
			}
			g.mu.Unlock()
		})
	}
}

func TestAMemberThatLeavesBeforeAWorkerGetsToItIsNotWrittenFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := Hub{coreCount: 1}
		g := gate{new(atomic.Int32), make(chan struct{})}
		for range batchSize {
			h.Join(ivschat.ARN{}, "a", 1).Start(g)
		}
		late, transport := h.Join(ivschat.ARN{}, "late", 1), gate{new(atomic.Int32), make(chan struct{})}
		late.Start(transport)
		h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}})
		synctest.Wait() // the only worker has taken the others
		left := false
		go func() {
			late.Leave()
			left = true
		}()
		synctest.Wait()
		close(g.turns)
		synctest.Wait()
		if written := transport.waiting.Load(); !left || written != 0 {
			t.Errorf("it has left: %t, and %d frames are written for it", left, written)
		}
	})
}

func TestMembersThatHaveLeftAreNotKeptInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		g := gate{new(atomic.Int32), make(chan struct{})}
		close(g.turns)
		stays := h.Join(ivschat.ARN{}, "stays", 1)
		stays.Start(g)
		var members []*Member
		for range 20 {
			m := h.Join(ivschat.ARN{}, "leaves", 1)
			m.Start(g)
			members = append(members, m)
		}
		h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}})
		synctest.Wait()
		for _, m := range members {
			m.Leave()
		}
		of := stays.group
		for _, m := range append(of.members[1:cap(of.members)], of.ready[:cap(of.ready)]...) {
			if m != nil {
				t.Errorf("the member %q is still in memory", m.name)
			}
		}
	})
}

// A reentrant is a Transport whose first two writes publish another frame. It records the slices that it
// writes.
type reentrant struct {
	gate
	hub    *Hub
	writes [][]*Frame
}

func (r *reentrant) TryWrite([]*Frame) (bool, error) { return false, nil }

func (r *reentrant) Write(frames []*Frame) error {
	r.writes = append(r.writes, frames)
	if len(r.writes) < 3 {
		r.hub.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}})
	}
	return nil
}

func TestTheQueueOfASlowClientIsReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		r := &reentrant{hub: &h}
		h.Join(ivschat.ARN{}, "a", 1).Start(r)
		h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}})
		synctest.Wait()
		if len(r.writes) != 3 || &r.writes[0][0] != &r.writes[2][0] {
			t.Errorf("after %d writes, the third queue is not the first one again", len(r.writes))
		}
	})
}

func TestARoomWithoutMembersHasNoGroupAfterAPublication(t *testing.T) {
	var h Hub
	h.Publish(ivschat.ARN{}, Publication{Frame: &Frame{}})
	if len(h.groups) != 0 {
		t.Errorf("%d groups are left", len(h.groups))
	}
}

// Joining, leaving and publishing at the same time find a group that was dropped, again and again.
func TestAGroupWithoutMembersIsDropped(t *testing.T) {
	var h Hub
	room := func(i int) ivschat.ARN { return ivschat.ARN{ID: fmt.Sprint(i % 3)} }
	stays := h.Join(room(0), "stays", 10_000)
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for range 200 {
				m := h.Join(room(i), "a", 10_000)
				h.Publish(room(i), Publication{Frame: &Frame{}})
				if m.Queued() == 0 {
					t.Error("a member missed what was published after it joined")
				}
				m.Leave()
				h.Publish(room(i+1), Publication{Frame: &Frame{}})
			}
		})
	}
	callers.Wait()
	if len(h.groups) != 1 || h.Count(room(0)) != 1 {
		t.Errorf("%d groups are left, want 1 with its only member", len(h.groups))
	}
	if stays.Leave(); len(h.groups) != 0 {
		t.Errorf("%d groups are left", len(h.groups))
	}
}

func TestCallersThatMakeAGroupAtTheSameTimeGetTheSameOne(t *testing.T) {
	for range 50 {
		var h Hub
		var callers sync.WaitGroup
		var groups [4]*group
		h.mu.Lock() // so that all begin at once
		for i := range groups {
			callers.Go(func() { groups[i] = h.group(ivschat.ARN{}) })
		}
		runtime.Gosched()
		h.mu.Unlock()
		callers.Wait()
		for _, g := range groups {
			if g != groups[0] {
				t.Fatal("two callers made a group each")
			}
		}
	}
}

func TestAGroupThatWasDroppedIsNotUsed(t *testing.T) {
	var h Hub
	observed := 0
	h.Observe(func(ivschat.ARN, Publication, int) { observed++ })
	room := ivschat.ARN{ID: "room"}
	dropped := h.group(room)
	m := h.Join(room, "a", 1)
	m.Leave()
	if dropped.join(&Member{}) {
		t.Error("a member joined it")
	}
	if dropped.publish(Publication{Frame: &Frame{}}) || observed != 0 {
		t.Error("it published a frame")
	}
	if again := h.group(room); again == dropped {
		t.Error("the hub returns it again")
	}
}

func TestAQueueThatIsKeptForReuseIsShortAndHasNoFrames(t *testing.T) {
	for size, kept := range map[int]bool{1: true, 64: true, 65: false} {
		m, frames := new(Member), make([]*Frame, size)
		frames[0] = new(Frame)
		m.reuseLocked(frames)
		if (m.spare != nil) != kept {
			t.Errorf("a queue of %d frames is kept: %t", size, !kept)
		}
		if kept && m.spare[0] != nil {
			t.Errorf("a queue of %d frames keeps them in memory", size)
		}
	}
}
