package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Writes that come together share a transaction. Each must still succeed or
// fail on its own.
func TestWritesThatShareACommitFailOnTheirOwn(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const callers, quota = 64, 10
		var all sync.WaitGroup
		errs := make([]error, callers)
		for i := range callers {
			all.Go(func() {
				room := room(fmt.Sprintf("room%08d", i), 0)
				errs[i] = b.CreateRoom(ctx, room, quota)
				if errs[i] != nil {
					return
				}
				if err := b.ChangeTags(ctx, room.ARN, func(tags ivschat.Tags) error { tags["k"] = room.ARN.ID; return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		b.reopen()
		made := 0
		for i, err := range errs {
			arn := room(fmt.Sprintf("room%08d", i), 0).ARN
			room, missing := b.Room(ctx, arn)
			switch {
			case err == nil:
				made++
				if missing != nil || room.Tags["k"] != arn.ID {
					t.Errorf("%s was acknowledged and is %+v, %v", arn, room, missing)
				}
			case missing == nil:
				t.Errorf("%s was refused with %v and is there", arn, err)
			default:
				refusal(t, err, ivschat.ServiceQuotaExceededException)
			}
		}
		if made != quota {
			t.Errorf("%d rooms were made where %d are allowed", made, quota)
		}
	})
}

func TestAWriteThatPanicsFailsAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		room := room("aaaaaaaaaaaa", 0)
		must(t, b.CreateRoom(ctx, room, plenty))
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				_, err := b.UpdateRoom(ctx, room.ARN, func(r *ivschat.Room) {
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
		if got, err := b.Room(ctx, room.ARN); err != nil || len(got.Name) != len(room.Name)+15 {
			t.Errorf("the room is called %q, %v", got.Name, err)
		}
	})
}

func TestWhoeverReadsARoomSeesTheLatestThatWasAcknowledged(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		room := room("aaaaaaaaaaaa", 0)
		must(t, b.CreateRoom(ctx, room, plenty))
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() { // so that the room is read at every moment
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = b.Room(ctx, room.ARN)
					}
				}
			})
		}
		for i := range 50 {
			name := fmt.Sprint("name", i)
			_, err := b.UpdateRoom(ctx, room.ARN, func(r *ivschat.Room) { r.Name = name })
			must(t, err)
			if got, err := b.Room(ctx, room.ARN); err != nil || got.Name != name {
				t.Errorf("after it was called %s it is %q, %v", name, got.Name, err)
			}
		}
		close(stop)
		readers.Wait()
		must(t, b.DeleteRoom(ctx, room.ARN))
		if _, err := b.Room(ctx, room.ARN); err == nil {
			t.Error("it was deleted and is there")
		}
	})
}
