package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestARoomIsKeptFromItsCreationToItsDeletion(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createLogging(logging("one", 0), logging("two", 0))
		plain, full := room("plain", 0), fullRoom("full", logging("two", 0).ARN, logging("one", 0).ARN)
		b.createRooms(plain, full)
		b.reopen()
		for _, want := range []ivschat.Room{plain, full} {
			got, err := b.Room(ctx, want.ARN)
			must(t, err)
			same(t, "created", got, want)
		}
		same(t, "listed", b.roomIDs(owner, ivschat.RoomFilter{}), "full plain")

		plain, full = fullRoom("plain", logging("one", 0).ARN), room("full", 0)
		plain.UpdateTime = plain.UpdateTime.Add(time.Hour)
		for _, want := range []ivschat.Room{plain, full} {
			updated, err := b.UpdateRoom(ctx, want.ARN, func(r *ivschat.Room) { *r = want })
			must(t, err)
			same(t, "the answer to the update", updated, want)
			b.reopen()
			got, err := b.Room(ctx, want.ARN)
			must(t, err)
			same(t, "updated", got, want)
		}

		must(t, b.DeleteRoom(ctx, full.ARN))
		b.reopen()
		_, err := b.Room(ctx, full.ARN)
		refusal(t, err, ivschat.ResourceNotFoundException)
		same(t, "listed after the deletion", b.roomIDs(owner, ivschat.RoomFilter{}), "plain")
	})
}

func TestARoomThatIsNotThereIsNotFound(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		for i := range 2 { // before its owner has anything, and after
			gone := room("gone", 0).ARN
			_, getting := b.Room(ctx, gone)
			_, updating := b.UpdateRoom(ctx, gone, func(*ivschat.Room) { t.Error("there was something to update") })
			for _, err := range []error{getting, updating, b.DeleteRoom(ctx, gone)} {
				if e := refusal(t, err, ivschat.ResourceNotFoundException); e.ResourceID != "gone" {
					t.Errorf("the resource is %q", e.ResourceID)
				}
			}
			b.createRooms(room(fmt.Sprint("other", i), 0), room("gone", 0))
			must(t, b.DeleteRoom(ctx, gone))
		}
	})
}

func TestAnIDIsGivenOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		first := fullRoom("same")
		b.createRooms(first)
		b.createLogging(logging("same", 0)) // of another type, so no clash
		if err := b.CreateRoom(ctx, room("same", 9), plenty); err == nil {
			t.Error("a second room with the id was created")
		}
		if err := b.CreateLoggingConfiguration(ctx, logging("same", 9), plenty); err == nil {
			t.Error("a second logging configuration with the id was created")
		}
		got, err := b.Room(ctx, first.ARN)
		must(t, err)
		same(t, "the first", got, first)
		same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "same")
		same(t, "logging configurations", b.loggingIDs(), "same")
	})
}

func TestAQuotaIsExactAndDeletingMakesRoom(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const quota = 3
		elsewhere := room("elsewhere", 0)
		elsewhere.ARN.Owner.Region = "eu-west-1"
		b.createRooms(elsewhere)
		for _, id := range names("r", quota) {
			must(t, b.CreateRoom(ctx, room(id, 0), quota))
			must(t, b.CreateLoggingConfiguration(ctx, logging(id, 0), quota))
		}
		for range 2 { // being refused counts for nothing
			b.reopen()
			for _, err := range []error{b.CreateRoom(ctx, room("more", 0), quota), b.CreateLoggingConfiguration(ctx, logging("more", 0), quota)} {
				if e := refusal(t, err, ivschat.ServiceQuotaExceededException); e.Limit != quota || e.ResourceID != owner.AccountID {
					t.Errorf("the exception is %+v", e)
				}
			}
		}
		must(t, b.DeleteRoom(ctx, room("r001", 0).ARN))
		must(t, b.DeleteLoggingConfiguration(ctx, logging("r001", 0).ARN))
		must(t, b.CreateRoom(ctx, room("more", 0), quota))
		must(t, b.CreateLoggingConfiguration(ctx, logging("more", 0), quota))
		refusal(t, b.CreateRoom(ctx, room("another", 0), quota), ivschat.ServiceQuotaExceededException)
		must(t, b.CreateRoom(ctx, room("another", 0), quota+1))
		refusal(t, b.CreateLoggingConfiguration(ctx, logging("another", 0), 0), ivschat.ServiceQuotaExceededException)
	})
}

func TestOwnersDoNotSeeEachOther(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		owners := []ivschat.Owner{owner, {AccountID: owner.AccountID, Region: "eu-west-1"}, {AccountID: "210987654321", Region: owner.Region}}
		for i, o := range owners {
			r, c := room("same", 0), logging("same", 0)
			r.ARN.Owner, c.ARN.Owner, r.Name = o, o, o.String()
			if i == 0 {
				r.LoggingConfigurationIdentifiers = []ivschat.ARN{c.ARN}
			}
			must(t, b.CreateLoggingConfiguration(ctx, c, 1))
			must(t, b.CreateRoom(ctx, r, 1))
		}
		theirs := func(i int) ivschat.ARN { a := arnOf(ivschat.RoomResource, "same"); a.Owner = owners[i]; return a }
		must(t, b.ChangeTags(ctx, theirs(1), func(tags ivschat.Tags) error { tags["of"] = "1"; return nil }))
		must(t, b.DeleteRoom(ctx, theirs(2)))
		unused := logging("same", 0).ARN
		refusal(t, b.DeleteLoggingConfiguration(ctx, unused), ivschat.ConflictException)
		unused.Owner = owners[1]
		must(t, b.DeleteLoggingConfiguration(ctx, unused))

		for i, want := range []string{"same", "same", ""} {
			same(t, "the list of "+owners[i].String(), b.roomIDs(owners[i], ivschat.RoomFilter{}), want)
		}
		r, err := b.Room(ctx, theirs(0))
		must(t, err)
		if r.Name != owners[0].String() || r.Tags != nil {
			t.Errorf("the first owner's room became %+v", r)
		}
		same(t, "an owner without anything", b.roomIDs(ivschat.Owner{AccountID: "0", Region: "r"}, ivschat.RoomFilter{}), "")
	})
}
