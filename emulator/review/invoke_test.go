package review_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// reviewedRoom is a room whose messages are reviewed. DENY is its fallback result.
var reviewedRoom = ivschat.Room{
	ARN: ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: mine, Region: "us-east-1"},
		ResourceType: ivschat.RoomResource, ID: "abcdefghijkl",
	},
	MaximumMessageLength: 500,
	MessageReviewHandler: &ivschat.MessageReviewHandler{URI: function, FallbackResult: ivschat.FallbackDeny},
}

// newReviews returns reviews whose functions are those of an Invoker.
func newReviews(invoker invoke.Invoker, journal *journal.Journal, logger *slog.Logger) *review.Reviews {
	return review.New(review.Config{
		Invoker: invoker, Timeout: time.Minute, Clock: clock.New(), Journal: journal, Logger: logger,
		Faults: fault.New(random.New(1), func(fault.Rule, fault.Point) {}),
	})
}

// A fixedInvoker notes its last call, and always has the same result.
type fixedInvoker struct {
	called invoke.Call
	answer []byte
	err    error
}

func (i *fixedInvoker) Invoke(_ context.Context, call invoke.Call) ([]byte, error) {
	i.called = call
	return i.answer, i.err
}

func (*fixedInvoker) Close() {}

func TestTheFunctionIsInvokedWithTheEventForTheOwnerOfTheRoom(t *testing.T) {
	invoker := &fixedInvoker{answer: []byte(`{"ReviewResult":"ALLOW","Content":"changed"}`)}
	reviews := newReviews(invoker, new(journal.Journal), slog.New(slog.DiscardHandler))
	got, err := reviews.Review(t.Context(), reviewedRoom, ivschat.ChatToken{}, "192.0.2.1", messaging.Message{Content: "hi"})
	if err != nil || got.Content != "changed" {
		t.Errorf("the review ended with %+v, %v", got, err)
	}
	called := invoker.called
	if called.Function != function || called.Owner != reviewedRoom.ARN.Owner {
		t.Errorf("%s was invoked for %v", called.Function, called.Owner)
	}
	if text := string(called.Event); !strings.HasPrefix(text, `{"Content":"hi",`) || strings.Contains(text, "\n") {
		t.Errorf("the event was %q", text)
	}
}

// Which failure it is decides which metric counts it, and what the log may tell.
func TestAnErrorOfAnInvocationIsToldApartFromOneOfTheFunction(t *testing.T) {
	for failure, test := range map[journal.Failure]struct {
		err    error
		logged string
	}{
		journal.NoTarget:       {&invoke.NoTargetError{Function: function}, "--review-handler"},
		journal.NotInvoked:     {errors.New("the server does not run"), "the server does not run"},
		journal.FunctionFailed: {&invoke.FunctionError{Message: "cannot read: hi"}, "the journal of the emulator has its message"},
		journal.InvalidAnswer:  {&invoke.LongAnswerError{}, "the answer has more than 1 MiB"},
	} {
		var log bytes.Buffer
		var entries journal.Journal
		reviews := newReviews(&fixedInvoker{err: test.err}, &entries, slog.New(slog.NewTextHandler(&log, nil)))
		_, err := reviews.Review(t.Context(), reviewedRoom, ivschat.ChatToken{}, "192.0.2.1", messaging.Message{Content: "hi"})
		if err != messaging.ErrNotReviewed {
			t.Errorf("%s: the sender gets %v", failure, err)
		}
		entry := entries.Wait(t.Context(), 0, 1, journal.Filter{Kind: journal.Review})[0]
		if entry.Review.Failure != failure || entry.Reason != test.err.Error() {
			t.Errorf("%s: the journal has %s, because %s", failure, entry.Review.Failure, entry.Reason)
		}
		for _, text := range []string{test.logged, "fallback_result=DENY", "function=" + function, reviewedRoom.ARN.String()} {
			if !strings.Contains(log.String(), text) {
				t.Errorf("%s: the log does not have %s: %s", failure, text, &log)
			}
		}
		if strings.Contains(log.String(), "cannot read") {
			t.Errorf("%s: the log has what the function says: %s", failure, &log)
		}
	}
}
