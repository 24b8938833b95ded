package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestALoggingConfigurationIsKeptFromItsCreationToItsDeletion(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		destinations := []ivschat.DestinationConfiguration{
			{S3: &ivschat.S3DestinationConfiguration{BucketName: "b"}},
			{CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "g"}},
			{Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "s"}},
		}
		for i, destination := range destinations {
			c := logging("only", i)
			c.DestinationConfiguration = destination
			b.createLogging(c)
			b.reopen()
			got, err := b.LoggingConfiguration(ctx, c.ARN)
			must(t, err)
			same(t, "created", got, c)

			c.Name, c.Tags, c.UpdateTime = "näme", ivschat.Tags{"k": "v"}, c.UpdateTime.Add(time.Hour)
			c.DestinationConfiguration = destinations[(i+1)%len(destinations)]
			updated, err := b.UpdateLoggingConfiguration(ctx, c.ARN, func(into *ivschat.LoggingConfiguration) { *into = c })
			must(t, err)
			same(t, "the answer to the update", updated, c)
			b.reopen()
			listed, _, err := b.ListLoggingConfigurations(ctx, owner, ivschat.Page{Limit: plenty})
			must(t, err)
			same(t, "listed", listed, []ivschat.LoggingConfiguration{c})

			must(t, b.DeleteLoggingConfiguration(ctx, c.ARN))
			b.reopen()
			_, getting := b.LoggingConfiguration(ctx, c.ARN)
			_, updating := b.UpdateLoggingConfiguration(ctx, c.ARN, func(*ivschat.LoggingConfiguration) { t.Error("there was something to update") })
			for _, err := range []error{getting, updating, b.DeleteLoggingConfiguration(ctx, c.ARN)} {
				refusal(t, err, ivschat.ResourceNotFoundException)
			}
		}
	})
}

func TestALoggingConfigurationInUseCannotBeDeleted(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		one, two, prefix := logging("one", 0), logging("two", 0), logging("on", 0) // no confusion with an id that begins alike
		b.createLogging(one, two, prefix)
		b.createRooms(fullRoom("a", one.ARN, two.ARN), fullRoom("b", one.ARN))
		b.reopen()
		must(t, b.DeleteLoggingConfiguration(ctx, prefix.ARN))
		inUse := func(c ivschat.LoggingConfiguration, by string) {
			t.Helper()
			e := refusal(t, b.DeleteLoggingConfiguration(ctx, c.ARN), ivschat.ConflictException)
			if e.ResourceID != c.ARN.ID || !strings.Contains(e.Message, "room "+by) {
				t.Errorf("the exception is %+v", e)
			}
		}
		inUse(one, "a")
		inUse(two, "a")
		must(t, b.DeleteRoom(ctx, room("a", 0).ARN))
		must(t, b.DeleteLoggingConfiguration(ctx, two.ARN))
		inUse(one, "b")
		_, err := b.UpdateRoom(ctx, room("b", 0).ARN, func(r *ivschat.Room) { r.Name = "still attached" })
		must(t, err)
		inUse(one, "b")
		_, err = b.UpdateRoom(ctx, room("b", 0).ARN, func(r *ivschat.Room) { r.LoggingConfigurationIdentifiers = nil })
		must(t, err)
		must(t, b.DeleteLoggingConfiguration(ctx, one.ARN))
		same(t, "what is left", b.loggingIDs(), "")
	})
}

func TestAttachingAMissingLoggingConfigurationChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		one, two, missing := logging("one", 0), logging("two", 0), logging("missing", 0)
		r := fullRoom("a", one.ARN)
		b.createLogging(one, two)
		b.createRooms(r, room("last", 0))
		notFound := func(err error) {
			t.Helper()
			if e := refusal(t, err, ivschat.ResourceNotFoundException); e.ResourceID != "missing" {
				t.Errorf("the resource is %q", e.ResourceID)
			}
		}
		notFound(b.CreateRoom(ctx, fullRoom("b", two.ARN, missing.ARN), plenty))
		_, err := b.UpdateRoom(ctx, r.ARN, func(r *ivschat.Room) {
			r.Name, r.UpdateTime = "changed", r.UpdateTime.Add(time.Hour)
			r.LoggingConfigurationIdentifiers = []ivschat.ARN{two.ARN, missing.ARN}
		})
		notFound(err)
		b.reopen()
		got, err := b.Room(ctx, r.ARN)
		must(t, err)
		same(t, "the room", got, r)
		same(t, "the list", b.roomIDs(owner, ivschat.RoomFilter{}), "a last")
		must(t, b.DeleteLoggingConfiguration(ctx, two.ARN))
		refusal(t, b.DeleteLoggingConfiguration(ctx, one.ARN), ivschat.ConflictException)
		must(t, b.CreateRoom(ctx, room("b", 0), 3)) // what was refused does not count
	})
}
