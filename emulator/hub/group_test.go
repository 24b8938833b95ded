package hub

import "testing"

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
