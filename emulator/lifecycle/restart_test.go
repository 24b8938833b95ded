package lifecycle_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// restart closes the emulator and starts another one with the same data, and transitions that last so long.
func (a account) restart(dir string, delay time.Duration) account {
	a.t.Helper()
	if err := a.Close(); err != nil {
		a.t.Fatal(err)
	}
	return startWith(a.t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
}

func TestATransitionGoesOnAfterARestart(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		dir := t.TempDir()
		a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		arn := begin(a)
		time.Sleep(delay / 2)
		a = a.restart(dir, delay)
		a.expect(arn, during)
		a.Advance(delay/2 - time.Nanosecond)
		a.expect(arn, during)
		a.Advance(time.Nanosecond)
		a.expect(arn, after)
	})
}

func TestATransitionThatIsOverAtTheStartHasEnded(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		dir := t.TempDir()
		a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		arn := begin(a)
		a.expect(arn, during)
		a.must(a.Close())
		time.Sleep(3 * delay)
		a = startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		a.expect(arn, after)
		if c, err := a.get(arn); err == nil && time.Since(*c.UpdateTime) < delay {
			t.Errorf("it ended at %s, which is not when it was over", c.UpdateTime)
		}
	})
}

func TestATransitionEndsAfterARestartWithAnotherDelay(t *testing.T) {
	for _, changed := range []time.Duration{0, time.Second, 5 * delay} {
		t.Run(changed.String(), func(t *testing.T) {
			inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
				dir := t.TempDir()
				a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
				arn := begin(a)
				a = a.restart(dir, changed)
				if changed > 0 {
					a.expect(arn, during)
				}
				a.Advance(changed)
				a.expect(arn, after)
			})
		})
	}
}

// The clock starts at the machine's time again, so the time of the end can be years away.
func TestNoTransitionHangsWhenTheClockWasAheadBeforeARestart(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		dir := t.TempDir()
		a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		a.Advance(10 * 365 * 24 * time.Hour)
		arn := begin(a)
		a.expect(arn, during)
		a = a.restart(dir, delay)
		a.expect(arn, after)
	})
}

func TestATransitionThatIsOverEndsThoughTheAlarmIsOfAnEarlierClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		a.Advance(24 * time.Hour)
		early := a.create()
		a.Clock().Reset()
		late := a.create() // sets an earlier alarm
		a.Advance(delay)
		a.expect(early, "ACTIVE old old-bucket")
		a.expect(late, "ACTIVE old old-bucket")
	})
}

func TestAnEndThatCannotBeStoredIsTriedAgainUntilItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		log := new(strings.Builder)
		a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay, Logger: warnings(log)})
		arn := a.create()
		moved := filepath.Join(dir, "moved")
		rename(t, filepath.Join(dir, store.File), moved)
		a.Advance(delay)
		a.expect(arn, "CREATING old old-bucket")
		if _, err := a.tryCreate(); err == nil { // nobody knows whether it is stored, so it sets an alarm
			t.Error("it was created")
		}
		time.Sleep(time.Minute - time.Second)
		a.expect(arn, "CREATING old old-bucket")
		rename(t, moved, filepath.Join(dir, store.File))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		a.expect(arn, "ACTIVE old old-bucket")
		lines := strings.Count(log.String(), "logging configurations stay CREATING, UPDATING or DELETING for now")
		if want := 1 + 59/5; lines != want {
			t.Errorf("the log says so %d times, want %d:\n%s", lines, want, log)
		}
	})
}

func TestCloseDoesNotWaitForTheNextAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		a := startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		arn := a.create()
		a.create()
		moved := filepath.Join(dir, "moved")
		rename(t, filepath.Join(dir, store.File), moved)
		a.Advance(delay)
		began := time.Now()
		a.must(a.Close())
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %s", took)
		}
		time.Sleep(time.Minute) // nothing is tried any more
		rename(t, moved, filepath.Join(dir, store.File))
		a = startWith(t, emulator.Config{DataDir: dir, LoggingConfigurationDelay: delay})
		a.expect(arn, "ACTIVE old old-bucket")
	})
}

