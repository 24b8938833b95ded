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

// allocationsOf returns the allocations for each message to 16 clients of a room.
func allocationsOf(r *Rooms) float64 {
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
	return allocations / messages
}

func TestAMessageAllocatesLittle(t *testing.T) {
	allocations := allocationsOf(newRooms(func(c *Config) { c.Finder = simpleRooms{} }))
	// The copy of the frame, the message's ID, its frame, and two entries of the journal with their texts.
	if allocations > 11 {
		t.Errorf("%v allocations for a message to 16 clients", allocations)
	}
}

func TestAReviewedMessageAllocatesLittle(t *testing.T) {
	allocations := allocationsOf(newRooms()) // with a reviewer that allocates nothing
	// The same, and a context that ends with the session, for which a goroutine waits.
	if allocations > 19 {
		t.Errorf("%v allocations for a message to 16 clients", allocations)
	}
}
