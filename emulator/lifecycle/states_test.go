package lifecycle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestWithoutADelayEveryTransitionEndsAtOnce(t *testing.T) {
	a := startWith(t, emulator.Config{})
	arn := a.create()
	a.expect(arn, "ACTIVE old old-bucket")
	a.must(a.update(arn))
	a.expect(arn, "ACTIVE new new-bucket")
	a.must(a.delete(arn))
	a.expect(arn, missing)
}

func TestWithoutADelayAFailureIsThereAtOnce(t *testing.T) {
	a := startWith(t, emulator.Config{})
	a.fail("CreateLoggingConfiguration")
	failed := a.create()
	a.expect(failed, "CREATE_FAILED old old-bucket")
	arn := a.create()
	a.fail("UpdateLoggingConfiguration")
	a.must(a.update(arn))
	a.expect(arn, "UPDATE_FAILED old old-bucket")
	a.fail("DeleteLoggingConfiguration")
	a.must(a.delete(arn))
	a.expect(arn, "DELETE_FAILED old old-bucket")
	a.must(a.delete(arn))
	a.expect(arn, missing)
	a.must(a.delete(failed))
	a.expect(failed, missing)
}

// inEachTransition calls the test with a logging configuration in each transition, with what is seen of it then, at
// its end, and at its end if it fails.
func inEachTransition(t *testing.T, test func(t *testing.T, begin func(account) (arn string), during, after string)) {
	t.Helper()
	for _, transition := range []struct {
		operation             string
		begin                 func(account) string
		during, after, failed string
	}{
		{
			"CreateLoggingConfiguration", account.create,
			"CREATING old old-bucket", "ACTIVE old old-bucket", "CREATE_FAILED old old-bucket",
		},
		{
			"UpdateLoggingConfiguration", func(a account) string {
				arn := a.active()
				a.must(a.update(arn))
				return arn
			},
			"UPDATING old old-bucket", "ACTIVE new new-bucket", "UPDATE_FAILED old old-bucket",
		},
		{
			"DeleteLoggingConfiguration", func(a account) string {
				arn := a.active()
				a.must(a.delete(arn))
				return arn
			},
			"DELETING old old-bucket", missing, "DELETE_FAILED old old-bucket",
		},
	} {
		t.Run(transition.operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, transition.begin, transition.during, transition.after) })
		})
		t.Run(transition.operation+" that fails", func(t *testing.T) {
			begin := func(a account) string {
				a.fail(transition.operation)
				return transition.begin(a)
			}
			synctest.Test(t, func(t *testing.T) { test(t, begin, transition.during, transition.failed) })
		})
	}
}

func TestATransitionEndsWhenTheDelayIsOverAndNotEarlier(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		a.expect(arn, during)
		a.Advance(delay - time.Nanosecond)
		a.expect(arn, during)
		a.Advance(time.Nanosecond)
		a.expect(arn, after)
		a.Advance(100 * delay)
		a.expect(arn, after)
	})
}

// The clock also runs by itself.
func TestATransitionEndsWithoutAnyoneWhoMovesTheClock(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		time.Sleep(delay - time.Nanosecond) // in the bubble, this takes no time
		a.expect(arn, during)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		a.expect(arn, after)
	})
}

func TestRepliesOfCreateAndUpdateShowWhatTheModelHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.fail("CreateLoggingConfiguration")
		failing, err := a.tryCreate()
		a.must(err)
		created, err := a.tryCreate()
		a.must(err)
		for _, reply := range []*ivschat.CreateLoggingConfigurationOutput{failing, created} {
			if reply.State != types.CreateLoggingConfigurationStateActive {
				t.Errorf("the state in the reply of CreateLoggingConfiguration is %s", reply.State)
			}
			a.expect(*reply.Arn, "CREATING old old-bucket")
		}
		a.Advance(delay)
		updated, err := a.sdk.UpdateLoggingConfiguration(t.Context(), &ivschat.UpdateLoggingConfigurationInput{
			Identifier: created.Arn, Name: aws.String("new"),
		})
		a.must(err)
		got := string(updated.State) + " " + *updated.Name + " " + bucketOf(updated.DestinationConfiguration)
		if want := "ACTIVE new old-bucket"; got != want {
			t.Errorf("the reply of UpdateLoggingConfiguration shows %s, want %s", got, want)
		}
		a.expect(*created.Arn, "UPDATING old old-bucket")
		a.Advance(delay)
		a.expect(*created.Arn, "ACTIVE new old-bucket")
	})
}

