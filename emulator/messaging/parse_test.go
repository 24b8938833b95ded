package messaging_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestActionsAreParsedInAnyLetterCase(t *testing.T) {
	smileys, longValue := strings.Repeat("🙂", 256), strings.Repeat("a", 1023)
	for frame, want := range map[string]messaging.Request{
		`{"Action":"SEND_MESSAGE","Content":"hi"}`: {Action: "SEND_MESSAGE", Content: "hi"},
		`{"action":"SEND_MESSAGE","content":"hi","attributes":{},"requestId":"r"}`: {
			Action: "SEND_MESSAGE", Content: "hi", Attributes: map[string]string{}, RequestID: "r",
		},
		`{"ACTION":"SEND_MESSAGE","CONTENT":"hi","Attributes":{"k":"v"},"REQUESTID":"r"}`: {
			Action: "SEND_MESSAGE", Content: "hi", Attributes: map[string]string{"k": "v"}, RequestID: "r",
		},
		`{"Action":"SEND_MESSAGE","Content":"hi","Attributes":null,"RequestId":null,"More":[1]}`: {
			Action: "SEND_MESSAGE", Content: "hi",
		},
		`{"Action":"SEND_MESSAGE","content":"this","Content":"not this"}`: {
			Action: "SEND_MESSAGE", Content: "this",
		},
		`{"Action":"SEND_MESSAGE","Content":"not this","Content":"this"}`: {
			Action: "SEND_MESSAGE", Content: "this",
		},
		`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"why"}`: {
			Action: "DELETE_MESSAGE", ID: "abcdefghijkl", Reason: "why",
		},
		`{"Action":"DISCONNECT_USER","userid":"ben","Reason":"` + smileys + `"}`: {
			Action: "DISCONNECT_USER", UserID: "ben", Reason: smileys,
		},
		`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"` + longValue + `"}}`: {
			Action: "SEND_MESSAGE", Content: "x", Attributes: map[string]string{"k": longValue},
		},
	} {
		if got, err := messaging.Parse([]byte(frame)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", frame, got, err)
		}
	}
}

// send, remove and disconnect return a frame with more members, each of which begins with a comma.
func send(members string) string   { return `{"Action":"SEND_MESSAGE"` + members + `}` }
func remove(members string) string { return `{"Action":"DELETE_MESSAGE"` + members + `}` }
func disconnect(members string) string {
	return `{"Action":"DISCONNECT_USER"` + members + `}`
}

func TestAFrameThatIsNotAnActionIsAnErrorWithACodeAndAText(t *testing.T) {
	const (
		notUTF8     = "the frame must be text in UTF-8, but is not valid UTF-8"
		notJSON     = "the frame must be a JSON object, but is not valid JSON"
		notAnObject = "the frame must be a JSON object, but is another JSON value"
		badAction   = "Action must be SEND_MESSAGE, DELETE_MESSAGE or DISCONNECT_USER"
		badID       = "Id must be the ID of a message: 12 letters and digits"
	)
	for _, test := range []struct {
		frame string
		code  ivschat.ErrorCode
		text  string
	}{
		{``, 400, notJSON},
		{`[object Object]`, 400, notJSON},
		{`{`, 400, notJSON},
		{`{} {}`, 400, notJSON},
		{strings.Repeat("[", 60_000), 400, "the frame must be nested at most 100 levels deep"},
		{"{\"Action\":\"\xff\"}", 400, notUTF8},
		{`[]`, 400, notAnObject},
		{`7`, 400, notAnObject},
		{`null`, 400, notAnObject},
		{`{}`, 400, "Action is required"},
		{`{"Action":7}`, 400, "Action must be a string"},
		{`{"Action":"VIEW"}`, 400, badAction + `, but is "VIEW"`},
		{`{"Action":"send_message","Content":"x"}`, 400, badAction + `, but is "send_message"`},
		{send(``), 400, "Content is required"},
		{send(`,"Content":""`), 400, "Content is required"},
		{send(`,"Content":null`), 400, "Content is required"},
		{send(`,"Content":{}`), 400, "Content must be a string"},
		{send(`,"Content":"x","Attributes":[]`), 400, "Attributes must be an object"},
		{send(`,"Content":"x","Attributes":{"k":1}`), 400, "the values of Attributes must be strings"},
		{
			send(`,"Content":"x","Attributes":{"k":null}`), 400,
			"the values of Attributes must be strings, but one is null: leave out keys without a value",
		},
		{send(`,"Content":"x","RequestId":1`), 400, "RequestId must be a string"},
		{
			send(`,"Content":"x","RequestId":"` + strings.Repeat("r", 129) + `"`),
			400, "RequestId must have at most 128 characters",
		},
		{remove(``), 400, "Id is required"},
		{remove(`,"Id":"short"`), 400, badID},
		{remove(`,"Id":"abcdefghijkl","Reason":1`), 400, "Reason must be a string"},
		{disconnect(``), 400, "UserId is required"},
		{
			disconnect(`,"UserId":"` + strings.Repeat("u", 129) + `"`),
			413, "UserId must have at most 128 characters",
		},
		{
			disconnect(`,"UserId":"u","Reason":"` + strings.Repeat("r", 257) + `"`),
			413, "Reason must have at most 256 characters",
		},
	} {
		_, err := messaging.Parse([]byte(test.frame))
		if want := (messaging.Error{Code: test.code, Message: test.text}); err == nil || *err != want {
			t.Errorf("%.100s: got %+v, want %+v", test.frame, err, want)
		}
	}
}

