package store_test

import (
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// newInTransition returns a logging configuration that is in transition since so many seconds after start.
func newInTransition(
	id string, seconds int, state, to ivschat.LoggingConfigurationState,
) ivschat.LoggingConfiguration {
	c := newLogging(id, seconds)
	c.Name, c.State = "before", state
	c.Outcome = &ivschat.LoggingConfigurationOutcome{
		State: to, Name: "after",
		DestinationConfiguration: ivschat.DestinationConfiguration{
			Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "stream"},
		},
	}
	return c
}

// endedAt returns the logging configuration as it is when its transition has ended at that time.
func endedAt(c ivschat.LoggingConfiguration, at time.Time) ivschat.LoggingConfiguration {
	return ivschat.LoggingConfiguration{
		ARN: c.ARN, CreateTime: c.CreateTime, UpdateTime: at, Tags: c.Tags,
		State: c.Outcome.State, Name: c.Outcome.Name, DestinationConfiguration: c.Outcome.DestinationConfiguration,
	}
}

func TestATransitionIsStoredUntilItEnds(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		for i, destination := range []ivschat.DestinationConfiguration{
			{S3: &ivschat.S3DestinationConfiguration{BucketName: "b"}},
			{CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "g"}},
			{Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "s"}},
		} {
			c := newInTransition("only", i, ivschat.LoggingConfigurationUpdating, ivschat.LoggingConfigurationActive)
			c.Tags, c.Outcome.DestinationConfiguration = ivschat.Tags{"k": "v"}, destination
			s.createLogging(c)
			s.reopen()
			got, err := s.LoggingConfiguration(ctx, c.ARN)
			must(t, err)
			checkEqual(t, "during the transition", got, c)

			must(t, s.ChangeTags(ctx, c.ARN, func(tags ivschat.Tags) error { tags["more"] = "x"; return nil }))
			c.Tags = ivschat.Tags{"k": "v", "more": "x"}
			waiting, err := s.EndTransitions(ctx, "", dueAt(start, c.ARN.ID))
			must(t, err)
			checkEqual(t, "waiting", len(waiting), 0)
			s.reopen()
			got, err = s.LoggingConfiguration(ctx, c.ARN)
			must(t, err)
			checkEqual(t, "after the transition", got, endedAt(c, start))
			must(t, s.deleteLogging(c.ARN))
		}
	})
}

// dueAt makes the transitions of the logging configurations with the IDs due at the time.
func dueAt(at time.Time, ids ...string) func(ivschat.LoggingConfiguration) (time.Time, bool) {
	return func(c ivschat.LoggingConfiguration) (time.Time, bool) {
		for _, id := range ids {
			if c.ARN.ID == id {
				return at, true
			}
		}
		return time.Time{}, false
	}
}

func TestOnlyTransitionsOfTheAccountThatAreDueEnd(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		creating := newInTransition("creating", 1, ivschat.LoggingConfigurationCreating,
			ivschat.LoggingConfigurationCreateFailed)
		updating := newInTransition("updating", 2, ivschat.LoggingConfigurationUpdating,
			ivschat.LoggingConfigurationActive)
		deleting := newInTransition("deleting", 3, ivschat.LoggingConfigurationDeleting,
			ivschat.LoggingConfigurationDeleted)
		waits := newInTransition("waits", 4, ivschat.LoggingConfigurationDeleting, ivschat.LoggingConfigurationDeleted)
		active := newLogging("active", 5)
		other := newInTransition("other", 6, ivschat.LoggingConfigurationCreating, ivschat.LoggingConfigurationActive)
		other.ARN.Owner.AccountID = "210987654321"
		s.createLogging(creating, updating, deleting, waits, active, other)
		s.reopen()

		at := start.Add(time.Minute)
		isDue := dueAt(at, "creating", "updating", "deleting", "active", "other")
		waiting, err := s.EndTransitions(ctx, owner.AccountID, isDue)
		must(t, err)
		checkEqual(t, "still in transition", waiting, []ivschat.LoggingConfiguration{waits})
		s.reopen()
		all, err := s.Resources(ctx, "")
		must(t, err)
		// With the same time, the one that was updated last still comes first.
		checkEqual(t, "all", all.LoggingConfigurations, []ivschat.LoggingConfiguration{
			endedAt(updating, at), endedAt(creating, at), active, waits, other,
		})
		must(t, s.CreateLoggingConfiguration(ctx, newLogging("new", 0), 5)) // the deleted one does not count

		waiting, err = s.EndTransitions(ctx, "", isDue)
		must(t, err)
		checkEqual(t, "of all accounts", waiting, []ivschat.LoggingConfiguration{waits})
		got, err := s.LoggingConfiguration(ctx, other.ARN)
		must(t, err)
		checkEqual(t, "of the other account", got, endedAt(other, at))
	})
}

func TestARoomCannotReferToALoggingConfigurationThatIsBeingDeleted(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		deleting := newInTransition("deleting", 0, ivschat.LoggingConfigurationDeleting,
			ivschat.LoggingConfigurationDeleted)
		updating := newInTransition("updating", 0, ivschat.LoggingConfigurationUpdating,
			ivschat.LoggingConfigurationActive)
		s.createLogging(deleting, updating)
		s.createRooms(newFullRoom("a", updating.ARN))
		refer := func(r *ivschat.Room) { r.LoggingConfigurationIdentifiers = []ivschat.ARN{deleting.ARN} }
		_, updateErr := s.UpdateRoom(ctx, newRoom("a", 0).ARN, refer)
		for _, err := range []error{
			updateErr,
			s.CreateRoom(ctx, newFullRoom("b", deleting.ARN), largeLimit),
			s.Seed(ctx, ivschat.Resources{Rooms: []ivschat.Room{newFullRoom("c", deleting.ARN)}}),
		} {
			if e := checkException(t, err, ivschat.ResourceNotFoundException); e.ResourceID != "deleting" {
				t.Errorf("the exception is %+v", e)
			}
		}
	})
}

func TestADeletionThatTakesTimeIsRefusedAtItsBeginningIfARoomRefersToIt(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		c := newLogging("used", 0)
		s.createLogging(c)
		s.createRooms(newFullRoom("a", c.ARN))
		toDeleting := func(c *ivschat.LoggingConfiguration) error {
			c.State = ivschat.LoggingConfigurationDeleting
			return nil
		}
		checkException(t, s.DeleteLoggingConfiguration(ctx, c.ARN, toDeleting), ivschat.ConflictException)
		must(t, s.DeleteRoom(ctx, newRoom("a", 0).ARN))
		must(t, s.DeleteLoggingConfiguration(ctx, c.ARN, toDeleting))
		got, err := s.LoggingConfiguration(ctx, c.ARN)
		must(t, err)
		checkEqual(t, "the state", got.State, ivschat.LoggingConfigurationDeleting)
	})
}

func TestAChangeThatIsRefusedChangesNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		c := newLogging("c", 0)
		s.createLogging(c)
		refusal := ivschat.Conflict(c.ARN, "is not to be changed")
		refuse := func(c *ivschat.LoggingConfiguration) error {
			c.Name, c.State = "changed", ivschat.LoggingConfigurationDeleted
			return refusal
		}
		_, err := s.UpdateLoggingConfiguration(ctx, c.ARN, refuse)
		for _, err := range []error{err, s.DeleteLoggingConfiguration(ctx, c.ARN, refuse)} {
			if err != refusal {
				t.Errorf("the error is %v", err)
			}
		}
		got, err := s.LoggingConfiguration(ctx, c.ARN)
		must(t, err)
		checkEqual(t, "the logging configuration", got, c)
	})
}
