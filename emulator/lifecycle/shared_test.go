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

// newNode returns what a node has that shares a store and the time with others.
func newNode(t *testing.T, s *store.Store, c *clock.Clock) *crowd {
	l := lifecycle.New(lifecycle.Config{
		Store: s, Clock: c, Delay: delay, Logger: warnings(io.Discard), Shared: true,
	})
	t.Cleanup(l.Close)
	return &crowd{l, t, s, c}
}

func mustCreate(t *testing.T, c *crowd, n int) ivschat.LoggingConfiguration {
	t.Helper()
	if err := c.create(n); err != nil {
		t.Fatal(err)
	}
	created, err := c.store.LoggingConfiguration(t.Context(), arnOf(ivschat.LoggingConfigurationResource, n))
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func TestATransitionEndsOnAnotherNodeIfTheOneIsGoneOnWhichItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.OpenInMemory()
		first, second := newNode(t, s, clock.New()), newNode(t, s, clock.New())
		second.Began(mustCreate(t, first, 0))
		first.Close()
		time.Sleep(delay - time.Nanosecond)
		synctest.Wait()
		second.check(0, ivschat.LoggingConfigurationCreating)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		second.check(0, ivschat.LoggingConfigurationActive)
	})
}

func TestANodeEndsNoTransitionBeforeItHasTheTimeOfTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ahead := store.OpenInMemory(), clock.New()
		ahead.Advance(time.Hour)
		first := newNode(t, s, ahead)
		mustCreate(t, first, 0)
		first.Close()
		late := clock.New()
		second := newNode(t, s, late)
		second.check(0, ivschat.LoggingConfigurationCreating)
		late.Advance(time.Hour)
		second.Resume()
		second.check(0, ivschat.LoggingConfigurationCreating)
		late.Advance(delay)
		second.check(0, ivschat.LoggingConfigurationActive)
	})
}

// An uncertainStore makes a write, but cannot say that all nodes have it.
type uncertainStore struct{ *store.Store }

func (s uncertainStore) CreateLoggingConfiguration(
	ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
) error {
	return errors.Join(s.Store.CreateLoggingConfiguration(ctx, configuration, quota),
		&ivschat.Exception{Type: ivschat.ServiceUnavailable})
}

func TestATransitionEndsThoughItsBeginningIsPerhapsNotOnAllNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, clock := store.OpenInMemory(), clock.New()
		config := lifecycle.Config{Store: uncertainStore{s}, Clock: clock, Delay: delay, Logger: warnings(io.Discard)}
		c := &crowd{lifecycle.New(config), t, s, clock}
		defer c.Close()
		if err := c.create(0); err == nil {
			t.Error("the failure of the cluster is not told")
		}
		c.clock.Advance(delay)
		c.check(0, ivschat.LoggingConfigurationActive)
	})
}
