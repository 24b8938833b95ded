package hub

import (
	"fmt"
	"sync"
	"testing"

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
