package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestARoomIsStoredUntilItIsDeleted(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createLogging(newLogging("one", 0), newLogging("two", 0))
		plain := newRoom("plain", 0)
		full := newFullRoom("full", newLogging("two", 0).ARN, newLogging("one", 0).ARN)
		s.createRooms(plain, full)
		s.reopen()
		for _, want := range []ivschat.Room{plain, full} {
			got, err := s.Room(ctx, want.ARN)
			must(t, err)
			checkEqual(t, "created", got, want)
		}
		checkEqual(t, "listed", s.roomIDs(owner, ivschat.RoomFilter{}), "full plain")

		plain, full = newFullRoom("plain", newLogging("one", 0).ARN), newRoom("full", 0)
		plain.UpdateTime = plain.UpdateTime.Add(time.Hour)
		for _, want := range []ivschat.Room{plain, full} {
			updated, err := s.UpdateRoom(ctx, want.ARN, func(r *ivschat.Room) { *r = want })
			must(t, err)
			checkEqual(t, "returned by the update", updated, want)
			s.reopen()
			got, err := s.Room(ctx, want.ARN)
			must(t, err)
			checkEqual(t, "updated", got, want)
		}

		must(t, s.DeleteRoom(ctx, full.ARN))
		s.reopen()
		_, err := s.Room(ctx, full.ARN)
		checkException(t, err, ivschat.ResourceNotFoundException)
		checkEqual(t, "listed after the deletion", s.roomIDs(owner, ivschat.RoomFilter{}), "plain")
	})
}

func TestAMissingRoomIsNotFound(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		for i := range 2 { // first with an owner that has no rooms
			missing := newRoom("missing", 0).ARN
			_, getting := s.Room(ctx, missing)
			unexpected := func(*ivschat.Room) { t.Error("a missing room was updated") }
			_, updating := s.UpdateRoom(ctx, missing, unexpected)
			for _, err := range []error{getting, updating, s.DeleteRoom(ctx, missing)} {
				if e := checkException(t, err, ivschat.ResourceNotFoundException); e.ResourceID != "missing" {
					t.Errorf("the resource is %q", e.ResourceID)
				}
			}
			s.createRooms(newRoom(fmt.Sprint("other", i), 0), newRoom("missing", 0))
			must(t, s.DeleteRoom(ctx, missing))
		}
	})
}

func TestAnIDIsUniqueForItsType(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		first := newFullRoom("same")
		s.createRooms(first)
		s.createLogging(newLogging("same", 0)) // another type
		for _, err := range []error{
			s.CreateRoom(ctx, newRoom("same", 9), largeLimit),
			s.CreateLoggingConfiguration(ctx, newLogging("same", 9), largeLimit),
		} {
			if want := "same: " + ivschat.ErrIDTaken.Error(); !errors.Is(err, ivschat.ErrIDTaken) ||
				err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		got, err := s.Room(ctx, first.ARN)
		must(t, err)
		checkEqual(t, "the first", got, first)
		checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "same")
		checkEqual(t, "logging configurations", s.loggingIDs(), "same")
	})
}

func TestAQuotaIsExactAndADeletionFreesPartOfIt(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		const quota = 3
		elsewhere := newRoom("elsewhere", 0)
		elsewhere.ARN.Owner.Region = "eu-west-1"
		s.createRooms(elsewhere)
		for _, id := range numberedIDs("r", quota) {
			must(t, s.CreateRoom(ctx, newRoom(id, 0), quota))
			must(t, s.CreateLoggingConfiguration(ctx, newLogging(id, 0), quota))
		}
		for range 2 { // a refused one does not count
			s.reopen()
			creating := s.CreateRoom(ctx, newRoom("more", 0), quota)
			configuring := s.CreateLoggingConfiguration(ctx, newLogging("more", 0), quota)
			for what, err := range map[string]error{"rooms": creating, "logging configurations": configuring} {
				e := checkException(t, err, ivschat.ServiceQuotaExceededException)
				if want := ivschat.QuotaExceeded(owner, what, quota); e.Limit != quota ||
					e.ResourceID != owner.AccountID || e.Error() != want.Error() {
					t.Errorf("the exception is %+v", e)
				}
			}
		}
		must(t, s.DeleteRoom(ctx, newRoom("r001", 0).ARN))
		must(t, s.deleteLogging(newLogging("r001", 0).ARN))
		must(t, s.CreateRoom(ctx, newRoom("more", 0), quota))
		must(t, s.CreateLoggingConfiguration(ctx, newLogging("more", 0), quota))
		err := s.CreateRoom(ctx, newRoom("another", 0), quota)
		checkException(t, err, ivschat.ServiceQuotaExceededException)
		must(t, s.CreateRoom(ctx, newRoom("another", 0), quota+1))
		err = s.CreateLoggingConfiguration(ctx, newLogging("another", 0), 0)
		checkException(t, err, ivschat.ServiceQuotaExceededException)
	})
}

func TestOwnersDoNotSeeEachOther(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		owners := []ivschat.Owner{
			owner,
			{AccountID: owner.AccountID, Region: "eu-west-1"},
			{AccountID: "210987654321", Region: owner.Region},
		}
		for i, o := range owners {
			r, c := newRoom("same", 0), newLogging("same", 0)
			r.ARN.Owner, c.ARN.Owner, r.Name = o, o, o.String()
			if i == 0 {
				r.LoggingConfigurationIdentifiers = []ivschat.ARN{c.ARN}
			}
			must(t, s.CreateLoggingConfiguration(ctx, c, 1))
			must(t, s.CreateRoom(ctx, r, 1))
		}
		roomOf := func(i int) ivschat.ARN {
			return ivschat.ARN{Owner: owners[i], ResourceType: ivschat.RoomResource, ID: "same"}
		}
		must(t, s.ChangeTags(ctx, roomOf(1), func(tags ivschat.Tags) error { tags["of"] = "1"; return nil }))
		must(t, s.DeleteRoom(ctx, roomOf(2)))
		configuration := newLogging("same", 0).ARN
		checkException(t, s.deleteLogging(configuration), ivschat.ConflictException)
		configuration.Owner = owners[1] // whose room does not refer to it
		must(t, s.deleteLogging(configuration))

		for i, want := range []string{"same", "same", ""} {
			checkEqual(t, "the list of "+owners[i].String(), s.roomIDs(owners[i], ivschat.RoomFilter{}), want)
		}
		r, err := s.Room(ctx, roomOf(0))
		must(t, err)
		if r.Name != owners[0].String() || r.Tags != nil {
			t.Errorf("the first owner's room became %+v", r)
		}
		nobody := ivschat.Owner{AccountID: "0", Region: "r"}
		checkEqual(t, "the list of an owner without rooms", s.roomIDs(nobody, ivschat.RoomFilter{}), "")
	})
}
