package store

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// namedRooms returns rooms of someOwner with names of their own and one review handler.
func namedRooms(n int) []ivschat.Room {
	rooms := make([]ivschat.Room, n)
	for i := range rooms {
		rooms[i] = roomOf(someOwner, fmt.Sprintf("%08x", uint32(i)*2654435761)) // not in the order of their IDs
		rooms[i].Name = fmt.Sprint("name", i)
		rooms[i].MessageReviewHandler = &ivschat.MessageReviewHandler{URI: "uri"}
	}
	return rooms
}

func storeWith(t *testing.T, s *Store, rooms []ivschat.Room) *Store {
	t.Helper()
	t.Cleanup(func() { s.Close() })
	if err := s.Replace(t.Context(), "", ivschat.Resources{Rooms: rooms}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAReadAllocatesNothingButItsResult(t *testing.T) {
	rooms := namedRooms(20_000)
	for _, n := range []int{100, len(rooms)} {
		s := storeWith(t, OpenInMemory(), rooms[:n])
		last := rooms[n-1]
		page := ivschat.Page{Limit: 50}
		for name, test := range map[string]struct {
			read func() error
			want float64
		}{
			"Room": {func() error { _, err := s.Room(t.Context(), last.ARN); return err }, 0},
			"Tags": {func() error { _, err := s.Tags(t.Context(), last.ARN); return err }, 0},
			"ListRooms by name": {func() error {
				_, _, err := s.ListRooms(t.Context(), someOwner, ivschat.RoomFilter{Name: last.Name}, page)
				return err
			}, 1},
			"ListRooms by a name that no room has": {func() error {
				_, _, err := s.ListRooms(t.Context(), someOwner, ivschat.RoomFilter{Name: "none"}, page)
				return err
			}, 0},
			"ListRooms by review handler": {func() error { // which all rooms have
				filter := ivschat.RoomFilter{MessageReviewHandlerURI: "uri"}
				_, _, err := s.ListRooms(t.Context(), someOwner, filter, page)
				return err
			}, 9},
		} {
			allocations := testing.AllocsPerRun(100, func() {
				if err := test.read(); err != nil {
					t.Error(err)
				}
			})
			if allocations > test.want {
				t.Errorf("%s of %d rooms allocates %v times, want %v", name, n, allocations, test.want)
			}
		}
	}
}

func TestAWriteInMemoryAllocatesLittle(t *testing.T) {
	const writes, want, wantBytes = 900, 56.5, 6300 // 55.0 or, with -race, 56.0
	rooms := namedRooms(20_000 + writes)
	s := storeWith(t, OpenInMemory(), rooms[:20_000])
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, room := range rooms[20_000:] {
		if err := s.CreateRoom(t.Context(), room, len(rooms)); err != nil {
			t.Error(err)
		}
	}
	runtime.ReadMemStats(&after)
	allocations := float64(after.Mallocs-before.Mallocs) / writes
	size := (after.TotalAlloc - before.TotalAlloc) / writes
	if allocations > want || size > wantBytes {
		t.Errorf("CreateRoom allocates %.2f times and %d bytes, want %v and %d", allocations, size, want, wantBytes)
	}
}

// pages returns how many pages of the file a write writes.
func pages(t *testing.T, s *Store, write func() error) float64 {
	t.Helper()
	before := s.db.Stats()
	if err := write(); err != nil {
		t.Fatal(err)
	}
	after := s.db.Stats()
	return float64(after.TxStats.GetPageCount() - before.TxStats.GetPageCount())
}

func TestAWriteOnDiskWritesFewPagesHoweverManyRoomsThereAre(t *testing.T) {
	t.Parallel()
	rooms := namedRooms(20_100)
	for n, want := range map[int]float64{100: 6.5, 20_000: 7.5} {
		s := storeWith(t, storeWith(t, smallStore(t), rooms[:n]), rooms[:n]) // which leaves free pages
		written := pages(t, s, func() error {
			for _, room := range rooms[20_000:] {
				if err := s.CreateRoom(t.Context(), room, len(rooms)); err != nil {
					return err
				}
			}
			return nil
		})
		if written /= 100; written > want {
			t.Errorf("with %d rooms, CreateRoom writes %v pages, want %v", n, written, want)
		}
	}
}

func TestARestoreWritesPagesInProportionToItsRooms(t *testing.T) {
	t.Parallel()
	rooms := namedRooms(20_000)
	const want = 0.024 // pages for each room
	for _, n := range []int{2000, len(rooms)} {
		for name, restore := range map[string]func(*Store, ivschat.Resources) error{
			"Replace": func(s *Store, r ivschat.Resources) error { return s.Replace(t.Context(), "", r) },
			"Seed":    func(s *Store, r ivschat.Resources) error { return s.Seed(t.Context(), r) },
		} {
			s := smallStore(t)
			written := pages(t, s, func() error { return restore(s, ivschat.Resources{Rooms: rooms[:n]}) })
			if written > want*float64(n) {
				t.Errorf("%s of %d rooms writes %v pages, want at most %v", name, n, written, want*float64(n))
			}
		}
	}
}
