package messaging_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// The frames are recorded ones of the real service, of December 2022, with the
// MessageId that came in January 2023 and with ids and users made up.
func TestFramesAreThoseOfTheService(t *testing.T) {
	for name, test := range map[string]struct {
		frame interface{ Encode() []byte }
		want  string
	}{
		"a message": {
			messaging.Message{
				ID: "M2YcHkgffEvU", RequestID: "8fe65e61", Content: "Hi", SendTime: at(t, "2022-12-02T08:21:20.754555595Z"),
				Sender: messaging.Sender{UserID: "anna", Attributes: map[string]string{"username": "Anna", "avatar": "bear"}},
			},
			`{"Type":"MESSAGE","Id":"M2YcHkgffEvU","RequestId":"8fe65e61","Attributes":null,"Content":"Hi","SendTime":"2022-12-02T08:21:20.754555595Z","Sender":{"UserId":"anna","Attributes":{"avatar":"bear","username":"Anna"}}}`,
		},
		"a message of a sender without attributes, with trailing zeros in its time": {
			messaging.Message{ID: "M2YcHkgffEvU", Content: `<&> "🙂"`, Attributes: map[string]string{}, SendTime: at(t, "2022-12-02T08:25:51.136912720Z"), Sender: messaging.Sender{UserID: "anna"}},
			`{"Type":"MESSAGE","Id":"M2YcHkgffEvU","RequestId":"","Attributes":{},"Content":"<&> \"🙂\"","SendTime":"2022-12-02T08:25:51.13691272Z","Sender":{"UserId":"anna","Attributes":{}}}`,
		},
		"a deleted message": {
			messaging.DeletedMessage("IxTh2Ad9fZIr", "", "M2YcHkgffEvU", "Deleted by moderator", at(t, "2022-12-02T08:25:51.13691272Z")),
			`{"Type":"EVENT","Id":"IxTh2Ad9fZIr","RequestId":"","EventName":"aws:DELETE_MESSAGE","Attributes":{"MessageID":"M2YcHkgffEvU","MessageId":"M2YcHkgffEvU","Reason":"Deleted by moderator"},"SendTime":"2022-12-02T08:25:51.13691272Z"}`,
		},
		"a disconnected user": {
			messaging.DisconnectedUser("Z8Cd2OchZR9K", "", "ben", "Kicked by moderator", at(t, "2022-12-02T08:40:48.492927465Z")),
			`{"Type":"EVENT","Id":"Z8Cd2OchZR9K","RequestId":"","EventName":"aws:DISCONNECT_USER","Attributes":{"Reason":"Kicked by moderator","UserId":"ben"},"SendTime":"2022-12-02T08:40:48.492927465Z"}`,
		},
		"a disconnected user, nobody says why": {
			messaging.DisconnectedUser("Z8Cd2OchZR9K", "r", "ben", "", at(t, "2022-12-02T08:40:48Z")),
			`{"Type":"EVENT","Id":"Z8Cd2OchZR9K","RequestId":"r","EventName":"aws:DISCONNECT_USER","Attributes":{"UserId":"ben"},"SendTime":"2022-12-02T08:40:48Z"}`,
		},
		"an event of the application": {
			messaging.Event{ID: "IxTh2Ad9fZIr", EventName: "app:hello", SendTime: at(t, "2022-12-02T08:25:51.5Z")},
			`{"Type":"EVENT","Id":"IxTh2Ad9fZIr","RequestId":"","EventName":"app:hello","Attributes":null,"SendTime":"2022-12-02T08:25:51.5Z"}`,
		},
	} {
		if got := string(test.frame.Encode()); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, test.want)
		}
	}
	if got, want := string(messaging.ErrRateLimited.Encode("abcdefghijkl", "r")), `{"Type":"ERROR","Id":"abcdefghijkl","RequestId":"r","ErrorCode":429,"ErrorMessage":"rate limit exceeded"}`; got != want {
		t.Errorf("an error\n got %s\nwant %s", got, want)
	}
}

// FuzzEncode holds frames against a law: whoever reads one as JSON gets what was
// put in, whatever users write.
func FuzzEncode(f *testing.F) {
	f.Add("r", "hi", "k", "v", "anna", int64(1669969280754555595))
	f.Add("", "<&>\u2028\"\\\x00\x7f🙂", "", "", "\ufeff", int64(0))
	f.Fuzz(func(t *testing.T, requestID, content, key, value, user string, nanoseconds int64) {
		for _, text := range []string{requestID, content, key, value, user} {
			if !utf8.ValidString(text) {
				t.Skip("nothing but UTF-8 ever comes in")
			}
		}
		in := messaging.Message{
			ID: "M2YcHkgffEvU", RequestID: requestID, Content: content, Attributes: map[string]string{key: value}, SendTime: time.Unix(0, nanoseconds).UTC(),
			Sender: messaging.Sender{UserID: user, Attributes: map[string]string{value: key}},
		}
		var out struct {
			Type string
			messaging.Message
		}
		text := in.Encode()
		if err := json.Unmarshal(text, &out); err != nil || out.Type != "MESSAGE" || !reflect.DeepEqual(out.Message, in) {
			t.Errorf("%s is %+v, not %+v (%v)", text, out, in, err)
		}
	})
}
