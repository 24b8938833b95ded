package review_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

const function = "arn:aws:lambda:us-east-1:123456789012:function:review"

// newRoom creates a room with a message review handler.
func newRoom(e *emulatortest.Emulator, t *testing.T, fallback types.FallbackResult) string {
	t.Helper()
	room, err := ivschat.NewFromConfig(e.Config()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String(function), FallbackResult: fallback},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *room.Arn
}

// inBubble runs a test with an emulator, in a testing/synctest bubble.
func inBubble(t *testing.T, test func(*testing.T, *emulatortest.Emulator), config ...emulator.Config) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, emulatortest.Start(t, config...)) })
}

func TestAHandlerChangesAMessage(t *testing.T) {
	inBubble(t, func(t *testing.T, e *emulatortest.Emulator) {
		e.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
			return review.Answer{
				ReviewResult: review.Allow, Content: strings.ToUpper(event.Content),
				Attributes: map[string]string{"reviewed": "yes"},
			}, nil
		}))
		room := newRoom(e, t, types.FallbackResultAllow)
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
		anna.SendMessage("hello")
		if got := ben.Receive(); got.Content != "HELLO" || got.Attributes["reviewed"] != "yes" {
			t.Errorf("received %+v", got)
		}
	})
}
