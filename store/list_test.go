package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheResourceUpdatedLastComesFirst(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		for i, seconds := range []int{5, 300, 0, -1, 5} { // neither the order of creation nor of IDs
			id := fmt.Sprint("r", i)
			s.createRooms(newRoom(id, seconds))
			s.createLogging(newLogging(id, seconds))
		}
		s.reopen()
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "r1 r4 r0 r2 r3")
		checkEqual(t, "logging configurations", s.loggingIDs(), "r1 r4 r0 r2 r3")
		s.touch("r3", 301)
		s.reopen()
		checkEqual(t, "rooms after an update", s.roomIDs(owner, ivschat.RoomFilter{}), "r3 r1 r4 r0 r2")
		update := func(c *ivschat.LoggingConfiguration) error {
			c.UpdateTime = start.Add(300*time.Second - time.Nanosecond)
			return nil
		}
		_, err := s.UpdateLoggingConfiguration(ctx, newLogging("r2", 0).ARN, update)
		must(t, err)
		checkEqual(t, "logging configurations after an update", s.loggingIDs(), "r1 r2 r4 r0 r3")
	})
}

func TestWithEqualTimesTheLatestChangeComesFirst(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("a", 0), newRoom("b", 0), newRoom("c", 0), newRoom("d", 0))
		checkEqual(t, "created", s.roomIDs(owner, ivschat.RoomFilter{}), "d c b a")
		s.touch("b", 0)
		s.touch("d", 0)
		checkEqual(t, "updated", s.roomIDs(owner, ivschat.RoomFilter{}), "d b c a")
		must(t, s.DeleteRoom(ctx, newRoom("d", 0).ARN))
		s.reopen()
		s.createRooms(newRoom("d", 0))
		s.touch("a", 0)
		checkEqual(t, "deleted and created again", s.roomIDs(owner, ivschat.RoomFilter{}), "a d b c")
	})
}

func TestPagesHoldEveryItemOnce(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		const n = 7
		for i, id := range numberedIDs("r", n) {
			s.createRooms(newRoom(id, i/2)) // pairs with equal times
			s.createLogging(newLogging(id, i/2))
		}
		all := strings.Fields(s.roomIDs(owner, ivschat.RoomFilter{}))
		for limit := 1; limit <= n+1; limit++ {
			var rooms, configurations []string
			s.pageThrough(ivschat.RoomFilter{}, limit, func(page ivschat.Page, items []ivschat.Room, more bool) {
				if len(items) == 0 || len(items) != limit && more {
					t.Fatalf("a page of %d has %d items, and more is %t", limit, len(items), more)
				}
				others, _, err := s.ListLoggingConfigurations(ctx, owner, page)
				must(t, err)
				for i := range items {
					rooms = append(rooms, items[i].ARN.ID)
					configurations = append(configurations, others[i].ARN.ID)
				}
			})
			checkEqual(t, fmt.Sprint("rooms in pages of ", limit), rooms, all)
			checkEqual(t, fmt.Sprint("logging configurations in pages of ", limit), configurations, all)
		}
	})
}

// A reader pages through the list of rooms while they change.
type reader struct {
	*testStore
	random  *rand.Rand
	changed map[string]bool // rooms that changed since the first page
	seconds int             // of the latest change
}

// change makes a random change. Half of the changes are next to the last room that was seen.
func (r *reader) change(seen []string) {
	r.seconds++
	all := strings.Fields(r.roomIDs(owner, ivschat.RoomFilter{}))
	if len(all) == 0 {
		return
	}
	id := all[r.random.IntN(len(all))]
	if len(seen) > 0 && r.random.IntN(2) == 0 {
		at := slices.Index(all, seen[len(seen)-1]) + r.random.IntN(2)
		id = all[min(max(at, 0), len(all)-1)]
	}
	switch r.random.IntN(3) {
	case 0:
		id = fmt.Sprint("new", r.seconds)
		r.createRooms(newRoom(id, r.seconds))
	case 1:
		r.touch(id, r.seconds)
	case 2:
		must(r.t, r.DeleteRoom(ctx, newRoom(id, 0).ARN))
	}
	r.changed[id] = true
}

func TestChangesBetweenPagesDoNotAffectOtherRooms(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := &reader{testStore: inMemory(t), random: random, changed: map[string]bool{}, seconds: 10}
		ids := numberedIDs("r", 12)
		for i, id := range ids {
			r.createRooms(newRoom(id, i/3))
		}
		limit := 1 + int(seed%4)
		var seen []string
		r.pageThrough(ivschat.RoomFilter{}, limit, func(_ ivschat.Page, rooms []ivschat.Room, _ bool) {
			seen = append(seen, strings.Fields(idsOf(rooms))...)
			for range 3 {
				r.change(seen)
			}
		})
		slices.Sort(seen)
		if once := slices.Compact(slices.Clone(seen)); len(once) != len(seen) {
			t.Errorf("seed %d: seen more than once: %v", seed, seen)
		}
		for _, id := range ids {
			if !r.changed[id] && !slices.Contains(seen, id) {
				t.Errorf("seed %d: %s was not seen", seed, id)
			}
		}
	}
}

