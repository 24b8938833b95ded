package store

import (
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A roomCache holds rooms as they are on disk, because every message reads its room. Its zero value
// is empty.
//
// A write clears the cache after its commit and before its caller is answered. So a caller whose
// write succeeded never reads an older room. A reader may have begun before the commit and put its
// room after the cache was cleared: the generation shows that, and put drops the room.
type roomCache struct {
	mu         sync.RWMutex // guards the fields below
	rooms      map[ivschat.ARN]ivschat.Room
	generation uint64 // number of calls of clear
}

// maxCachedRooms is the largest number of rooms in a cache.
const maxCachedRooms = 10_000

// get returns the room if the cache has it. Otherwise the caller reads the room and calls put with
// the generation.
func (c *roomCache) get(arn ivschat.ARN) (room ivschat.Room, found bool, generation uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	room, found = c.rooms[arn]
	return room, found, c.generation
}

// put adds a room that was read after get returned the generation. It does nothing if the cache was
// cleared since.
func (c *roomCache) put(room ivschat.Room, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != generation {
		return
	}
	if c.rooms == nil || len(c.rooms) >= maxCachedRooms {
		c.rooms = map[ivschat.ARN]ivschat.Room{}
	}
	c.rooms[room.ARN] = room
}

// clear removes all rooms.
func (c *roomCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	clear(c.rooms)
}
