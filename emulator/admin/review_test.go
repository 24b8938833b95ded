package admin_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// reviewedRoom creates a room whose messages are reviewed, and returns its ARN.
func reviewedRoom(t testing.TB, e http.Handler, fallback string) string {
	t.Helper()
	const function = "arn:aws:lambda:us-east-1:123456789012:function:review"
	return operation(t, e, "/CreateRoom",
		fmt.Sprintf(`{"messageReviewHandler":{"uri":%q,"fallbackResult":%q}}`, function, fallback))["arn"].(string)
}

// sent sends a message, and returns the content that is delivered, or the ErrorMessage.
func sent(anna *emulatortest.Client, content string) string {
	anna.SendMessage(content)
	frame := anna.Receive()
	if frame.Type == "ERROR" {
		return fmt.Sprint(frame.ErrorCode, " ", frame.ErrorMessage)
	}
	return frame.Content
}

func TestScriptedAnswersAreListedUntilTheyAreUsedUp(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(reviewedRoom(t, e, "ALLOW"), "anna", "SEND_MESSAGE")
	set := call(t, e, 200, "PUT", "reviews",
		`[{"content":"spam","times":2,"deny":{"reason":"no spam"}},{"allow":{"content":"reviewed"}}]`)
	if got := fmt.Sprint(set); got != "map[items:[map[content:spam deny:map[reason:no spam] times:2 used:0] "+
		"map[allow:map[content:reviewed] used:0]]]" {
		t.Errorf("set %s", got)
	}
	const denied = "406 the message was rejected by the message review handler: no spam"
	for _, want := range []string{denied, denied, "reviewed"} {
		if got := sent(anna, "a spam"); got != want {
			t.Errorf("received %s, want %s", got, want)
		}
	}
	if got := fmt.Sprint(list(t, e, "reviews/answers")); got != "[map[allow:map[content:reviewed] used:1]]" {
		t.Errorf("left are %s", got)
	}
	call(t, e, 200, "PUT", "reviews", `{"deny":{}}`) // replaces
	if got := sent(anna, "hi"); got != "406 the message was rejected by the message review handler" {
		t.Errorf("received %s", got)
	}
	call(t, e, 204, "DELETE", "reviews/answers", "")
	if got := list(t, e, "reviews/answers"); len(got) > 0 {
		t.Errorf("left are %v", got)
	}
	if got := sent(anna, "hi"); got != "hi" {
		t.Errorf("received %s", got)
	}
}
