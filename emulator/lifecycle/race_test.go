package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/lifecycle"
	"github.com/ivschat-local/ivschat-local/store"
)

// A crowd changes logging configurations and rooms of two accounts at the same time.
type crowd struct {
	*lifecycle.Lifecycle
	t     *testing.T
	store *store.Store
	clock *clock.Clock
}

func newCrowd(t *testing.T) *crowd {
	s, c := store.OpenInMemory(), clock.New()
	l := lifecycle.New(lifecycle.Config{Store: s, Clock: c, Delay: delay, Logger: warnings(io.Discard)})
	t.Cleanup(func() {
		l.Close()
		_ = s.Close()
	})
	return &crowd{l, t, s, c}
}

// arnOf returns the ARN of one of 20 resources of that type in each of two accounts.
func arnOf(resource ivschat.ResourceType, n int) ivschat.ARN {
	owner := ivschat.Owner{AccountID: fmt.Sprintf("%012d", n%2), Region: "us-east-1"}
	return ivschat.ARN{Owner: owner, ResourceType: resource, ID: fmt.Sprintf("Number%06d", n%20)}
}

// act makes a random change, which may be refused.
func (c *crowd) act(ctx context.Context, n int) error {
	arn := arnOf(ivschat.LoggingConfigurationResource, n)
	room := arnOf(ivschat.RoomResource, n)
	now, fails := c.clock.Account(arn.Owner.AccountID).Now(), rand.N(2) == 0
	switch rand.N(8) {
	case 0, 1:
		created := ivschat.LoggingConfiguration{ARN: arn, Name: "old", CreateTime: now, UpdateTime: now}
		return c.CreateLoggingConfiguration(ctx, created, 1000, fails)
	case 2, 3:
		rename := func(c *ivschat.LoggingConfiguration) { c.Name = "new" }
		_, err := c.UpdateLoggingConfiguration(ctx, arn, now, fails, rename)
		return err
	case 4:
		return c.DeleteLoggingConfiguration(ctx, arn, now, fails)
	case 5:
		uses := []ivschat.ARN{arn}
		return c.store.CreateRoom(ctx, ivschat.Room{ARN: room, LoggingConfigurationIdentifiers: uses}, 1000)
	case 6:
		return c.store.DeleteRoom(ctx, room)
	default:
		c.clock.Account(arn.Owner.AccountID).Advance(rand.N(delay))
		return nil
	}
}

func TestAThousandChangesAtTheSameTimeLeaveNothingInTransition(t *testing.T) {
	c := newCrowd(t)
	var all sync.WaitGroup
	for n := range 1000 {
		all.Go(func() {
			for range 5 {
				err := c.act(t.Context(), n)
				_, refused := errors.AsType[*ivschat.Exception](err)
				if err != nil && !refused && !errors.Is(err, ivschat.ErrIDTaken) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c.clock.Advance(delay)
	resources, err := c.store.Resources(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	exists := map[ivschat.ARN]bool{}
	for _, configuration := range resources.LoggingConfigurations {
		exists[configuration.ARN] = true
		lasting := []ivschat.LoggingConfigurationState{
			ivschat.LoggingConfigurationActive, ivschat.LoggingConfigurationCreateFailed,
			ivschat.LoggingConfigurationUpdateFailed, ivschat.LoggingConfigurationDeleteFailed,
		}
		if !slices.Contains(lasting, configuration.State) || configuration.Outcome != nil {
			t.Errorf("%+v is in transition", configuration)
		}
	}
	for _, room := range resources.Rooms {
		for _, arn := range room.LoggingConfigurationIdentifiers {
			if !exists[arn] {
				t.Errorf("%s refers to %s, which was deleted", room.ARN, arn)
			}
		}
	}
}

func TestAThousandTransitionsEndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		now := c.clock.Now()
		for n := range 1000 {
			arn := arnOf(ivschat.LoggingConfigurationResource, n)
			arn.ID = fmt.Sprintf("Another%05d", n)
			created := ivschat.LoggingConfiguration{ARN: arn, CreateTime: now}
			if err := c.CreateLoggingConfiguration(t.Context(), created, 1000, false); err != nil {
				t.Fatal(err)
			}
		}
		states := func() map[ivschat.LoggingConfigurationState]int {
			count := map[ivschat.LoggingConfigurationState]int{}
			resources, err := c.store.Resources(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, configuration := range resources.LoggingConfigurations {
				count[configuration.State]++
			}
			return count
		}
		c.clock.Advance(delay - time.Nanosecond)
		if got := states(); got[ivschat.LoggingConfigurationCreating] != 1000 {
			t.Errorf("before the end, the states are %v", got)
		}
		c.clock.Advance(time.Nanosecond)
		if got := states(); got[ivschat.LoggingConfigurationActive] != 1000 {
			t.Errorf("at the end, the states are %v", got)
		}
	})
}
