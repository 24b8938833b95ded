// Package hub fans frames out: whatever is published under a key reaches every
// member of that key, in one order for all.
//
// It cannot read a frame and decides nothing. Publishing never waits for a
// member: each has a queue with a bound, and one that does not keep up is let
// go, never left with a hole in its frames.
package hub

import "sync"

// A Hub holds the members of all keys. The zero value is ready.
type Hub struct {
	mu    sync.RWMutex
	rooms map[string]*room
}

// A room is the members of one key, in no order. It is in the hub as long as it
// has any.
type room struct {
	mu      sync.Mutex
	members []*Member
	gone    bool // taken out of the hub; whoever found it must look again
}

// Join makes a member of the key. What is published from now on waits for it,
// up to capacity frames, until Start gives it a transport. A member that is
// not wanted any more must Leave.
func (h *Hub) Join(key, name string, capacity int) *Member {
	m := &Member{name: name, hub: h, key: key, capacity: capacity, writing: true}
	for {
		r := h.room(key)
		r.mu.Lock()
		if !r.gone {
			m.room, m.index = r, len(r.members)
			r.members = append(r.members, m)
			r.mu.Unlock()
			return m
		}
		r.mu.Unlock()
	}
}

func (h *Hub) room(key string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[key]
	if r == nil {
		if h.rooms == nil {
			h.rooms = map[string]*room{}
		}
		r = new(room)
		h.rooms[key] = r
	}
	return r
}

// Publish puts the frame into the queue of every member of the key.
func (h *Hub) Publish(key string, frame []byte) { h.PublishAndEnd(key, frame, "", "") }

// PublishAndEnd publishes a frame and then, for the reason, ends the members
// of that name. They still get what is in their queues, this frame last.
func (h *Hub) PublishAndEnd(key string, frame []byte, name string, reason Reason) {
	h.mu.RLock()
	r := h.rooms[key]
	h.mu.RUnlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.members {
		m.Send(frame)
		if reason != "" && m.name == name {
			m.End(reason)
		}
	}
}

// leave takes the member out of its room, and the room out of the hub with its
// last member.
func (h *Hub) leave(m *Member) {
	r := m.room
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.members) - 1
	r.members[m.index] = r.members[last]
	r.members[m.index].index = m.index
	r.members[last] = nil
	r.members = r.members[:last]
	if last == 0 {
		r.gone = true
		h.mu.Lock() // nobody takes a room's lock while holding the hub's
		defer h.mu.Unlock()
		delete(h.rooms, m.key)
	}
}
