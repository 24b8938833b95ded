package messaging_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// at returns the time of a text, which must be valid.
func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

type frame interface{ Encode() []byte }

// expectFrame checks that a frame is encoded as want.
func expectFrame(t *testing.T, frame frame, want string) {
	t.Helper()
	if got := string(frame.Encode()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// The frames were recorded from the real service in December 2022, except for MessageId, which was
// added in January 2023. IDs and users are invented.

func TestMessagesHaveTheFormOfTheService(t *testing.T) {
	t.Run("with attributes", func(t *testing.T) {
		expectFrame(t, messaging.Message{
			ID: "M2YcHkgffEvU", RequestID: "8fe65e61", Content: "Hi",
			SendTime: at("2022-12-02T08:21:20.754555595Z"),
			Sender: messaging.Sender{
				UserID: "anna", Attributes: map[string]string{"username": "Anna", "avatar": "bear"},
			},
		}, `{"Type":"MESSAGE","Id":"M2YcHkgffEvU","RequestId":"8fe65e61","Attributes":null,"Content":"Hi",`+
			`"SendTime":"2022-12-02T08:21:20.754555595Z",`+
			`"Sender":{"UserId":"anna","Attributes":{"avatar":"bear","username":"Anna"}}}`)
	})
	t.Run("from a sender without attributes, with trailing zeros in its time", func(t *testing.T) {
		expectFrame(t, messaging.Message{
			ID: "M2YcHkgffEvU", Content: `<&> "🙂"`, Attributes: map[string]string{},
			SendTime: at("2022-12-02T08:25:51.136912720Z"), Sender: messaging.Sender{UserID: "anna"},
		}, `{"Type":"MESSAGE","Id":"M2YcHkgffEvU","RequestId":"","Attributes":{},"Content":"<&> \"🙂\"",`+
			`"SendTime":"2022-12-02T08:25:51.13691272Z","Sender":{"UserId":"anna","Attributes":{}}}`)
	})
}

func TestEventsHaveTheFormOfTheService(t *testing.T) {
	t.Run("a deleted message", func(t *testing.T) {
		expectFrame(t, messaging.DeletedMessage(
			"IxTh2Ad9fZIr", "8fe65e61", "M2YcHkgffEvU", "Deleted by moderator", at("2022-12-02T08:25:51.13691272Z"),
		), `{"Type":"EVENT","Id":"IxTh2Ad9fZIr","RequestId":"8fe65e61","EventName":"aws:DELETE_MESSAGE",`+
			`"Attributes":{"MessageID":"M2YcHkgffEvU","MessageId":"M2YcHkgffEvU",`+
			`"Reason":"Deleted by moderator"},`+
			`"SendTime":"2022-12-02T08:25:51.13691272Z"}`)
	})
	t.Run("a disconnected user", func(t *testing.T) {
		expectFrame(t, messaging.DisconnectedUser(
			"Z8Cd2OchZR9K", "", "ben", "Kicked by moderator", at("2022-12-02T08:40:48.492927465Z"),
		), `{"Type":"EVENT","Id":"Z8Cd2OchZR9K","RequestId":"","EventName":"aws:DISCONNECT_USER",`+
			`"Attributes":{"Reason":"Kicked by moderator","UserId":"ben"},`+
			`"SendTime":"2022-12-02T08:40:48.492927465Z"}`)
	})
	t.Run("a user disconnected without a reason", func(t *testing.T) {
		expectFrame(t, messaging.DisconnectedUser("Z8Cd2OchZR9K", "r", "ben", "", at("2022-12-02T08:40:48Z")),
			`{"Type":"EVENT","Id":"Z8Cd2OchZR9K","RequestId":"r","EventName":"aws:DISCONNECT_USER",`+
				`"Attributes":{"UserId":"ben"},"SendTime":"2022-12-02T08:40:48Z"}`)
	})
	t.Run("an event of the application", func(t *testing.T) {
		expectFrame(t, messaging.Event{
			ID: "IxTh2Ad9fZIr", EventName: "app:hello", SendTime: at("2022-12-02T08:25:51.5Z"),
		}, `{"Type":"EVENT","Id":"IxTh2Ad9fZIr","RequestId":"","EventName":"app:hello","Attributes":null,`+
			`"SendTime":"2022-12-02T08:25:51.5Z"}`)
	})
}

func TestErrorsHaveTheMembersOfTheService(t *testing.T) {
	for _, test := range []struct {
		err  *messaging.Error
		code int
		text string
	}{
		{messaging.ErrRateLimited, 429, "rate limit exceeded"},
		{messaging.ErrContentTooLong, 400, "Message exceeds maximum length"},
		{messaging.ErrBinary, 400, "the frame must be text, but is binary"},
		{messaging.ErrSessionExpired, 401, "the session has expired: connect with a new chat token"},
		{messaging.ErrRoomNotFound, 404, "the room does not exist"},
		{messaging.ErrInternal, 500, "internal error"},
		{messaging.ErrForbidden("SEND_MESSAGE"), 403, "the chat token does not have the capability SEND_MESSAGE"},
	} {
		want := fmt.Sprintf(
			`{"Type":"ERROR","Id":"abcdefghijkl","RequestId":"r","ErrorCode":%d,"ErrorMessage":"%s"}`,
			test.code, test.text)
		if got := string(test.err.Encode("abcdefghijkl", "r")); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		if got := test.err.Error(); got != test.text {
			t.Errorf("the text of the error is %q, want %q", got, test.text)
		}
	}
}

// FuzzEncode checks that a frame, parsed as JSON, has the values of the message, whatever users
// write.
func FuzzEncode(f *testing.F) {
	f.Add("r", "hi", "k", "v", "anna", int64(1669969280754555595))
	f.Add("", "<&>\u2028\"\\\x00\x7f🙂", "", "", "\ufeff", int64(0))
	f.Fuzz(func(t *testing.T, requestID, content, key, value, user string, nanoseconds int64) {
		for _, text := range []string{requestID, content, key, value, user} {
			if !utf8.ValidString(text) {
				t.Skip("the servers accept only UTF-8")
			}
		}
		in := messaging.Message{
			ID: "M2YcHkgffEvU", RequestID: requestID, Content: content,
			Attributes: map[string]string{key: value}, SendTime: time.Unix(0, nanoseconds).UTC(),
			Sender: messaging.Sender{UserID: user, Attributes: map[string]string{value: key}},
		}
		var out struct {
			Type string
			messaging.Message
		}
		text := in.Encode()
		err := json.Unmarshal(text, &out)
		if err != nil || out.Type != "MESSAGE" || !reflect.DeepEqual(out.Message, in) {
			t.Errorf("%s is %+v, not %+v (%v)", text, out, in, err)
		}
	})
}

// withEncodingJSON returns the frame of a message, an event or an error as encoding/json writes it.
func withEncodingJSON(frame any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(frame); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// FuzzEncodeLikeEncodingJSON checks that frames are byte for byte what encoding/json writes, also for texts
// that are not UTF-8.
func FuzzEncodeLikeEncodingJSON(f *testing.F) {
	f.Add("r", "hi", "k", "v", "anna", 1, int64(1669969280754555595))
	f.Add("", "<&>\u2028\u2029\"\\\x00\x7f\xff\n\t\b\f\r🙂", "b\x80", "\xed\xa0\x80", "\ufeff", 2, int64(0))
	f.Add("ü", "日本語", "z", "", "é", 0, int64(1))
	f.Fuzz(func(t *testing.T, requestID, content, key, value, user string, count int, nanoseconds int64) {
		const id = "M2YcHkgffEvU"
		at := time.Unix(0, nanoseconds)
		var attributes map[string]string // 0 to 19, or nil
		if count != 0 {
			attributes = map[string]string{}
			for i := range count % 20 {
				attributes[strings.Repeat(key, i%3)+fmt.Sprint(i)] = value
			}
		}
		sender := map[string]string{key: value, value: content}
		if count == 3 {
			sender = nil
		}
		type wireSender struct {
			UserID     string `json:"UserId"`
			Attributes map[string]string
		}
		wireAttributes := sender
		if sender == nil {
			wireAttributes = map[string]string{}
		}
		sendTime := at.UTC().Format(time.RFC3339Nano)
		for _, test := range []struct {
			got  []byte
			want any
		}{
			{
				messaging.Message{
					ID: id, RequestID: requestID, Attributes: attributes, Content: content, SendTime: at,
					Sender: messaging.Sender{UserID: user, Attributes: sender},
				}.Encode(),
				struct {
					Type       string
					ID         string `json:"Id"`
					RequestID  string `json:"RequestId"`
					Attributes map[string]string
					Content    string
					SendTime   string
					Sender     wireSender
				}{"MESSAGE", id, requestID, attributes, content, sendTime, wireSender{user, wireAttributes}},
			},
			{
				messaging.Event{
					ID: id, RequestID: requestID, EventName: content, Attributes: attributes, SendTime: at,
				}.Encode(),
				struct {
					Type       string
					ID         string `json:"Id"`
					RequestID  string `json:"RequestId"`
					EventName  string
					Attributes map[string]string
					SendTime   string
				}{"EVENT", id, requestID, content, attributes, sendTime},
			},
			{
				(&messaging.Error{Code: ivschat.ErrorCode(count), Message: content}).Encode(id, requestID),
				struct {
					Type         string
					ID           string `json:"Id"`
					RequestID    string `json:"RequestId"`
					ErrorCode    int
					ErrorMessage string
				}{"ERROR", id, requestID, count, content},
			},
		} {
			if want := withEncodingJSON(test.want); !bytes.Equal(test.got, want) {
				t.Errorf("\n got %s\nwant %s", test.got, want)
			}
		}
	})
}

func TestEncodingAMessageAllocatesOnlyItsFrame(t *testing.T) {
	message := messaging.Message{
		ID: "M2YcHkgffEvU", RequestID: "8fe65e61", Content: "Hi, 日本語 🙂", SendTime: at("2022-12-02T08:21:20.75Z"),
		Attributes: map[string]string{"a": "b", "c": "d"},
		Sender:     messaging.Sender{UserID: "anna", Attributes: map[string]string{"username": "Anna"}},
	}
	var text []byte
	if n := testing.AllocsPerRun(100, func() { text = message.Encode() }); n > 1 {
		t.Errorf("%v allocations", n)
	}
	if cap(text) > len(text)+16 {
		t.Errorf("a frame of %d bytes takes %d", len(text), cap(text))
	}
}
