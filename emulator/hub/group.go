package hub

import (
	"runtime"
	"slices"
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A group is the members of one room, in no particular order. The hub drops it when the last member
// leaves.
//
// Few workers write for many members. So a publisher soon gets the lock again, and in a busy group
// several frames are waiting for a member by the time a worker gets to it: they leave in one write. In a
// group with few members, the publisher is the worker, because starting another one would take as long as
// the writes.
//
// The group's lock is taken before the hub's, never after it. While members are ready there is a
// worker, or one is started before the lock is released.
type group struct {
	// Static.
	hub  *Hub
	room ivschat.ARN

	mu      sync.Mutex
	members []*Member
	dropped bool      // no longer in the hub, permanently; callers must get another group from the hub
	ready   []*Member // members that have something to write, the first at readyAt
	readyAt int
	workers int
	behind  bool // when the latest frame was published, members were still ready from earlier ones
}

// join adds a member. It reports false, and does nothing, when the group was dropped meanwhile.
func (g *group) join(m *Member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dropped {
		return false
	}
	m.group, m.index = g, len(g.members)
	g.members = append(g.members, m)
	return true
}

func (g *group) leave(m *Member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	last := len(g.members) - 1
	g.members[m.index] = g.members[last]
	g.members[m.index].index = m.index
	g.members = slices.Delete(g.members, last, len(g.members))
	m.leaveLocked()
	g.dropIfEmptyLocked()
}

func (g *group) dropIfEmptyLocked() {
	if len(g.members) == 0 {
		g.dropped = true
		g.hub.drop(g)
	}
}

// publish puts the frame into the queue of every member, and writes it if they are few and there is no
// worker. It reports false, and does nothing, when the group was dropped meanwhile.
func (g *group) publish(p Publication) bool {
	var jobs [batchSize]job
	taken, ok := g.queue(p, jobs[:])
	if taken > 0 {
		try(jobs[:taken])
		g.finishRound(jobs[:taken])
	}
	return ok
}

// queue puts the frame into the queue of every member. If its caller is to write, it fills jobs with all
// ready members and returns how many these are. It reports false, and does nothing, when the group was
// dropped meanwhile. A group without members, just made, queues too, so that observers see one order
// whether or not there are members.
func (g *group) queue(p Publication, jobs []job) (taken int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dropped {
		return 0, false
	}
	if p.Sender != nil && (p.Sender.reason != "" || p.Sender.silent) {
		return 0, true
	}
	g.behind = g.readyAt < len(g.ready)
	recipients := 0
	for _, m := range g.members {
		if m.sendLocked(p.Frame) {
			recipients++
		}
		if m.name == p.CloseName {
			m.closeLocked(p.CloseReason)
		}
	}
	if p.Recipients > 0 {
		recipients = p.Recipients
	}
	for _, observe := range g.hub.observers { // before a worker can get the lock and write the frame
		observe(g.room, p, recipients)
	}
	if g.workers == 0 && !g.hub.handsOver && len(g.ready)-g.readyAt <= len(jobs) {
		if taken = g.takeLocked(jobs); taken > 0 {
			g.workers++
		}
	}
	g.startWorkersLocked()
	g.dropIfEmptyLocked()
	return taken, true
}

// maximumWorkersLocked returns how many workers the group may have: one for each core, so that a
// frame soon reaches everyone, but one less when the group falls behind. Then publishers and readers
// have a core to themselves, and more frames leave together: on two cores, one worker delivers twice
// as much as two.
func (g *group) maximumWorkersLocked() int {
	cores := g.hub.cores()
	if g.behind {
		return max(1, cores-1)
	}
	return cores
}

// startWorkersLocked starts workers as long as there are ready members and the maximum allows it.
func (g *group) startWorkersLocked() {
	for g.workers < g.maximumWorkersLocked() && g.workers < len(g.ready)-g.readyAt {
		g.workers++
		go g.work()
	}
}

// batchSize is how many members a worker takes at a time: enough that it seldom needs the lock.
const batchSize = 16

// A job is what a worker has to do for one member.
type job struct {
	member  *Member
	frames  []*Frame
	closing bool // the connection is to be closed after these frames
	done    bool
}

// work writes for ready members until there are none, or there are enough workers without it.
func (g *group) work() {
	var jobs [batchSize]job
	var taken int
	for {
		if g.hub.cores() == 1 {
			// No one else runs meanwhile. The publishers that have something to publish go first, so that
			// their frames leave together.
			runtime.Gosched()
		}
		g.mu.Lock()
		g.writtenLocked(jobs[:taken])
		taken = 0
		if g.workers <= g.maximumWorkersLocked() {
			taken = g.takeLocked(jobs[:])
		}
		if taken == 0 {
			g.workers--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		try(jobs[:taken])
	}
}

// try writes for members what can be written without blocking.
func try(jobs []job) {
	for i := range jobs {
		jobs[i].done = jobs[i].member.try(jobs[i].frames, jobs[i].closing)
	}
}

// writtenLocked records for which members everything was written.
func (g *group) writtenLocked(jobs []job) {
	for i := range jobs {
		if jobs[i].done {
			jobs[i].member.writtenLocked(jobs[i].frames)
		}
	}
}

// finishRound records what a publisher has written. What was published meanwhile is for workers, so that
// no publisher writes for the others.
func (g *group) finishRound(jobs []job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writtenLocked(jobs)
	g.workers--
	g.startWorkersLocked()
}

// takeLocked fills jobs with ready members and returns how many it took.
func (g *group) takeLocked(jobs []job) (taken int) {
	for taken < len(jobs) && g.readyAt < len(g.ready) {
		m := g.ready[g.readyAt]
		g.readyAt++
		if m.left {
			m.idleLocked()
			continue
		}
		jobs[taken] = job{member: m, frames: m.takeLocked(), closing: m.reason != ""}
		taken++
	}
	// Reuse the beginning of the slice now and then. Waiting until it is empty would not do: in a
	// busy group it never is.
	if g.readyAt > len(g.ready)/2 {
		left := copy(g.ready, g.ready[g.readyAt:])
		clear(g.ready[left:])
		g.ready, g.readyAt = g.ready[:left], 0
	}
	return taken
}
