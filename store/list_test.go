package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheResourceUpdatedLastComesFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		for i, seconds := range []int{5, 300, 0, -1, 5} { // neither the order of creation nor of ids
			id := fmt.Sprint("r", i)
			b.createRooms(room(id, seconds))
			b.createLogging(logging(id, seconds))
		}
		b.reopen()
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "r1 r4 r0 r2 r3")
		same(t, "logging configurations", b.loggingIDs(), "r1 r4 r0 r2 r3")
		b.touch("r3", 301)
		b.reopen()
		same(t, "after an update", b.roomIDs(owner, ivschat.RoomFilter{}), "r3 r1 r4 r0 r2")
		_, err := b.UpdateLoggingConfiguration(ctx, logging("r2", 0).ARN, func(c *ivschat.LoggingConfiguration) {
			c.UpdateTime = start.Add(300*time.Second - time.Nanosecond)
		})
		must(t, err)
		same(t, "after an update", b.loggingIDs(), "r1 r2 r4 r0 r3")
	})
}

func TestOfEqualTimesTheLatestChangeComesFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("a", 0), room("b", 0), room("c", 0), room("d", 0))
		same(t, "created", b.roomIDs(owner, ivschat.RoomFilter{}), "d c b a")
		b.touch("b", 0)
		b.touch("d", 0)
		same(t, "updated", b.roomIDs(owner, ivschat.RoomFilter{}), "d b c a")
		must(t, b.DeleteRoom(ctx, room("d", 0).ARN))
		b.reopen()
		b.createRooms(room("d", 0))
		b.touch("a", 0)
		same(t, "deleted and created again", b.roomIDs(owner, ivschat.RoomFilter{}), "a d b c")
	})
}

func TestPagesHoldEveryItemOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const n = 7
		for i, id := range names("r", n) {
			b.createRooms(room(id, i/2)) // pairs of equal time
			b.createLogging(logging(id, i/2))
		}
		whole := strings.Fields(b.roomIDs(owner, ivschat.RoomFilter{}))
		for limit := 1; limit <= n+1; limit++ {
			var rooms, configurations []string
			b.pageThrough(ivschat.RoomFilter{}, limit, func(page ivschat.Page, items []ivschat.Room, more bool) {
				if len(items) == 0 || len(items) != limit && more {
					t.Fatalf("a page of %d has %d items, and more is %t", limit, len(items), more)
				}
				others, _, err := b.ListLoggingConfigurations(ctx, owner, page)
				must(t, err)
				for i := range items {
					rooms, configurations = append(rooms, items[i].ARN.ID), append(configurations, others[i].ARN.ID)
				}
			})
			same(t, fmt.Sprint("rooms in pages of ", limit), rooms, whole)
			same(t, fmt.Sprint("logging configurations in pages of ", limit), configurations, whole)
		}
	})
}

// A reader pages through the list while others change it.
type reader struct {
	*bench
	random  *rand.Rand
	touched map[string]bool // rooms that were changed since the reading began
	seconds int             // of the latest change
}

// disturb changes the list at random. It likes the rooms around the reader's
// place best.
func (r *reader) disturb(seen []string) {
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
		fresh := fmt.Sprint("new", r.seconds)
		r.createRooms(room(fresh, r.seconds))
		r.touched[fresh] = true
	case 1:
		r.touch(id, r.seconds)
		r.touched[id] = true
	case 2:
		must(r.t, r.DeleteRoom(ctx, room(id, 0).ARN))
		r.touched[id] = true
	}
}

func TestChangesBetweenPagesDoNotDisturbTheRest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := &reader{bench: inMemory(t), random: rand.New(rand.NewPCG(seed, 0)), touched: map[string]bool{}, seconds: 10}
		ids := names("r", 12)
		for i, id := range ids {
			r.createRooms(room(id, i/3))
		}
		limit := 1 + int(seed%4)
		var seen []string
		r.pageThrough(ivschat.RoomFilter{}, limit, func(_ ivschat.Page, rooms []ivschat.Room, _ bool) {
			seen = append(seen, strings.Fields(idsOf(rooms))...)
			for range 3 {
				r.disturb(seen)
			}
		})
		slices.Sort(seen)
		if once := slices.Compact(slices.Clone(seen)); len(once) != len(seen) {
			t.Errorf("seed %d: seen more than once: %v", seed, seen)
		}
		for _, id := range ids {
			if !r.touched[id] && !slices.Contains(seen, id) {
				t.Errorf("seed %d: %s was not seen", seed, id)
			}
		}
	}
}

func TestAPositionWhoseRoomIsGoneStillServes(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("a", 1), room("b", 2), room("c", 3), room("d", 4))
		_, after, err := b.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: 2})
		must(t, err)
		rest := func(want string) {
			t.Helper()
			rooms, next, err := b.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{After: after, Limit: 2})
			must(t, err)
			same(t, "the rest", idsOf(rooms), want)
			if next != nil {
				t.Error("there is more")
			}
		}
		rest("b a")
		must(t, b.DeleteRoom(ctx, room("c", 0).ARN)) // the room of the position
		b.reopen()
		rest("b a")
		must(t, b.DeleteRoom(ctx, room("b", 0).ARN))
		rest("a")
		must(t, b.DeleteRoom(ctx, room("a", 0).ARN))
		rest("")
	})
}

func TestAFilterKeepsWhatItNames(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		x, y := logging("x", 0), logging("y", 0)
		b.createLogging(x, y)
		for i, id := range names("r", 8) {
			r := room(id, i)
			if i&1 != 0 {
				r.Name = "name"
			}
			if i&2 != 0 {
				r.MessageReviewHandler = &ivschat.MessageReviewHandler{URI: "uri", FallbackResult: ivschat.FallbackAllow}
			}
			if i&4 != 0 {
				r.LoggingConfigurationIdentifiers = []ivschat.ARN{y.ARN, x.ARN}
			}
			b.createRooms(r)
		}
		for want, filter := range map[string]ivschat.RoomFilter{
			"r007 r005 r003 r001": {Name: "name"},
			"r007 r006 r003 r002": {MessageReviewHandlerURI: "uri"},
			"r007 r006 r005 r004": {LoggingConfigurationIdentifier: x.ARN.String()},
			"r007 r003":           {Name: "name", MessageReviewHandlerURI: "uri"},
			"r007":                {Name: "name", MessageReviewHandlerURI: "uri", LoggingConfigurationIdentifier: x.ARN.String()},
			"":                    {Name: "nam"},
		} {
			same(t, "all at once", b.roomIDs(owner, filter), want)
			var paged []string
			b.pageThrough(filter, 1, func(_ ivschat.Page, rooms []ivschat.Room, _ bool) {
				paged = append(paged, strings.Fields(idsOf(rooms))...)
			})
			same(t, "one by one", strings.Join(paged, " "), want)
		}
	})
}
