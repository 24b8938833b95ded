package emulatortest_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// The code in the guide about this package is in the tests of this file, so that it runs.
func TestTheGuideHasCodeThatRuns(t *testing.T) {
	tests, err := os.ReadFile("guide_test.go")
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]bool{}
	for line := range strings.Lines(string(tests)) {
		runs[withoutComment(line)] = true
	}
	guide := guides.Open(t, "docs/go.md", "go")
	for _, text := range []string{"newBackend", "/kick", "capabilities", "TestTheSDKTriesAgain"} {
		guide.IsIn("../../examples/go/backend_test.go", "go", text)
	}
	for _, block := range guide.Blocks("go") {
		whole := strings.HasPrefix(block.Code, "package ")                // a test of cmd/ivschat-local runs it
		server := strings.Contains(block.Code, "e, err := emulator.New(") // the example of package emulator is like it
		example := block.Section == "Test a back end"
		if whole || server || example {
			continue
		}
		for line := range strings.Lines(block.Code) {
			if !runs[withoutComment(line)] {
				t.Errorf("the guide has the line %q, which is in no test", line)
			}
		}
	}
}

// withoutComment returns the code of a line. An import is the same alone and in a list.
func withoutComment(line string) string {
	code, _, _ := strings.Cut(line, " // ")
	return strings.TrimPrefix(strings.TrimSpace(code), "import ")
}

func TestTheWaitsInTheGuide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t, emulator.Config{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
		room := e.Room()
		anna, ben := e.Connect(room, "anna"), e.Connect(room, "ben", "SEND_MESSAGE", "DELETE_MESSAGE")
		ben.SendMessage("hello")
		ben.SendMessage("sorry")
		ben.DeleteMessage(ben.Receive().ID, "")
		event := anna.Within(time.Minute).Receive()
		deleted := anna.ReceiveMatching(func(f chatclient.Frame) bool { return f.EventName == "aws:DELETE_MESSAGE" })
		anna.ReceiveNothing(time.Second)
		e.WaitSessions(room, 2)
		calls := e.WaitCalls("CreateChatToken", 1, map[string]any{"userId": "anna"})

		if deleted.Attributes["MessageID"] != event.ID || len(calls) != 1 {
			t.Errorf("received %s and %s after the calls %+v", event.Raw, deleted.Raw, calls)
		}
	})
}

func TestTheReviewsInTheGuide(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{ReviewTimeout: time.Minute})
	created, err := ivschat.NewFromConfig(e.Config()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{
			Uri: aws.String("arn:aws:lambda:us-east-1:123456789012:function:review"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	room := *created.Arn
	func() {
		e.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
			return review.Answer{ReviewResult: review.Allow, Content: "reviewed: " + event.Content}, nil
		}))
		err = e.Script().Set("", []review.ScriptedAnswer{{UserID: "ben", Deny: &review.DenyAnswer{Reason: "muted"}}})
		if err != nil {
			t.Fatal(err)
		}
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben", "SEND_MESSAGE")
		ben.SendMessage("hello")
		denied := ben.Receive()
		anna.SendMessage("hello")
		changed := ben.Receive()
		reviews := e.WaitReviews(room, 2) // with the event, the answer and the verdict

		if !strings.HasSuffix(denied.ErrorMessage, ": muted") || changed.Content != "reviewed: hello" ||
			reviews[0].Review.Verdict != "DENY" {
			t.Errorf("received %s and %s after the reviews %+v", denied.Raw, changed.Raw, reviews)
		}
	}()
}

func TestTheTokensInTheGuide(t *testing.T) {
	e := emulatortest.Start(t)
	ctx, room := t.Context(), e.Room()
	chat := ivschat.NewFromConfig(e.Config())
	input := &ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("anna")}
	created, err := chat.CreateChatToken(ctx, input)
	if err != nil {
		t.Fatal(err)
	}
	token := *created.Token
	func() {
		dialer := websocket.Dialer{NetDialContext: e.DialContext, Subprotocols: []string{token}}
		conn, _, err := dialer.DialContext(ctx, emulatortest.MessagingURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}()
	func() {
		_, err := e.Dial(token)
		if refused, ok := errors.AsType[*chatclient.RefusedError](err); !ok || refused.Status != 401 {
			t.Errorf("got %v, want status 401", err)
		}
	}()
}
