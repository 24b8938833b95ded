package hub

import (
	"runtime"
	"sync"
)

// A room is the members of one key, in no order. It is in the hub as long as it
// has any.
//
// Frames are written by workers: few of them, so that whoever publishes soon
// gets its turn again, and so many frames wait for a busy room's members that
// they leave together. A worker goes from one member for which frames wait to
// the next and never waits for any: where a write would block it leaves the
// member to a goroutine of its own. Without frames there are no workers.
type room struct {
	// Static.
	hub *Hub
	key string

	mu      sync.Mutex
	members []*Member
	gone    bool      // taken out of the hub; whoever found it must look again
	ready   []*Member // frames wait for them; the first from next on
	next    int
	workers int
	behind  bool // when the latest frame came, others were still waiting
}

func (r *room) join(m *Member) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return false
	}
	m.room, m.index = r, len(r.members)
	r.members = append(r.members, m)
	return true
}

func (r *room) leave(m *Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.members) - 1
	r.members[m.index] = r.members[last]
	r.members[m.index].index = m.index
	r.members[last] = nil
	r.members = r.members[:last]
	if last == 0 {
		r.gone = true
		r.hub.forget(r)
	}
	m.left = true
}

func (r *room) publish(frame []byte, name string, reason Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.behind = r.next < len(r.ready)
	for _, m := range r.members {
		m.sendLocked(frame)
		if reason != "" && m.name == name {
			m.endLocked(reason)
		}
	}
	r.hireLocked()
}

var cores = runtime.GOMAXPROCS(0)

// mostWorkersLocked is how many workers the room may have: as many as can run, so
// that a frame is soon with everybody, but one less when it falls behind. Then
// whoever publishes, and whoever hears from a client, need not wait for the
// scheduler to interrupt a worker, and more frames leave together: on two cores
// one worker delivers twice as much as two.
func (r *room) mostWorkersLocked() int {
	if r.behind {
		return max(1, cores-1)
	}
	return cores
}

// hireLocked sees to it that there are workers for those that are ready.
func (r *room) hireLocked() {
	for r.workers < r.mostWorkersLocked() && r.workers < len(r.ready)-r.next {
		r.workers++
		go r.work()
	}
}

// round is how many members a worker takes at a time: enough that it seldom
// needs the lock.
const round = 16

// A job is what a worker writes for a member.
type job struct {
	member *Member
	frames [][]byte
	ending bool // nothing comes after these
	done   bool
}

// work writes for those that are ready until nobody is, or there are workers
// enough without it.
func (r *room) work() {
	var jobs [round]job
	taken := 0
	for {
		r.mu.Lock()
		for i := range jobs[:taken] {
			if jobs[i].done {
				jobs[i].member.writtenLocked(jobs[i].frames)
			}
			jobs[i] = job{}
		}
		taken = 0
		if r.workers <= r.mostWorkersLocked() {
			taken = r.takeLocked(jobs[:])
		}
		if taken == 0 {
			r.workers--
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		for i := range jobs[:taken] {
			jobs[i].done = jobs[i].member.try(jobs[i].frames, jobs[i].ending)
		}
	}
}

// takeLocked takes members that are ready, with what waits for them, until
// there are no more or jobs is full.
func (r *room) takeLocked(jobs []job) (taken int) {
	for taken < len(jobs) && r.next < len(r.ready) {
		m := r.ready[r.next]
		r.ready[r.next] = nil
		r.next++
		if m.left {
			m.restLocked()
			continue
		}
		jobs[taken] = job{member: m, frames: m.takeLocked(), ending: m.reason != ""}
		taken++
	}
	if r.next > len(r.ready)/2 { // and not only when it is empty, which in a busy room it never is
		left := copy(r.ready, r.ready[r.next:])
		clear(r.ready[left:])
		r.ready, r.next = r.ready[:left], 0
	}
	return taken
}
