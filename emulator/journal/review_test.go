package journal_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// added returns the JSON of an entry that was added to a journal.
func added(t *testing.T, e journal.Entry) string {
	t.Helper()
	var j journal.Journal
	j.Add(e)
	text, err := json.Marshal(j.After(0, 0, journal.Filter{})[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheEntryOfAReviewHasTheEventTheAnswerAndTheVerdict(t *testing.T) {
	room := ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
		ResourceType: ivschat.RoomResource, ID: "abc",
	}
	e := journal.Entry{
		Kind: journal.Review, UserID: "anna", RequestID: "r", Duration: time.Millisecond, Reason: "it is late",
		Review: &journal.ReviewEntry{
			URI: "arn", Verdict: "DENY", DecidedBy: journal.ByFallback, Failure: journal.TimedOut,
		},
	}
	got := added(t, e.About(room).WithRequest([]byte(`{"Content":"hi"}`)).WithResponse([]byte(`oops`)))
	const want = `{"id":1,"time":"0001-01-01T00:00:00Z","kind":"review","account":"123456789012","region":"us-east-1",` +
		`"room":"arn:aws:ivschat:us-east-1:123456789012:room/abc","userId":"anna","requestId":"r",` +
		`"durationNanoseconds":1000000,"request":{"Content":"hi"},"response":"oops",` +
		`"review":{"uri":"arn","verdict":"DENY","decidedBy":"fallback","failure":"timeout"},"reason":"it is late"}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheEntryOfAReviewHasNoChatTokenAndOnlyTheSizeOfALongAnswer(t *testing.T) {
	token := "AQICAH" + strings.Repeat("x", 300) + "!#1"
	e := journal.Entry{Kind: journal.Review, Review: &journal.ReviewEntry{URI: "arn", Verdict: "ALLOW"}}
	e = e.WithRequest([]byte(`{"Content":"see ` + token + `"}`)).WithResponse([]byte(`{"Content":"` + token + `"}`))
	text := added(t, e)
	if strings.Contains(text, "AQICAH") || strings.Count(text, "***") != 2 {
		t.Error(text)
	}
	long := []byte(`"` + strings.Repeat("x", journal.MaximumBody) + `"`)
	text = added(t, e.WithRequest([]byte(`{}`)).WithResponse(long))
	if len(text) > 1000 || !strings.Contains(text, `"responseBytes":16386`) {
		t.Errorf("%.1000s", text)
	}
}
