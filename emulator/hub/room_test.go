package hub

import "testing"

// A busy room always has members that are ready. Those that were must not be
// remembered for as long as it is busy.
func TestARoomThatIsAlwaysBusyDoesNotGrow(t *testing.T) {
	r := &room{}
	const members, turns = 100, 1000
	for range members {
		r.members = append(r.members, &Member{room: r, capacity: 2, index: len(r.members)})
	}
	frame := []byte("frame")
	for _, m := range r.members {
		m.sendLocked(frame)
	}
	var jobs [round]job
	for range turns {
		taken := r.takeLocked(jobs[:])
		for _, job := range jobs[:taken] {
			job.member.sendLocked(frame)
			job.member.writtenLocked(job.frames)
		}
		if taken != round || len(r.ready)-r.next != members {
			t.Fatalf("%d were taken and %d are left", taken, len(r.ready)-r.next)
		}
	}
	if cap(r.ready) > 8*members {
		t.Errorf("room for %d that are ready, of %d members", cap(r.ready), members)
	}
}
