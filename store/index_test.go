package store_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A model is what a store must have: its rooms, the one updated last first.
type model struct {
	*testStore
	rooms []ivschat.Room
}

func (m *model) remove(i int) { m.rooms = append(m.rooms[:i:i], m.rooms[i+1:]...) }

// randomize gives the room members that filters look at.
func randomize(r *ivschat.Room, random *rand.Rand, seconds int) {
	r.UpdateTime = newRoom("", seconds).UpdateTime
	r.Name = []string{"", "a", "b"}[random.IntN(3)]
	r.MessageReviewHandler = nil
	if uri := []string{"", "x", "y"}[random.IntN(3)]; uri != "" {
		r.MessageReviewHandler = &ivschat.MessageReviewHandler{URI: uri, FallbackResult: ivschat.FallbackAllow}
	}
	r.LoggingConfigurationIdentifiers = nil
	for _, id := range []string{"l", "k"} {
		if random.IntN(2) == 0 {
			arn := newLogging(id, 0).ARN
			r.LoggingConfigurationIdentifiers = append(r.LoggingConfigurationIdentifiers, arn)
		}
	}
}

// change makes a random change of the store and of the model.
func (m *model) change(random *rand.Rand, seconds int) {
	i := 0
	if len(m.rooms) > 0 {
		i = random.IntN(len(m.rooms))
	}
	switch n := random.IntN(8); {
	case len(m.rooms) < 3 || n < 3:
		r := newRoom(fmt.Sprint("r", seconds), seconds)
		randomize(&r, random, seconds)
		m.createRooms(r)
		m.rooms = append([]ivschat.Room{r}, m.rooms...)
	case n == 3:
		must(m.t, m.DeleteRoom(ctx, m.rooms[i].ARN))
		m.remove(i)
	case n < 7:
		r, err := m.UpdateRoom(ctx, m.rooms[i].ARN, func(r *ivschat.Room) { randomize(r, random, seconds) })
		must(m.t, err)
		m.remove(i)
		m.rooms = append([]ivschat.Room{r}, m.rooms...)
	default:
		arn, value := m.rooms[i].ARN, fmt.Sprint(seconds)
		must(m.t, m.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { tags["k"] = value; return nil }))
		m.rooms[i].Tags = ivschat.Tags{"k": value}
	}
}

// check compares every list, in pages, and every room.
func (m *model) check(random *rand.Rand) {
	m.t.Helper()
	for _, name := range []string{"", "a", "b", "none"} {
		for _, uri := range []string{"", "x", "y", "none"} {
			for _, id := range []string{"", "l", "k", "none"} {
				filter := ivschat.RoomFilter{Name: name, MessageReviewHandlerURI: uri}
				if id != "" {
					filter.LoggingConfigurationIdentifier = newLogging(id, 0).ARN.String()
				}
				var want, got []string
				for _, r := range m.rooms {
					if filter.Matches(r) {
						want = append(want, r.ARN.ID)
					}
				}
				m.pageThrough(filter, 1+random.IntN(9), func(_ ivschat.Page, rooms []ivschat.Room, _ bool) {
					got = append(got, strings.Fields(idsOf(rooms))...)
				})
				checkEqual(m.t, fmt.Sprintf("the list of %+v", filter), got, want)
			}
		}
	}
	for _, want := range m.rooms {
		r, err := m.Room(ctx, want.ARN)
		must(m.t, err)
		checkEqual(m.t, "a room", r, want)
	}
}

func TestListsAndRoomsAreTheSameAfterEveryChangeAndStart(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createLogging(newLogging("l", 0), newLogging("k", 0))
		random := rand.New(rand.NewPCG(7, 7))
		m := &model{testStore: s}
		for round := range 40 {
			for i := range 10 {
				m.change(random, 1+10*round+i)
			}
			if round%8 == 7 {
				s.reopen()
			}
			m.check(random)
		}
	})
}