func TestTheUpdateTimeIsThatOfTheLatestChangeOfTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		checkUpdateTime := func(arn string, want time.Time) {
			t.Helper()
			c, err := a.get(arn)
			a.must(err)
			if !c.UpdateTime.Equal(want.Truncate(time.Millisecond)) {
				t.Errorf("%s: the update time is %s, want %s", c.State, c.UpdateTime, want)
			}
		}
		created := a.Clock().Now()
		arn := a.create()
		checkUpdateTime(arn, created)
		a.Advance(3 * delay) // further than to the end
		checkUpdateTime(arn, created.Add(delay))
		updated := a.Clock().Now()
		a.must(a.update(arn))
		checkUpdateTime(arn, updated)
		a.Advance(delay)
		checkUpdateTime(arn, updated.Add(delay))
		c, err := a.get(arn)
		a.must(err)
		if !c.CreateTime.Equal(created.Truncate(time.Millisecond)) {
			t.Errorf("the create time is %s, want %s", c.CreateTime, created)
		}
	})
}

func TestTheLoggingConfigurationWhoseStateChangedLastIsListedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.Clock().SetScale(0) // so that the first two are created at the same time
		checkOrder := func(want ...string) {
			t.Helper()
			for i, c := range a.list() {
				if *c.Arn != want[i] {
					t.Errorf("the logging configuration at %d is %s, want %s", i, *c.Arn, want[i])
				}
			}
		}
		first, second := a.create(), a.create()
		a.Advance(time.Second)
		third := a.create()
		checkOrder(third, second, first)
		a.Advance(delay - time.Second)
		checkOrder(second, first, third)
		a.Advance(time.Second)
		checkOrder(third, second, first)
	})
}

func TestDuringATransitionEveryChangeIsAConflict(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		state := during[:len("CREATING")]
		refuse[*types.ConflictException](t, a.update(arn), "is "+state+": wait until that has ended, and try again")
		refuse[*types.ConflictException](t, a.delete(arn), "is "+state+": wait until that has ended, and try again")
		a.expect(arn, during)
		a.Advance(delay)
		a.expect(arn, after)
	})
}

func TestTagsCanBeChangedDuringATransition(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		_, err := a.sdk.TagResource(t.Context(), &ivschat.TagResourceInput{
			ResourceArn: &arn, Tags: map[string]string{"team": "chat"},
		})
		a.must(err)
		a.expect(arn, during)
		a.Advance(delay)
		a.expect(arn, after)
		if c, err := a.get(arn); after != missing && (err != nil || c.Tags["team"] != "chat") {
			t.Errorf("afterwards, it is %+v: %v", c, err)
		}
	})
}

func TestOnlyActiveAndUpdateFailedCanBeUpdated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.fail("CreateLoggingConfiguration")
		arn := a.create()
		a.Advance(delay)
		refuse[*types.ConflictException](t, a.update(arn), "is CREATE_FAILED and cannot be updated: delete it")
		a.fail("DeleteLoggingConfiguration")
		a.must(a.delete(arn))
		a.Advance(delay)
		refuse[*types.ConflictException](t, a.update(arn), "is DELETE_FAILED and cannot be updated: delete it")
		a.must(a.delete(arn))
		a.Advance(delay)
		a.expect(arn, missing)

		arn = a.active()
		a.fail("UpdateLoggingConfiguration")
		a.must(a.update(arn))
		a.Advance(delay)
		a.must(a.update(arn))
		a.Advance(delay)
		a.expect(arn, "ACTIVE new new-bucket")
	})
}

func TestALoggingConfigurationCountsForTheQuotaUntilItIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := startWith(t, emulator.Config{LoggingConfigurationDelay: delay, LoggingConfigurationQuota: 1})
		checkFull := func() {
			t.Helper()
			_, err := a.tryCreate()
			refuse[*types.ServiceQuotaExceededException](t, err, "quota")
		}
		a.fail("CreateLoggingConfiguration")
		arn := a.create()
		checkFull()
		a.Advance(delay)
		checkFull() // CREATE_FAILED
		a.must(a.delete(arn))
		a.Advance(delay - 1)
		checkFull()
		a.Advance(1)
		a.create()
	})
}

func TestARoomCanHaveALoggingConfigurationUnlessThatIsBeingDeleted(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		attached, err := a.createRoom(arn)
		other := a.Room()
		if during == "DELETING old old-bucket" {
			refuse[*types.ResourceNotFoundException](t, err, "does not exist")
			refuse[*types.ResourceNotFoundException](t, a.attach(other, arn), "does not exist")
			a.Advance(delay)
			a.expect(arn, after)
			return
		}
		a.must(err)
		a.must(a.attach(other, arn))
		a.Advance(delay)
		a.expect(arn, after)
		refuse[*types.ConflictException](t, a.delete(arn), "is in use by room ")
		a.must(a.attach(attached))
		a.must(a.attach(other))
		a.must(a.delete(arn))
		a.Advance(delay)
		a.expect(arn, missing)
	})
}

func TestADeletionOfOneInUseThatIsToFailIsRefusedLikeEveryOther(t *testing.T) {
	for _, delay := range []time.Duration{0, delay} {
		synctest.Test(t, func(t *testing.T) {
			a := startWith(t, emulator.Config{LoggingConfigurationDelay: delay})
			arn := a.create()
			a.Advance(delay)
			_, err := a.createRoom(arn)
			a.must(err)
			a.fail("DeleteLoggingConfiguration")
			refuse[*types.ConflictException](t, a.delete(arn), "is in use by room ")
			a.expect(arn, "ACTIVE old old-bucket")
		})
	}
}

