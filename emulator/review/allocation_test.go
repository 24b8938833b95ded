//go:build !race

package review_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// A constantInvoker is an Invoker that always has the same answer, and allocates nothing.
type constantInvoker []byte

// Invoke implements invoke.Invoker.
func (c constantInvoker) Invoke(context.Context, invoke.Call) ([]byte, error) { return c, nil }

// Close implements invoke.Invoker.
func (constantInvoker) Close() {}

func TestAReviewAllocatesLittle(t *testing.T) {
	reviews := review.New(review.Config{
		Invoker: constantInvoker(`{"ReviewResult":"ALLOW","Content":"Hi","Attributes":{"a":"b"}}`),
		Timeout: review.DefaultTimeout, Clock: clock.New(), Journal: new(journal.Journal),
		Faults: fault.New(random.New(1), func(fault.Rule, fault.Point) {}), Logger: slog.New(slog.DiscardHandler),
	})
	owner := ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"}
	room := ivschat.Room{
		ARN:                  ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: "abcdefghijkl"},
		MaximumMessageLength: 500, MessageReviewHandler: &ivschat.MessageReviewHandler{URI: function},
	}
	message := messaging.Message{
		ID: "abcdefghijkl", RequestID: "8fe65e61", Content: "Hi, how are you?",
		Attributes: map[string]string{"a": "b"},
		Sender:     messaging.Sender{UserID: "anna", Attributes: map[string]string{"color": "blue"}},
	}
	allocations := testing.AllocsPerRun(1000, func() {
		if _, err := reviews.Review(t.Context(), room, ivschat.ChatToken{}, "127.0.0.1", message); err != nil {
			t.Fatal(err)
		}
	})
	// The event, the parts of the answer, the time limit, and an entry of the journal with its texts.
	if allocations > 57 {
		t.Errorf("%v allocations for a review", allocations)
	}
}
