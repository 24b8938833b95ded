package store

import (
	"fmt"
	"testing"
)

func TestTheCacheOfRoomsIsEmptiedWhenItHasTenThousand(t *testing.T) {
	t.Parallel()
	var c roomCache
	for i := range 10_000 {
		c.put(roomOf(someOwner, fmt.Sprint(i)), 0)
	}
	if len(c.rooms) != 10_000 {
		t.Errorf("there are %d rooms, want 10,000", len(c.rooms))
	}
	c.put(roomOf(someOwner, "new"), 0)
	if _, found, _ := c.get(roomOf(someOwner, "new").ARN); !found || len(c.rooms) != 1 {
		t.Errorf("there are %d rooms, and the new one is there: %t", len(c.rooms), found)
	}
}
