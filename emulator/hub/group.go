package hub

import (
	"runtime"
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A group is the members of one room, in no particular order. The hub has it as long as it has
// members.
//
// Few workers write for many members. So a publisher soon gets the lock again, and in a busy group
// several frames are waiting for a member by the time a worker gets to it: they leave in one write.
type group struct {
	// Static.
	hub  *Hub
	room ivschat.ARN

	mu      sync.Mutex
	members []*Member
	dropped bool      // no longer in the hub; a caller that finds it so must ask the hub again
	ready   []*Member // members that have something to write, the first at readyAt
	readyAt int
	workers int
	behind  bool // when the latest frame was published, members were still ready from earlier ones
}

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
	g.members[last] = nil
	g.members = g.members[:last]
	m.left = true
	g.dropIfEmptyLocked()
}

func (g *group) dropIfEmptyLocked() {
	if len(g.members) == 0 {
		g.dropped = true
		g.hub.drop(g)
	}
}

// publish reports false, and does nothing, when the group was dropped meanwhile. A group without
// members publishes too, so that observers see one order whether or not there are members.
func (g *group) publish(p Publication) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dropped {
		return false
	}
	for _, observe := range g.hub.observers {
		observe(g.room, p, len(g.members))
	}
	g.behind = g.readyAt < len(g.ready)
	for _, m := range g.members {
		m.sendLocked(p.Frame)
		if p.CloseReason != "" && m.name == p.CloseName {
			m.closeLocked(p.CloseReason)
		}
	}
	g.startWorkersLocked()
	g.dropIfEmptyLocked()
	return true
}

var cores = runtime.GOMAXPROCS(0)

// maximumWorkersLocked returns how many workers the group may have: one for each core, so that a
// frame soon reaches everyone, but one less when the group falls behind. Then publishers and readers
// have a core to themselves, and more frames leave together: on two cores, one worker delivers twice
// as much as two.
func (g *group) maximumWorkersLocked() int {
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
	taken := 0
	for {
		g.mu.Lock()
		for i := range jobs[:taken] {
			if jobs[i].done {
				jobs[i].member.writtenLocked(jobs[i].frames)
			}
			jobs[i] = job{}
		}
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
		for i := range jobs[:taken] {
			jobs[i].done = jobs[i].member.try(jobs[i].frames, jobs[i].closing)
		}
	}
}

// takeLocked fills jobs with ready members and returns how many it took.
func (g *group) takeLocked(jobs []job) (taken int) {
	for taken < len(jobs) && g.readyAt < len(g.ready) {
		m := g.ready[g.readyAt]
		g.ready[g.readyAt] = nil
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