func TestAPositionStaysValidWhenItsRoomIsDeleted(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("a", 1), newRoom("b", 2), newRoom("c", 3), newRoom("d", 4))
		_, after, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: 2})
		must(t, err)
		checkRest := func(want string) {
			t.Helper()
			page := ivschat.Page{After: after, Limit: 2}
			rooms, next, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, page)
			must(t, err)
			checkEqual(t, "the rest", idsOf(rooms), want)
			if next != nil {
				t.Error("another page follows")
			}
		}
		checkRest("b a")
		must(t, s.DeleteRoom(ctx, newRoom("c", 0).ARN)) // the room of the position
		s.reopen()
		checkRest("b a")
		must(t, s.DeleteRoom(ctx, newRoom("b", 0).ARN))
		checkRest("a")
		must(t, s.DeleteRoom(ctx, newRoom("a", 0).ARN))
		checkRest("")
	})
}

func TestAFilteredListHasTheMatchingRoomsOnly(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		x, y := newLogging("x", 0), newLogging("y", 0)
		s.createLogging(x, y)
		for i, id := range numberedIDs("r", 8) {
			r := newRoom(id, i)
			if i&1 != 0 {
				r.Name = "name"
			}
			if i&2 != 0 {
				r.MessageReviewHandler = &ivschat.MessageReviewHandler{
					URI: "uri", FallbackResult: ivschat.FallbackAllow,
				}
			}
			if i&4 != 0 {
				r.LoggingConfigurationIdentifiers = []ivschat.ARN{y.ARN, x.ARN}
			}
			s.createRooms(r)
		}
		xARN := x.ARN.String()
		for want, filter := range map[string]ivschat.RoomFilter{
			"r007 r005 r003 r001": {Name: "name"},
			"r007 r006 r003 r002": {MessageReviewHandlerURI: "uri"},
			"r007 r006 r005 r004": {LoggingConfigurationIdentifier: xARN},
			"r007 r003":           {Name: "name", MessageReviewHandlerURI: "uri"},
			"r007": {
				Name: "name", MessageReviewHandlerURI: "uri", LoggingConfigurationIdentifier: xARN,
			},
			"": {Name: "nam"},
		} {
			checkEqual(t, "in one page", s.roomIDs(owner, filter), want)
			var paged []string
			s.pageThrough(filter, 1, func(_ ivschat.Page, rooms []ivschat.Room, _ bool) {
				paged = append(paged, strings.Fields(idsOf(rooms))...)
			})
			checkEqual(t, "in pages of one", strings.Join(paged, " "), want)
		}
	})
}

// A countingContext ends after a number of checks.
type countingContext struct {
	context.Context
	checks, limit int
}

func (c *countingContext) Err() error {
	if c.checks++; c.checks > c.limit {
		return context.Canceled
	}
	return nil
}

func TestAListStopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	for _, id := range numberedIDs("r", 20) {
		room := newRoom(id, 0)
		room.Name = "name"
		s.createRooms(room)
		s.createLogging(newLogging(id, 0))
	}
	page := ivschat.Page{Limit: largeLimit}
	resources := func(ctx context.Context) (int, []byte, error) {
		r, err := s.Resources(ctx, "")
		return len(r.Rooms) + len(r.LoggingConfigurations), nil, err
	}
	for name, test := range map[string]struct {
		checks int // that the context allows
		list   func(context.Context) (length int, next []byte, err error)
	}{
		"rooms": {10, func(ctx context.Context) (int, []byte, error) {
			rooms, next, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, page)
			return len(rooms), next, err
		}},
		"rooms that do not match": {10, func(ctx context.Context) (int, []byte, error) {
			rooms, next, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{
				Name: "name", MessageReviewHandlerURI: "none",
			}, page)
			return len(rooms), next, err
		}},
		"logging configurations": {10, func(ctx context.Context) (int, []byte, error) {
			configurations, next, err := s.ListLoggingConfigurations(ctx, owner, page)
			return len(configurations), next, err
		}},
		"resources, in the rooms":                  {10, resources},
		"resources, in the logging configurations": {30, resources},
	} {
		ends := &countingContext{Context: ctx, limit: test.checks}
		length, next, err := test.list(ends)
		if !errors.Is(err, context.Canceled) || length != 0 || next != nil {
			t.Errorf("%s: got %d items, next %x and the error %v", name, length, next, err)
		}
		if ends.checks != ends.limit+1 {
			t.Errorf("%s: the context ended at check %d, but was checked %d times", name, ends.limit+1, ends.checks)
		}
	}
}
