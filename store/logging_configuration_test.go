package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestALoggingConfigurationIsStoredUntilItIsDeleted(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		destinations := []ivschat.DestinationConfiguration{
			{S3: &ivschat.S3DestinationConfiguration{BucketName: "b"}},
			{CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "g"}},
			{Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "s"}},
			{},
		}
		for i, destination := range destinations {
			c := newLogging("only", i)
			c.DestinationConfiguration = destination
			s.createLogging(c)
			s.reopen()
			got, err := s.LoggingConfiguration(ctx, c.ARN)
			must(t, err)
			checkEqual(t, "created", got, c)

			c.Name, c.Tags, c.UpdateTime = "näme", ivschat.Tags{"k": "v"}, c.UpdateTime.Add(time.Hour)
			c.DestinationConfiguration = destinations[(i+1)%len(destinations)]
			update := func(target *ivschat.LoggingConfiguration) error { *target = c; return nil }
			updated, err := s.UpdateLoggingConfiguration(ctx, c.ARN, update)
			must(t, err)
			checkEqual(t, "returned by the update", updated, c)
			s.reopen()
			listed, _, err := s.ListLoggingConfigurations(ctx, owner, ivschat.Page{Limit: largeLimit})
			must(t, err)
			checkEqual(t, "listed", listed, []ivschat.LoggingConfiguration{c})

			must(t, s.deleteLogging(c.ARN))
			s.reopen()
			unexpected := func(*ivschat.LoggingConfiguration) error { t.Error("a deleted one was changed"); return nil }
			_, getting := s.LoggingConfiguration(ctx, c.ARN)
			_, updating := s.UpdateLoggingConfiguration(ctx, c.ARN, unexpected)
			for _, err := range []error{getting, updating, s.DeleteLoggingConfiguration(ctx, c.ARN, unexpected)} {
				checkException(t, err, ivschat.ResourceNotFoundException)
			}
		}
	})
}

func TestALoggingConfigurationInUseCannotBeDeleted(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		one, two := newLogging("one", 0), newLogging("two", 0)
		prefix := newLogging("on", 0) // another ID begins with this one
		s.createLogging(one, two, prefix)
		s.createRooms(newFullRoom("a", one.ARN, two.ARN), newFullRoom("b", one.ARN))
		s.reopen()
		must(t, s.deleteLogging(prefix.ARN))
		checkInUse := func(c ivschat.LoggingConfiguration, by string) {
			t.Helper()
			e := checkException(t, s.deleteLogging(c.ARN), ivschat.ConflictException)
			if e.ResourceID != c.ARN.ID || !strings.Contains(e.Message, "room "+by) {
				t.Errorf("the exception is %+v", e)
			}
		}
		checkInUse(one, "a")
		checkInUse(two, "a")
		must(t, s.DeleteRoom(ctx, newRoom("a", 0).ARN))
		must(t, s.deleteLogging(two.ARN))
		checkInUse(one, "b")
		b := newRoom("b", 0).ARN
		_, err := s.UpdateRoom(ctx, b, func(r *ivschat.Room) { r.Name = "still attached" })
		must(t, err)
		checkInUse(one, "b")
		_, err = s.UpdateRoom(ctx, b, func(r *ivschat.Room) { r.LoggingConfigurationIdentifiers = nil })
		must(t, err)
		must(t, s.deleteLogging(one.ARN))
		checkEqual(t, "the remaining logging configurations", s.loggingIDs(), "")
	})
}

func TestAttachingAMissingLoggingConfigurationChangesNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		one, two, missing := newLogging("one", 0), newLogging("two", 0), newLogging("missing", 0)
		r := newFullRoom("a", one.ARN)
		s.createLogging(one, two)
		s.createRooms(r, newRoom("last", 0))
		checkNotFound := func(err error) {
			t.Helper()
			if e := checkException(t, err, ivschat.ResourceNotFoundException); e.ResourceID != "missing" {
				t.Errorf("the resource is %q", e.ResourceID)
			}
		}
		checkNotFound(s.CreateRoom(ctx, newFullRoom("b", two.ARN, missing.ARN), largeLimit))
		_, err := s.UpdateRoom(ctx, r.ARN, func(r *ivschat.Room) {
			r.Name, r.UpdateTime = "changed", r.UpdateTime.Add(time.Hour)
			r.LoggingConfigurationIdentifiers = []ivschat.ARN{two.ARN, missing.ARN}
		})
		checkNotFound(err)
		s.reopen()
		got, err := s.Room(ctx, r.ARN)
		must(t, err)
		checkEqual(t, "the room", got, r)
		checkEqual(t, "the list", s.roomIDs(owner, ivschat.RoomFilter{}), "a last")
		must(t, s.deleteLogging(two.ARN))
		checkException(t, s.deleteLogging(one.ARN), ivschat.ConflictException)
		must(t, s.CreateRoom(ctx, newRoom("b", 0), 3)) // the refused one does not count
	})
}