func TestTheFirstErrorOfAFrameIsReported(t *testing.T) {
	_, err := messaging.Parse([]byte(send(`,"RequestId":1,"Attributes":[]`)))
	if err == nil || err.Message != "RequestId must be a string" {
		t.Errorf("got %+v", err)
	}
}

func TestARequestIDThatIsTooLongIsNotRepeated(t *testing.T) {
	longest := strings.Repeat("🙂", 128)
	if request, err := messaging.Parse([]byte(send(`,"Content":"x","RequestId":"` + longest + `"`))); err != nil ||
		request.RequestID != longest {
		t.Errorf("the longest RequestId: %+v, %v", request, err)
	}
	for _, members := range []string{``, `,"Content":"x"`} {
		request, err := messaging.Parse([]byte(send(members + `,"RequestId":"` + longest + `a"`)))
		if err == nil || request.RequestID != "" {
			t.Errorf("%s: the RequestId is %.20q, and the error %v", members, request.RequestID, err)
		}
	}
}

func TestAMalformedRequestKeepsItsRequestID(t *testing.T) {
	action, err := messaging.Parse([]byte(`{"RequestId":"r","Action":"VIEW"}`))
	if err == nil || action.RequestID != "r" || action.Action != "VIEW" {
		t.Errorf("got %+v, %v", action, err)
	}
}

// FuzzParse checks that an action that was parsed is parsed again from its plain JSON form.
func FuzzParse(f *testing.F) {
	for _, frame := range []string{
		send(`,"Content":"hi","Attributes":{"k":"v"},"RequestId":"r"`),
		`{"action":"DELETE_MESSAGE","id":"abcdefghijkl","reason":"\ud800"}`,
		disconnect(`,"UserId":"u","USERID":"v"`),
		send(`,"Content":"x","Attributes":{}`),
		`[[[`,
		`{"Action":null}`,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		action, err := messaging.Parse(frame)
		if err != nil {
			if err.Message == "" || err.Code != 400 && err.Code != 413 {
				t.Errorf("%q: %+v", frame, err)
			}
			return
		}
		plain := map[string]any{
			"Action": action.Action, "RequestId": action.RequestID, "Reason": action.Reason,
			"Content": action.Content, "Id": action.ID, "UserId": action.UserID,
		}
		if action.Attributes != nil {
			plain["Attributes"] = action.Attributes
		}
		text, marshalErr := json.Marshal(plain)
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		if again, err := messaging.Parse(text); err != nil || !reflect.DeepEqual(again, action) {
			t.Errorf("%q is %+v, but %s is %+v (%v)", frame, action, text, again, err)
		}
	})
}