func TestADeletionThatFailedLetsTheLoggingConfigurationBeAttachedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		arn := a.active()
		a.fail("DeleteLoggingConfiguration")
		a.must(a.delete(arn))
		a.Advance(delay)
		_, err := a.createRoom(arn)
		a.must(err)
	})
}

func TestTransitionsFollowTheClockOfTheirAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		b := a.other("210987654321")
		mine, theirs := a.create(), b.create()
		a.Clock().Account("210987654321").Advance(delay)
		a.expect(mine, "CREATING old old-bucket")
		b.expect(theirs, "ACTIVE old old-bucket")
		a.Advance(delay)
		a.expect(mine, "ACTIVE old old-bucket")
	})
}

func TestAFrozenClockHoldsTransitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.Clock().SetScale(0)
		arn := a.create()
		time.Sleep(100 * delay)
		a.expect(arn, "CREATING old old-bucket")
		a.Clock().SetScale(1000)
		time.Sleep(delay / 1000)
		synctest.Wait()
		a.expect(arn, "ACTIVE old old-bucket")
	})
}

// waitFor polls a logging configuration once a second, as the Terraform provider for AWS does: until it has the target
// state, or does not exist if that is the target. The error says which other state is not one of the pending ones.
func (a account) waitFor(arn, target string, pending ...string) error {
	for range 1200 {
		state, _, _ := strings.Cut(a.seen(arn), " ")
		if state == target {
			return nil
		}
		if !slices.Contains(pending, state) {
			return fmt.Errorf("unexpected state %s", state)
		}
		time.Sleep(time.Second) // in the bubble, this takes no time
	}
	return errors.New("time-out")
}

func TestAWaiterSeesHowTransitionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		check := func(err error, want string) {
			t.Helper()
			if fmt.Sprint(err) != want {
				t.Errorf("the waiter ends with %v, want %s", err, want)
			}
		}
		began := time.Now()
		arn := a.create()
		check(a.waitFor(arn, "ACTIVE", "CREATING"), "<nil>")
		a.must(a.update(arn))
		check(a.waitFor(arn, "ACTIVE", "UPDATING"), "<nil>")
		a.fail("UpdateLoggingConfiguration")
		a.must(a.update(arn))
		check(a.waitFor(arn, "ACTIVE", "UPDATING"), "unexpected state UPDATE_FAILED")
		a.fail("DeleteLoggingConfiguration")
		a.must(a.delete(arn))
		check(a.waitFor(arn, missing, "DELETING", "ACTIVE"), "unexpected state DELETE_FAILED")
		a.must(a.delete(arn))
		check(a.waitFor(arn, missing, "DELETING", "ACTIVE"), "<nil>")
		a.fail("CreateLoggingConfiguration")
		check(a.waitFor(a.create(), "ACTIVE", "CREATING"), "unexpected state CREATE_FAILED")
		if took := time.Since(began); took < 6*delay || took > 7*delay {
			t.Errorf("all of it took %s, want six times %s", took, delay)
		}
	})
}

// A program that repeats what is a conflict, as Alchemy does, gets there in the end.
func TestTheSDKCanRepeatAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		arn := a.create()
		a.sdk = ivschat.NewFromConfig(a.Config(), func(o *ivschat.Options) {
			o.Retryer = retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.RateLimiter = 100, ratelimit.None
			}), "ConflictException")
		})
		a.must(a.update(arn))
		a.must(a.delete(arn))
		time.Sleep(delay)
		synctest.Wait()
		a.expect(arn, missing)
	})
}

func TestOnlyAnActiveLoggingConfigurationLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		arn := a.create()
		room, err := a.createRoom(arn)
		a.must(err)
		checkLogged := func(state string, want int) {
			t.Helper()
			if !strings.HasPrefix(a.seen(arn), state) {
				t.Errorf("it is %s, want %s", a.seen(arn), state)
			}
			_, err := a.sdk.SendEvent(t.Context(), &ivschat.SendEventInput{
				RoomIdentifier: &room, EventName: aws.String(state),
			})
			a.must(err)
			logged := 0
			for record := range a.ChatLogs().Records().All(0, journal.Filter{}) {
				if strings.Contains(string(record.Log.Record), `"`+state+`"`) {
					logged++
				}
			}
			if logged != want {
				t.Errorf("%s: there are %d records, want %d", state, logged, want)
			}
		}
		checkLogged("CREATING", 0)
		a.Advance(delay)
		checkLogged("ACTIVE", 1)
		a.fail("UpdateLoggingConfiguration")
		a.must(a.update(arn))
		checkLogged("UPDATING", 0)
		a.Advance(delay)
		checkLogged("UPDATE_FAILED", 0)
		a.must(a.update(arn))
		a.Advance(delay)
		checkLogged("ACTIVE", 2)
	})
}
