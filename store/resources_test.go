package store_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func (b *bench) resources(account string) ivschat.Resources {
	b.t.Helper()
	w, err := b.Resources(ctx, account)
	must(b.t, err)
	return w
}

func TestAWorldIsReplacedByAnother(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createLogging(logging("l", 0))
		first := room("a", 1)
		first.LoggingConfigurationIdentifiers = []ivschat.ARN{logging("l", 0).ARN}
		b.createRooms(first, room("b", 1), room("c", 2))
		before := b.resources("")
		must(t, b.Replace(ctx, "", ivschat.Resources{}))
		if after := b.resources(""); len(after.Rooms)+len(after.LoggingConfigurations) != 0 {
			t.Errorf("left: %+v", after)
		}
		must(t, b.Replace(ctx, "", before))
		b.reopen()
		if after := b.resources(""); !reflect.DeepEqual(after, before) {
			t.Errorf("got  %+v\nwant %+v", after, before)
		}
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "c b a")
	})
}

func TestAWorldThatDoesNotFitChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("a", 1))
		orphan := room("b", 2)
		orphan.LoggingConfigurationIdentifiers = []ivschat.ARN{logging("absent", 0).ARN}
		refusal(t, b.Replace(ctx, "", ivschat.Resources{Rooms: []ivschat.Room{orphan, room("c", 3)}}), ivschat.ResourceNotFoundException)
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "a")
	})
}

func TestOneAccountIsReplacedAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		other := room("other", 0)
		other.ARN.Owner.AccountID = "999999999999"
		b.createRooms(room("mine", 0), other)
		must(t, b.Replace(ctx, owner.AccountID, ivschat.Resources{}))
		if left := b.resources(""); len(left.Rooms) != 1 || left.Rooms[0].ARN != other.ARN {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestSeedingAgainChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("there", 0))
		seed := ivschat.Resources{Rooms: []ivschat.Room{room("a", 5), room("b", 5)}, LoggingConfigurations: []ivschat.LoggingConfiguration{logging("l", 5)}}
		must(t, b.Seed(ctx, seed))
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "a b there")
		before := b.resources("")
		for i := range seed.Rooms { // a later start
			seed.Rooms[i].CreateTime, seed.Rooms[i].UpdateTime = start.Add(time.Hour), start.Add(time.Hour)
		}
		seed.LoggingConfigurations[0].CreateTime, seed.LoggingConfigurations[0].UpdateTime = start.Add(time.Hour), start.Add(time.Hour)
		must(t, b.Seed(ctx, seed))
		if after := b.resources(""); !reflect.DeepEqual(after, before) {
			t.Errorf("got  %+v\nwant %+v", after, before)
		}
		seed.Rooms[1].Name = "changed"
		must(t, b.Seed(ctx, seed))
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "b a there")
		if got := b.resources("").Rooms[0]; got.Name != "changed" || !got.CreateTime.Equal(before.Rooms[1].CreateTime) || !got.UpdateTime.Equal(start.Add(time.Hour)) {
			t.Errorf("the changed room is %+v", got)
		}
	})
}

func TestNothingThatIsMadeBesideASeedIsLost(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const each = 50
		var all sync.WaitGroup
		all.Go(func() {
			for i := range each {
				if err := b.CreateRoom(ctx, room(fmt.Sprintf("made%08d", i), i), plenty); err != nil {
					t.Error(err)
				}
			}
		})
		for i := range each {
			if err := b.Seed(ctx, ivschat.Resources{Rooms: []ivschat.Room{room(fmt.Sprintf("seed%08d", i), i)}}); err != nil {
				t.Error(err)
			}
		}
		all.Wait()
		if left := len(b.resources("").Rooms); left != 2*each {
			t.Errorf("%d of %d rooms are there", left, 2*each)
		}
	})
}
