// Package hub fans frames out: whatever is published under a key reaches every
// member of that key, in one order for all.
//
// It cannot read a frame and decides nothing. Publishing never waits for a
// member: each has a queue with a bound, and one that does not keep up is let
// go, never left with a hole in its frames.
//
// hub.go knows who belongs together, room.go is the members of one key and the
// workers that write for them, member.go is one of them.
package hub

import "sync"

// A Hub holds the members of all keys. The zero value is ready.
type Hub struct {
	mu    sync.RWMutex
	rooms map[string]*room
}

// Join makes a member of the key. What is published from now on waits for it,
// up to capacity frames, until Start gives it a transport. A member that is
// not wanted any more must Leave.
func (h *Hub) Join(key, name string, capacity int) *Member {
	m := &Member{name: name, capacity: capacity, busy: true}
	for !h.room(key).join(m) {
	}
	return m
}

// room gives the room of the key, which may be gone when it is used.
func (h *Hub) room(key string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[key]
	if r == nil {
		if h.rooms == nil {
			h.rooms = map[string]*room{}
		}
		r = &room{hub: h, key: key}
		h.rooms[key] = r
	}
	return r
}

// Publish puts the frame into the queue of every member of the key.
func (h *Hub) Publish(key string, frame []byte) { h.PublishAndEnd(key, frame, "", "") }

// PublishAndEnd publishes a frame and then, for the reason, ends the members
// of that name. They still get what is in their queues, this frame last.
func (h *Hub) PublishAndEnd(key string, frame []byte, name string, reason Reason) {
	if r := h.find(key); r != nil {
		r.publish(frame, name, reason)
	}
}

// Count gives the number of members of the key.
func (h *Hub) Count(key string) int {
	r := h.find(key)
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.members)
}

// find gives the room of the key, nil if it has no members.
func (h *Hub) find(key string) *room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rooms[key]
}

// forget takes a room out that is gone. Nobody takes a room's lock while
// holding the hub's.
func (h *Hub) forget(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.rooms, r.key)
}
