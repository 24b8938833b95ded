package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func (s *testStore) resources(account string) ivschat.Resources {
	s.t.Helper()
	r, err := s.Resources(ctx, account)
	must(s.t, err)
	return r
}

func TestReplaceRestoresResources(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createLogging(newLogging("l", 0))
		first := newRoom("a", 1)
		first.LoggingConfigurationIdentifiers = []ivschat.ARN{newLogging("l", 0).ARN}
		s.createRooms(first, newRoom("b", 1), newRoom("c", 2))
		before := s.resources("")
		must(t, s.Replace(ctx, "", ivschat.Resources{}))
		if after := s.resources(""); len(after.Rooms)+len(after.LoggingConfigurations) != 0 {
			t.Errorf("the remaining resources are %+v", after)
		}
		must(t, s.Replace(ctx, "", before))
		s.reopen()
		if after := s.resources(""); !reflect.DeepEqual(after, before) {
			t.Errorf("got  %+v\nwant %+v", after, before)
		}
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "c b a")
	})
}

func TestInvalidResourcesReplaceNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("a", 1))
		orphan := newRoom("b", 2)
		orphan.LoggingConfigurationIdentifiers = []ivschat.ARN{newLogging("absent", 0).ARN}
		err := s.Replace(ctx, "", ivschat.Resources{Rooms: []ivschat.Room{orphan, newRoom("c", 3)}})
		checkException(t, err, ivschat.ResourceNotFoundException)
		want := orphan.ARN.String() + ": " + ivschat.NotFound(newLogging("absent", 0).ARN).Error()
		checkEqual(t, "the error", err.Error(), want)
		err = s.Replace(ctx, "", ivschat.Resources{Rooms: []ivschat.Room{newRoom("b", 2), newRoom("b", 3)}})
		if !errors.Is(err, ivschat.ErrIDTaken) {
			t.Errorf("the error is %v", err)
		} else {
			checkEqual(t, "the error", err.Error(), newRoom("b", 0).ARN.String()+": "+ivschat.ErrIDTaken.Error())
		}
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "a")
	})
}

func TestReplacingOneAccountKeepsTheOthers(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		other := newRoom("other", 0)
		other.ARN.Owner.AccountID = "999999999999"
		s.createRooms(newRoom("mine", 0), other)
		must(t, s.Replace(ctx, owner.AccountID, ivschat.Resources{}))
		if left := s.resources(""); len(left.Rooms) != 1 || left.Rooms[0].ARN != other.ARN {
			t.Errorf("the remaining resources are %+v", left)
		}
	})
}

func TestSeedingAgainChangesNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("existing", 0))
		seed := ivschat.Resources{
			Rooms:                 []ivschat.Room{newRoom("a", 5), newRoom("b", 5)},
			LoggingConfigurations: []ivschat.LoggingConfiguration{newLogging("l", 5)},
		}
		must(t, s.Seed(ctx, seed))
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "a b existing")
		before := s.resources("")
		later := start.Add(time.Hour)
		for i := range seed.Rooms {
			seed.Rooms[i].CreateTime, seed.Rooms[i].UpdateTime = later, later
		}
		l := &seed.LoggingConfigurations[0]
		l.CreateTime, l.UpdateTime = later, later
		must(t, s.Seed(ctx, seed))
		if after := s.resources(""); !reflect.DeepEqual(after, before) {
			t.Errorf("got  %+v\nwant %+v", after, before)
		}
		seed.Rooms[1].Name = "changed"
		must(t, s.Seed(ctx, seed))
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "b a existing")
		got := s.resources("").Rooms[0]
		if got.Name != "changed" || !got.CreateTime.Equal(before.Rooms[1].CreateTime) ||
			!got.UpdateTime.Equal(later) {
			t.Errorf("the changed room is %+v", got)
		}
	})
}

func TestRoomsCreatedDuringASeedAreNotLost(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		const each = 50
		var all sync.WaitGroup
		all.Go(func() {
			for i := range each {
				if err := s.CreateRoom(ctx, newRoom(fmt.Sprintf("room%08d", i), i), largeLimit); err != nil {
					t.Error(err)
				}
			}
		})
		for i := range each {
			seed := ivschat.Resources{Rooms: []ivschat.Room{newRoom(fmt.Sprintf("seed%08d", i), i)}}
			if err := s.Seed(ctx, seed); err != nil {
				t.Error(err)
			}
		}
		all.Wait()
		if got := len(s.resources("").Rooms); got != 2*each {
			t.Errorf("got %d rooms, want %d", got, 2*each)
		}
	})
}
