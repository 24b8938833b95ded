//go:build !race

package review_test

import (
	"log/slog"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestAReviewAllocatesLittle(t *testing.T) {
	invoker := &fixedInvoker{answer: []byte(`{"ReviewResult":"ALLOW","Content":"Hi","Attributes":{"a":"b"}}`)}
	reviews := newReviews(invoker, new(journal.Journal), slog.New(slog.DiscardHandler))
	message := messaging.Message{
		ID: "abcdefghijkl", RequestID: "8fe65e61", Content: "Hi, how are you?",
		Attributes: map[string]string{"a": "b"},
		Sender:     messaging.Sender{UserID: "anna", Attributes: map[string]string{"color": "blue"}},
	}
	allocations := testing.AllocsPerRun(1000, func() {
		if _, err := reviews.Review(t.Context(), reviewedRoom, ivschat.ChatToken{}, "127.0.0.1", message); err != nil {
			t.Fatal(err)
		}
	})
	// The event, the parts of the answer, the time limit, and an entry of the journal with its texts.
	if allocations > 57 {
		t.Errorf("%v allocations for a review", allocations)
	}
}