func TestAFilterByAForeignOrMistypedLoggingConfigurationSelectsNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		l := newLogging("l", 0)
		s.createLogging(l)
		s.createRooms(newFullRoom("r", l.ARN))
		foreign := l.ARN
		foreign.Owner.Region = "eu-west-1"
		for _, identifier := range []string{foreign.String(), arnOf("room", "l").String(), "l"} {
			checkEqual(t, identifier, s.roomIDs(owner, ivschat.RoomFilter{LoggingConfigurationIdentifier: identifier}), "")
		}
		checkEqual(t, "its own", s.roomIDs(owner, ivschat.RoomFilter{LoggingConfigurationIdentifier: l.ARN.String()}), "r")
	})
}

func TestAPositionInATokenThatIsNoPositionBeginsTheList(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	s.createRooms(newRoom("a", 1), newRoom("b", 2))
	rooms, _, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{After: []byte("x"), Limit: 9})
	must(t, err)
	checkEqual(t, "rooms", idsOf(rooms), "b a")
}

// What was passed or returned before stays as it is, and so does what is stored.
func TestWhatIsStoredIsNotSharedWithThoseWhoChangeIt(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		l := newLogging("l", 0)
		l.Tags = ivschat.Tags{"a": "b"}
		r := newFullRoom("r", l.ARN)
		want := newFullRoom("r", l.ARN)
		s.createLogging(l)
		s.createRooms(r)
		r.Tags["new"] = "tag"
		r.MessageReviewHandler.URI = "changed"
		r.LoggingConfigurationIdentifiers[0].ID = "changed"
		l.Tags["a"] = "changed"
		l.DestinationConfiguration.S3.BucketName = "changed"
		got, err := s.Room(ctx, want.ARN)
		must(t, err)
		checkEqual(t, "the room", got, want)
		c, err := s.LoggingConfiguration(ctx, l.ARN)
		must(t, err)
		checkEqual(t, "the destination", c.DestinationConfiguration.S3.BucketName, "bucket")
		checkEqual(t, "the tags", c.Tags, ivschat.Tags{"a": "b"})

		must(t, s.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { clear(tags); return nil }))
		var kept ivschat.Tags
		must(t, s.ChangeTags(ctx, l.ARN, func(tags ivschat.Tags) error { kept = tags; tags["a"] = "c"; return nil }))
		kept["a"] = "changed"
		checkEqual(t, "what was read before", got, want)
		checkEqual(t, "the tags that were read before", c.Tags, ivschat.Tags{"a": "b"})
		tags, err := s.Tags(ctx, l.ARN)
		must(t, err)
		checkEqual(t, "the new tags", tags, ivschat.Tags{"a": "c"})
	})
}

func TestAReadSeesAllOfAReplacementOrNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		states := make([]ivschat.Resources, 2)
		for i := range states {
			l := newLogging(fmt.Sprint("l", i), i)
			for _, id := range numberedIDs(fmt.Sprint("r", i), 50+i) {
				states[i].Rooms = append(states[i].Rooms, newFullRoom(id, l.ARN))
			}
			states[i].LoggingConfigurations = []ivschat.LoggingConfiguration{l}
		}
		must(t, s.Replace(ctx, "", states[0]))
		done := make(chan struct{})
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					r, err := s.Resources(ctx, "")
					if err != nil || !reflect.DeepEqual(r, states[0]) && !reflect.DeepEqual(r, states[1]) {
						t.Errorf("a read has %d rooms (%v)", len(r.Rooms), err)
						return
					}
				}
			})
		}
		for i := range 20 {
			must(t, s.Replace(ctx, "", states[i%2]))
		}
		close(done)
		readers.Wait()
	})
}

func TestAReadDuringACommitSeesTheStateBefore(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		r, err := b.Room(ctx, newRoom("first", 0).ARN)
		must(t, err)
		checkEqual(t, "the name", r.Name, "")
		checkEqual(t, "the rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "first")
		checkEqual(t, "errors", b.finish(), []error{nil})
		checkEqual(t, "the rooms of the new name", b.roomIDs(owner, ivschat.RoomFilter{Name: "changed"}), "first")
	})
}
