//go:build !race

package room

import (
	"context"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A quickClient is a Connection that takes everything at once and keeps nothing.
type quickClient struct{ client }

func (*quickClient) TryWrite([]*hub.Frame) (bool, error) { return true, nil }

// simpleRooms is a Finder that allocates nothing.
type simpleRooms struct{}

func (simpleRooms) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{ARN: arn, MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10}, nil
}

func TestAMessageAllocatesLittle(t *testing.T) {
	r := newRooms(func(c *Config) { c.Finder = simpleRooms{} })
	sender := enter(r, hall, "anna", new(quickClient))
	for range 15 {
		enter(r, hall, "ben", new(quickClient))
	}
	message := []byte(`{"Action":"SEND_MESSAGE","RequestId":"8fe65e61","Content":"Hi, how are you?"}`)
	const messages = 10 // in a second, or some are refused
	allocations := testing.AllocsPerRun(100, func() {
		r.Clock.Advance(time.Second)
		for range messages {
			sender.HandleFrame(context.Background(), message, false)
		}
	})
	allocations -= testing.AllocsPerRun(100, func() { r.Clock.Advance(time.Second) })
	// The copy of the frame, the message's ID, its frame, and two entries of the journal with their texts.
	if allocations > 11*messages {
		t.Errorf("%v allocations for %d messages to 16 clients each", allocations, messages)
	}
}
