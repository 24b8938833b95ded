package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// sharing returns stores that follow a new log.
func sharing(t testing.TB, n int) (stores []*testStore) {
	log := newMemoryLog(t)
	for range n {
		stores = append(stores, log.sharing(t))
	}
	return stores
}

// once makes other do something before the next change of the store is added, so that it comes too late.
func (s *testStore) once(do func()) {
	s.node.beforeAppend = func() {
		s.node.beforeAppend = nil
		do()
	}
}

func TestAWriteIsSeenByAllStoresWhenItReturns(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 3)
	for i := range 30 {
		room := newFullRoom(fmt.Sprint("r", i))
		must(t, stores[i%3].CreateRoom(ctx, room, largeLimit))
		for _, s := range stores {
			got, err := s.Room(ctx, room.ARN)
			must(t, err)
			checkEqual(t, "the room", got, room)
		}
	}
	checkSame(t, stores[0], stores[1:]...)
}

func TestAWriteThatComesTooLateIsMadeAgainWithTheNewerContent(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	first, second := stores[0], stores[1]
	second.once(func() { first.createRooms(newRoom("a", 0)) })
	err := second.CreateRoom(ctx, newRoom("b", 0), 1)
	checkException(t, err, ivschat.ServiceQuotaExceededException)

	arn := newRoom("a", 0).ARN
	add := func(key string) func(ivschat.Tags) error {
		return func(tags ivschat.Tags) error { tags[key] = "x"; return nil }
	}
	second.once(func() { must(t, first.ChangeTags(ctx, arn, add("first"))) })
	must(t, second.ChangeTags(ctx, arn, add("second")))
	tags, err := first.Tags(ctx, arn)
	must(t, err)
	checkEqual(t, "the tags", tags, ivschat.Tags{"first": "x", "second": "x"})

	second.once(func() { must(t, first.DeleteRoom(ctx, arn)) })
	checkException(t, second.DeleteRoom(ctx, arn), ivschat.ResourceNotFoundException)
	checkEqual(t, "the number of conflicts", second.node.conflicts, 3)
}

func TestTransitionsThatEndAgainAreReportedOnce(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	waits, ends := newLogging("waits", 0), newLogging("ends", 0)
	for _, c := range []*ivschat.LoggingConfiguration{&waits, &ends} {
		c.State = ivschat.LoggingConfigurationCreating
		c.Outcome = &ivschat.LoggingConfigurationOutcome{
			State: ivschat.LoggingConfigurationActive, DestinationConfiguration: c.DestinationConfiguration,
		}
	}
	stores[0].createLogging(waits, ends)
	stores[1].once(func() { stores[0].createRooms(newRoom("a", 0)) })
	waiting, err := stores[1].EndTransitions(ctx, "", func(c ivschat.LoggingConfiguration) (time.Time, bool) {
		return start, c.ARN == ends.ARN
	})
	must(t, err)
	checkEqual(t, "those that wait", waiting, []ivschat.LoggingConfiguration{waits})
}

func TestAStoreTellsWhichTransitionsAnotherOneHasBegun(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	var mu sync.Mutex
	var told []string
	stores[1].OnTransition(func(c ivschat.LoggingConfiguration) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, c.ARN.ID)
	})
	stores[0].createLogging(newLogging("active", 0))
	begun := newLogging("begun", 0)
	begun.State, begun.Outcome = ivschat.LoggingConfigurationCreating, &ivschat.LoggingConfigurationOutcome{
		State: ivschat.LoggingConfigurationActive, DestinationConfiguration: begun.DestinationConfiguration,
	}
	stores[0].createLogging(begun)
	stores[0].createRooms(newRoom("a", 0))
	mu.Lock()
	defer mu.Unlock()
	checkEqual(t, "what it tells", told, []string{"begun"})
}

