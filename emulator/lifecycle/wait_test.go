package lifecycle_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/lifecycle"
	"github.com/ivschat-local/ivschat-local/store"
)

// A slowStore needs a minute to end transitions.
type slowStore struct{ *store.Store }

func (s slowStore) EndTransitions(
	ctx context.Context, account string, due func(ivschat.LoggingConfiguration) (time.Time, bool),
) ([]ivschat.LoggingConfiguration, error) {
	time.Sleep(time.Minute)
	return s.Store.EndTransitions(ctx, account, due)
}

// newSlow returns a crowd of one whose store is slow.
func newSlow(t *testing.T) *crowd {
	s, c := store.OpenInMemory(), clock.New()
	config := lifecycle.Config{Store: slowStore{s}, Clock: c, Delay: delay, Logger: warnings(io.Discard)}
	return &crowd{lifecycle.New(config), t, s, c}
}

// create creates the logging configuration with the number.
func (c *crowd) create(n int) error {
	arn := arnOf(ivschat.LoggingConfigurationResource, n)
	now := c.clock.Account(arn.Owner.AccountID).Now()
	return c.CreateLoggingConfiguration(c.t.Context(),
		ivschat.LoggingConfiguration{ARN: arn, CreateTime: now}, 1, false)
}

// check checks the state of the logging configuration with the number.
func (c *crowd) check(n int, want ivschat.LoggingConfigurationState) {
	c.t.Helper()
	got, err := c.store.LoggingConfiguration(c.t.Context(), arnOf(ivschat.LoggingConfigurationResource, n))
	if err != nil || got.State != want {
		c.t.Errorf("it is %s (%v), want %s", got.State, err, want)
	}
}

func TestWhoMovesTheClockWaitsForASlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlow(t)
		if err := c.create(0); err != nil {
			t.Fatal(err)
		}
		c.clock.Advance(delay)
		c.check(0, ivschat.LoggingConfigurationActive)
		c.Close()
	})
}

func TestCloseWaitsForTheEndThatIsBeingStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlow(t)
		if err := c.create(0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay + time.Second) // the store has begun
		c.check(0, ivschat.LoggingConfigurationCreating)
		c.Close()
		c.check(0, ivschat.LoggingConfigurationActive)
	})
}

func TestAfterCloseNothingEndsAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		if err := c.create(0); err != nil {
			t.Fatal(err)
		}
		c.Close()
		if err := c.create(1); err != nil {
			t.Fatal(err)
		}
		c.clock.Advance(delay)
		c.check(0, ivschat.LoggingConfigurationCreating)
		c.check(1, ivschat.LoggingConfigurationCreating)
	})
}

// Otherwise, requests of many accounts would take memory.
func TestOnlyATransitionSetsAnAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		arn := arnOf(ivschat.LoggingConfigurationResource, 0)
		checkAlarms := func(want int) {
			t.Helper()
			if got := c.Alarms(); got != want {
				t.Errorf("%d alarms are set, want %d", got, want)
			}
		}
		now := c.clock.Now()
		_ = c.DeleteLoggingConfiguration(t.Context(), arn, now, false)
		_, _ = c.UpdateLoggingConfiguration(t.Context(), arn, now, false, func(*ivschat.LoggingConfiguration) {})
		checkAlarms(0)
		if err := c.create(0); err != nil {
			t.Fatal(err)
		}
		checkAlarms(1)
		if c.create(0) == nil || c.create(2) == nil { // its ID is taken, and the quota is one
			t.Error("they were created")
		}
		checkAlarms(1)
		if err := c.create(1); err != nil { // of the other account
			t.Fatal(err)
		}
		checkAlarms(2)
		c.clock.Advance(delay)
		checkAlarms(0)
	})
}

// An unsureStore stores a logging configuration, but cannot say that it is on the disk.
type unsureStore struct{ *store.Store }

func (s unsureStore) CreateLoggingConfiguration(
	ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
) error {
	return errors.Join(s.Store.CreateLoggingConfiguration(ctx, configuration, quota), errors.New("disk failure"))
}

func TestATransitionEndsThoughItsBeginningIsPerhapsNotOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := store.OpenInMemory(), clock.New()
		config := lifecycle.Config{Store: unsureStore{s}, Clock: clock, Delay: delay, Logger: warnings(io.Discard)}
		c := &crowd{lifecycle.New(config), t, s, clock}
		defer c.Close()
		if err := c.create(0); err == nil {
			t.Error("the failure of the disk is not told")
		}
		c.clock.Advance(delay)
		c.check(0, ivschat.LoggingConfigurationActive)
	})
}
