package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// transactions returns how many transactions have read the database during a call.
func (s *Store) transactions(t *testing.T, call func() error) int {
	t.Helper()
	stats := s.db.Stats()
	before := stats.TxN
	if err := call(); err != nil {
		t.Fatal(err)
	}
	stats = s.db.Stats()
	return stats.TxN - before
}

func TestARoomIsReadFromTheDatabaseOnceUntilRoomsAreWritten(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	read := func() error { return calls["room"](t, s) }
	if n := s.transactions(t, read); n != 1 {
		t.Errorf("the first read needs %d transactions", n)
	}
	for name, write := range map[string]func() error{
		"nothing":      func() error { return nil },
		"a token":      func() error { return calls["use token"](t, s) },
		"the next run": func() error { return calls["next run"](t, s) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if n := s.transactions(t, read); n != 0 {
			t.Errorf("a read after a write of %s needs %d transactions, want none", name, n)
		}
	}
	if err := calls["tag room"](t, s); err != nil {
		t.Fatal(err)
	}
	if n := s.transactions(t, read); n != 1 {
		t.Errorf("a read after a change needs %d transactions, want 1", n)
	}
}

func TestARoomThatIsNotFoundIsNotKeptInTheCache(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	for _, arn := range []ivschat.ARN{roomOf(someOwner, "missing").ARN, {}} {
		_, err := s.Room(t.Context(), arn)
		if exception, ok := errors.AsType[*ivschat.Exception](err); !ok ||
			exception.Type != ivschat.ResourceNotFoundException {
			t.Errorf("%q: the error is %v", arn, err)
		}
	}
}

func TestARoomThatWasReadBeforeAWriteIsNotPutInTheCacheAfterIt(t *testing.T) {
	t.Parallel()
	var c roomCache
	old, other := roomOf(someOwner, "old"), roomOf(someOwner, "other")
	_, _, generation := c.get(old.ARN)
	c.clear()
	c.put(old, generation)
	if _, found, _ := c.get(old.ARN); found {
		t.Error("the room as it was before the write is in the cache")
	}
	_, _, generation = c.get(other.ARN)
	c.put(other, generation)
	if room, found, _ := c.get(other.ARN); !found || room.ARN != other.ARN {
		t.Errorf("the room that was read after the write is %v, and found: %t", room, found)
	}
}

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