func TestAWriteWhoseContextEndsWhileAnotherStoreIsFasterIsNotMade(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	ending, cancel := context.WithCancel(ctx)
	stores[1].once(func() {
		stores[0].createRooms(newRoom("a", 0))
		cancel()
	})
	if err := stores[1].CreateRoom(ending, newRoom("b", 0), largeLimit); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	checkEqual(t, "rooms", stores[1].roomIDs(owner, ivschat.RoomFilter{}), "a")
}

func TestStoresThatRaceForTheLastPlaceKeepTheQuota(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	const callers, quota = 12, 7
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			err := stores[i%2].CreateRoom(ctx, newRoom(fmt.Sprint("r", i), 0), quota)
			if exception, ok := errors.AsType[*ivschat.Exception](err); err != nil &&
				(!ok || exception.Type != ivschat.ServiceQuotaExceededException) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	checkEqual(t, "the number of rooms", len(stores[0].resources("").Rooms), quota)
	checkSame(t, stores[0], stores[1])
}

func TestOfStoresThatRaceForAnIDOneGetsIt(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 3)
	for round := range 30 {
		room := newRoom(fmt.Sprint("r", round), 0)
		errs := make([]error, len(stores))
		var all sync.WaitGroup
		for i, s := range stores {
			all.Go(func() { errs[i] = s.CreateRoom(ctx, room, largeLimit) })
		}
		all.Wait()
		created := 0
		for _, err := range errs {
			if err == nil {
				created++
			} else if !errors.Is(err, ivschat.ErrIDTaken) {
				t.Error(err)
			}
		}
		checkEqual(t, "the number of stores that created the room", created, 1)
	}
}

func TestALoggingConfigurationIsNotDeletedWhileARoomOfAnotherStoreBeginsToUseIt(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	for round := range 50 {
		l := newLogging(fmt.Sprint("l", round), 0)
		stores[0].createLogging(l)
		var deleting, using error
		var all sync.WaitGroup
		all.Go(func() { deleting = stores[0].deleteLogging(l.ARN) })
		all.Go(func() {
			using = stores[1].CreateRoom(ctx, newFullRoom(fmt.Sprint("r", round), l.ARN), largeLimit)
		})
		all.Wait()
		if deleting == nil {
			checkException(t, using, ivschat.ResourceNotFoundException)
		} else {
			must(t, using)
			checkException(t, deleting, ivschat.ConflictException)
		}
	}
	checkSame(t, stores[0], stores[1])
}

func TestAnotherStoreSeesAllOfAReplacementOrNothing(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	states := []ivschat.Resources{}
	for _, prefix := range []string{"a", "b"} {
		var r ivschat.Resources
		for _, id := range numberedIDs(prefix, 20) {
			r.Rooms = append(r.Rooms, newRoom(id, 0))
		}
		states = append(states, r)
	}
	must(t, stores[0].Replace(ctx, "", states[1]))
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			ids := stores[1].roomIDs(owner, ivschat.RoomFilter{})
			if ids != strings.Join(numberedIDs("a", 20), " ") && ids != strings.Join(numberedIDs("b", 20), " ") {
				t.Errorf("the store has the rooms %s", ids)
				return
			}
		}
	})
	for i := range 40 {
		must(t, stores[0].Replace(ctx, owner.AccountID, states[i%2]))
	}
	close(stop)
	reader.Wait()
}

func TestOfAWriterThatDiesNothingIsSeen(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	stores[1].createRooms(newRoom("a", 0))
	stores[0].once(stores[0].node.die)
	err := stores[0].Replace(ctx, "", ivschat.Resources{Rooms: []ivschat.Room{newRoom("b", 0), newRoom("c", 0)}})
	exception := checkException(t, err, ivschat.ServiceUnavailable)
	checkEqual(t, "the message", exception.Message, "The change is not stored, or not yet: the node is dead")
	stores[1].touch("a", 1)
	checkEqual(t, "rooms", stores[1].roomIDs(owner, ivschat.RoomFilter{}), "a")
	if failed, ok := errors.AsType[*store.FileError](stores[0].Check()); !ok ||
		failed.Error() != "the data of the cluster cannot be changed now: the node is dead" {
		t.Errorf("the check returns %v", stores[0].Check())
	}
	must(t, stores[1].Check())
}

