package hub

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// Count returns the number of members of the room.
func (h *Hub) Count(room ivschat.ARN) int {
	h.mu.RLock()
	g := h.groups[room]
	h.mu.RUnlock()
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members)
}