func TestResetRemovesTransitionsForGood(t *testing.T) {
	for _, whose := range []string{"", "123456789012"} {
		inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
			a := start(t)
			arn := begin(a)
			a.must(a.Reset(t.Context(), whose))
			a.expect(arn, missing)
			a.Advance(100 * delay)
			a.expect(arn, missing)
			if resources, err := a.Resources(t.Context(), ""); err != nil || len(resources.LoggingConfigurations) != 0 {
				t.Errorf("it has %+v: %v", resources, err)
			}
		})
	}
}

func TestASnapshotHasWhatATransitionLeadsTo(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		document, err := a.Snapshot(t.Context(), "")
		a.must(err)
		a.expect(arn, during) // still
		a.must(a.Restore(t.Context(), "", document))
		a.expect(arn, after)
		a.Advance(100 * delay) // the transition that was replaced does nothing any more
		a.expect(arn, after)
	})
}

func TestATransitionThatWasReplacedDoesNotEndTheNextOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		arn := a.active()
		document, err := a.Snapshot(t.Context(), "")
		a.must(err)
		a.must(a.delete(arn))
		a.Advance(delay / 2)
		a.must(a.Restore(t.Context(), "", document))
		a.must(a.update(arn))
		a.Advance(delay / 2)
		a.expect(arn, "UPDATING old old-bucket")
		a.Advance(delay / 2)
		a.expect(arn, "ACTIVE new new-bucket")
	})
}

const seeded = `{"loggingConfigurations": [{"id": "LoggingConf1", "account": "123456789012", "name": "old",
	"destinationConfiguration": {"s3": {"bucketName": "old-bucket"}}}]}`

func TestASeedEndsATransition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		const arn = "arn:aws:ivschat:us-east-1:123456789012:logging-configuration/LoggingConf1"
		a.must(a.Seed(t.Context(), []byte(seeded)))
		a.expect(arn, "ACTIVE old old-bucket")
		for _, begin := range []func(string) error{a.update, a.delete} {
			a.must(begin(arn))
			a.must(a.Seed(t.Context(), []byte(seeded)))
			a.expect(arn, "ACTIVE old old-bucket")
			a.Advance(delay)
			a.expect(arn, "ACTIVE old old-bucket")
		}
	})
}

func TestASeedDoesNotDisturbTheTransitionsOfOthers(t *testing.T) {
	inEachTransition(t, func(t *testing.T, begin func(account) string, during, after string) {
		a := start(t)
		arn := begin(a)
		a.must(a.Seed(t.Context(), []byte(seeded)))
		a.expect(arn, during)
		a.Advance(delay)
		a.expect(arn, after)
	})
}

func TestASeedMayHaveEveryStateThatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		for _, state := range []ivschat.LoggingConfigurationState{
			ivschat.LoggingConfigurationActive, ivschat.LoggingConfigurationCreateFailed,
			ivschat.LoggingConfigurationUpdateFailed, ivschat.LoggingConfigurationDeleteFailed,
		} {
			document := strings.Replace(seeded, `"name"`, `"state": "`+string(state)+`", "name"`, 1)
			a.must(a.Seed(t.Context(), []byte(document)))
			a.expect("arn:aws:ivschat:us-east-1:123456789012:logging-configuration/LoggingConf1",
				string(state)+" old old-bucket")
			a.Advance(delay)
			text, err := a.Snapshot(t.Context(), "")
			a.must(err)
			a.must(a.Restore(t.Context(), "", text))
			a.expect("arn:aws:ivschat:us-east-1:123456789012:logging-configuration/LoggingConf1",
				string(state)+" old old-bucket")
		}
	})
}

func TestASeedCannotAttachALoggingConfigurationThatIsBeingDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t)
		arn := a.active()
		a.must(a.delete(arn))
		err := a.Seed(t.Context(), []byte(`{"rooms": [{"id": "RoomNumber01", "account": "123456789012",
			"loggingConfigurationIdentifiers": ["`+arn+`"]}]}`))
		if err == nil || !strings.Contains(err.Error(), arn) {
			t.Errorf("the error is %v", err)
		}
		a.Advance(delay)
		a.expect(arn, missing)
	})
}
