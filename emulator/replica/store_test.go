package replica

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/store"
)

// openStore starts a node with a store.
func openStore(t *testing.T, server *natsserver.Server, name string) *store.Store {
	t.Helper()
	var s *store.Store
	joinNATS(t, server, name, func(c *cluster.Cluster) {
		var err error
		if s, err = store.OpenShared(t.Context(), c.Data()); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

func storedRoom(number int) ivschat.Room {
	return ivschat.Room{
		ARN: ivschat.ARN{
			Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
			ResourceType: ivschat.RoomResource, ID: fmt.Sprintf("Number%06d", number),
		},
		CreateTime: time.Unix(1, 0), UpdateTime: time.Unix(1, 0), MaximumMessageLength: 500,
	}
}

func TestStoresThatAreFilledOverNATSKeepQuotasAndHaveTheSame(t *testing.T) {
	server := natsserver.Start(t)
	stores := []*store.Store{openStore(t, server, "a"), openStore(t, server, "b"), openStore(t, server, "c")}
	const quota = 8
	change := func(s *store.Store, random *rand.Rand) error {
		room := storedRoom(random.IntN(12))
		switch random.IntN(6) {
		case 0:
			return s.DeleteRoom(t.Context(), room.ARN)
		case 1:
			return s.ChangeTags(t.Context(), room.ARN, func(tags ivschat.Tags) error { tags["k"] += "x"; return nil })
		case 2:
			return s.Seed(t.Context(), ivschat.Resources{Rooms: []ivschat.Room{storedRoom(0)}})
		default:
			return s.CreateRoom(t.Context(), room, quota)
		}
	}
	var changing sync.WaitGroup
	for i := range 6 {
		changing.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for range 100 {
				s := stores[i%3]
				err := change(s, random)
				if exception, ok := errors.AsType[*ivschat.Exception](err); err != nil &&
					(!ok || exception.Type == ivschat.ServiceUnavailable) && !errors.Is(err, ivschat.ErrIDTaken) {
					t.Error(err)
				}
				r, err := s.Resources(t.Context(), "")
				if err != nil || len(r.Rooms) > quota+1 { // a seed has no quota
					t.Errorf("there are %d rooms (%v)", len(r.Rooms), err)
				}
			}
		})
	}
	changing.Wait()
	stores = append(stores, openStore(t, server, "d"))
	want, err := stores[0].Resources(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stores[1:] {
		if got, err := s.Resources(t.Context(), ""); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("a store has\n%+v (%v), and another one\n%+v", got, err, want)
		}
	}
}

func TestALongReplacementOverNATSIsSeenWhole(t *testing.T) {
	server := natsserver.Start(t)
	stores := []*store.Store{openStore(t, server, "a"), openStore(t, server, "b")}
	var r ivschat.Resources
	for i := range 20_000 { // more than a message of NATS can have
		r.Rooms = append(r.Rooms, storedRoom(i))
	}
	ended, end := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		for ended.Err() == nil {
			owners, err := stores[1].Owners(t.Context())
			if n := owners[r.Rooms[0].ARN.Owner]; err != nil || n != 0 && n != len(r.Rooms) {
				t.Errorf("there are %d rooms (%v)", n, err)
				return
			}
		}
	})
	for _, resources := range []ivschat.Resources{r, {}, r} {
		if err := stores[0].Replace(t.Context(), "", resources); err != nil {
			t.Error(err)
		}
		if owners, err := stores[1].Owners(t.Context()); err != nil || owners[r.Rooms[0].ARN.Owner] != len(resources.Rooms) {
			t.Errorf("the owners are %v (%v)", owners, err)
		}
	}
	end()
	reading.Wait()
}