func TestRunsAreCountedForAllStores(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 3)
	var mu sync.Mutex
	var runs []uint64
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			run, err := stores[i%3].NextRun(ctx)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			runs = append(runs, run)
		})
	}
	all.Wait()
	slices.Sort(runs)
	for i, run := range runs {
		checkEqual(t, "a run", run, uint64(i))
	}
}

// changeAtRandom makes a random change, which may be refused.
func (s *testStore) changeAtRandom(random *rand.Rand, seconds int) error {
	r := newRoom(fmt.Sprint("r", random.IntN(20)), seconds)
	l := newLogging(fmt.Sprint("l", random.IntN(5)), seconds)
	r.ARN.Owner.Region = []string{"us-east-1", "eu-central-1"}[random.IntN(2)]
	l.ARN.Owner = r.ARN.Owner
	switch random.IntN(12) {
	case 0:
		return s.Replace(ctx, "", ivschat.Resources{Rooms: []ivschat.Room{newRoom("replacement", seconds), r}})
	case 1:
		return s.Seed(ctx, ivschat.Resources{Rooms: []ivschat.Room{newRoom("seed", seconds), r}})
	case 2:
		return s.CreateLoggingConfiguration(ctx, l, 3)
	case 3:
		return s.deleteLogging(l.ARN)
	case 4, 5:
		return s.DeleteRoom(ctx, r.ARN)
	case 6, 7:
		_, err := s.UpdateRoom(ctx, r.ARN, func(r *ivschat.Room) {
			r.LoggingConfigurationIdentifiers = []ivschat.ARN{l.ARN}
			r.UpdateTime = newRoom("", seconds).UpdateTime
		})
		return err
	case 8:
		return s.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { tags["k"] += "x"; return nil })
	case 9:
		_, err := s.NextRun(ctx)
		return err
	default:
		return s.CreateRoom(ctx, r, 8)
	}
}

func TestStoresHaveTheSameAfterRandomChanges(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 3)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for range 150 {
				err := stores[i%3].changeAtRandom(random, random.IntN(5))
				if _, refused := errors.AsType[*ivschat.Exception](err); err != nil && !refused &&
					!errors.Is(err, ivschat.ErrIDTaken) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	checkSame(t, stores[0], stores[1], stores[2], stores[0].log.sharing(t))
}

func TestManyStoresThatChangeTheSameRoomAllSucceed(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 4)
	room := newRoom("a", 0)
	stores[0].createRooms(room)
	const callers, each = 16, 20
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for range each {
				_, err := stores[i%len(stores)].UpdateRoom(ctx, room.ARN, func(r *ivschat.Room) { r.Name += "x" })
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, s := range stores {
		r, err := s.Room(ctx, room.ARN)
		must(t, err)
		checkEqual(t, "the number of changes", len(r.Name), callers*each)
	}
}

func TestASharedStoreThatWasClosedReturnsErrors(t *testing.T) {
	t.Parallel()
	stores := sharing(t, 2)
	must(t, stores[0].Close())
	stores[1].createRooms(newRoom("a", 0)) // which the closed one ignores
	if err := stores[0].CreateRoom(ctx, newRoom("b", 0), largeLimit); err == nil {
		t.Error("a closed store was changed")
	}
	if _, err := stores[0].Resources(ctx, ""); err == nil {
		t.Error("a closed store was read")
	}
	if _, content := stores[0].node.save(); content != nil {
		t.Error("a closed store has content")
	}
}

func TestASharedStoreHasNoUsedTokens(t *testing.T) {
	t.Parallel()
	s := sharing(t, 1)[0]
	if first, err := s.UseToken(ctx, "a", start, start); first || err == nil {
		t.Errorf("a use is the first: %t, and its error is %v", first, err)
	}
	if used, err := s.TokenUsed(ctx, "a", start); used || err == nil {
		t.Errorf("a token is used: %t, and the error is %v", used, err)
	}
}
