package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Concurrent writes share transactions. Each must still succeed or fail by itself.
func TestWritesThatShareACommitFailByThemselves(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		const callers, quota = 64, 10
		var all sync.WaitGroup
		errs := make([]error, callers)
		for i := range callers {
			all.Go(func() {
				room := newRoom(fmt.Sprintf("room%08d", i), 0)
				errs[i] = s.CreateRoom(ctx, room, quota)
				if errs[i] != nil {
					return
				}
				change := func(tags ivschat.Tags) error { tags["k"] = room.ARN.ID; return nil }
				if err := s.ChangeTags(ctx, room.ARN, change); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		s.reopen()
		created := 0
		for i, err := range errs {
			arn := newRoom(fmt.Sprintf("room%08d", i), 0).ARN
			room, reading := s.Room(ctx, arn)
			switch {
			case err == nil:
				created++
				if reading != nil || room.Tags["k"] != arn.ID {
					t.Errorf("%s was created, but is %+v (%v)", arn, room, reading)
				}
			case reading == nil:
				t.Errorf("%s exists, but creating it returned %v", arn, err)
			default:
				checkException(t, err, ivschat.ServiceQuotaExceededException)
			}
		}
		if created != quota {
			t.Errorf("%d rooms were created, want %d", created, quota)
		}
	})
}

func TestAWriteThatPanicsFailsAlone(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		room := newRoom("aaaaaaaaaaaa", 0)
		must(t, s.CreateRoom(ctx, room, largeLimit))
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				_, err := s.UpdateRoom(ctx, room.ARN, func(r *ivschat.Room) {
					if i == 7 {
						panic("on purpose")
					}
					r.Name += "x"
				})
				if (err != nil) != (i == 7) {
					t.Errorf("update %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if got, err := s.Room(ctx, room.ARN); err != nil || len(got.Name) != len(room.Name)+15 {
			t.Errorf("the name of the room is %q (%v)", got.Name, err)
		}
	})
}

func TestARoomThatIsReadAfterAWriteIsTheWrittenOne(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		room := newRoom("aaaaaaaaaaaa", 0)
		must(t, s.CreateRoom(ctx, room, largeLimit))
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() { // so that the room is read at every moment
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = s.Room(ctx, room.ARN)
					}
				}
			})
		}
		for i := range 50 {
			name := fmt.Sprint("name", i)
			_, err := s.UpdateRoom(ctx, room.ARN, func(r *ivschat.Room) { r.Name = name })
			must(t, err)
			if got, err := s.Room(ctx, room.ARN); err != nil || got.Name != name {
				t.Errorf("the name was changed to %s, but is %q (%v)", name, got.Name, err)
			}
		}
		close(stop)
		readers.Wait()
		must(t, s.DeleteRoom(ctx, room.ARN))
		if _, err := s.Room(ctx, room.ARN); err == nil {
			t.Error("the room was deleted, but exists")
		}
	})
}
