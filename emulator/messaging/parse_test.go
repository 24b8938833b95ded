package messaging_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestActionsAreUnderstoodInAnyLetterCase(t *testing.T) {
	for frame, want := range map[string]messaging.Action{
		`{"Action":"SEND_MESSAGE","Content":"hi"}`:                                                       {Name: "SEND_MESSAGE", Content: "hi"},
		`{"action":"SEND_MESSAGE","content":"hi","attributes":{},"requestId":"r"}`:                       {Name: "SEND_MESSAGE", Content: "hi", Attributes: map[string]string{}, RequestID: "r"},
		`{"ACTION":"SEND_MESSAGE","CONTENT":"hi","Attributes":{"k":"v"},"REQUESTID":"r"}`:                {Name: "SEND_MESSAGE", Content: "hi", Attributes: map[string]string{"k": "v"}, RequestID: "r"},
		`{"Action":"SEND_MESSAGE","Content":"hi","Attributes":null,"RequestId":null,"More":[1]}`:         {Name: "SEND_MESSAGE", Content: "hi"},
		`{"Action":"SEND_MESSAGE","content":"this","Content":"not this"}`:                                {Name: "SEND_MESSAGE", Content: "this"},
		`{"Action":"SEND_MESSAGE","Content":"not this","Content":"this"}`:                                {Name: "SEND_MESSAGE", Content: "this"},
		`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"why"}`:                                 {Name: "DELETE_MESSAGE", ID: "abcdefghijkl", Reason: "why"},
		`{"Action":"DISCONNECT_USER","userid":"ben","Reason":"` + strings.Repeat("🙂", 256) + `"}`:        {Name: "DISCONNECT_USER", UserID: "ben", Reason: strings.Repeat("🙂", 256)},
		`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"` + strings.Repeat("a", 1023) + `"}}`: {Name: "SEND_MESSAGE", Content: "x", Attributes: map[string]string{"k": strings.Repeat("a", 1023)}},
	} {
		if got, err := messaging.Parse([]byte(frame)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", frame, got, err)
		}
	}
}

func TestWhatIsNoActionIsAnErrorWithItsCode(t *testing.T) {
	for frame, code := range map[string]ivschat.ErrorCode{
		``:                          400,
		`[object Object]`:           400,
		`{`:                         400,
		`[]`:                        400,
		`7`:                         400,
		`null`:                      400,
		`{}`:                        400,
		"{\"Action\":\"\xff\"}":     400,
		strings.Repeat("[", 60_000): 400,
		`{"Action":"VIEW"}`:         400,
		`{"Action":7}`:              400,
		`{"Action":"send_message","Content":"x"}`:                                                        400,
		`{"Action":"SEND_MESSAGE"}`:                                                                      400,
		`{"Action":"SEND_MESSAGE","Content":""}`:                                                         400,
		`{"Action":"SEND_MESSAGE","Content":{}}`:                                                         400,
		`{"Action":"SEND_MESSAGE","Content":"x","Attributes":[]}`:                                        400,
		`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":1}}`:                                   400,
		`{"Action":"SEND_MESSAGE","Content":"x","RequestId":1}`:                                          400,
		`{"Action":"DELETE_MESSAGE"}`:                                                                    400,
		`{"Action":"DELETE_MESSAGE","Id":"short"}`:                                                       400,
		`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":1}`:                                     400,
		`{"Action":"DISCONNECT_USER"}`:                                                                   400,
		`{"Action":"DISCONNECT_USER","UserId":"` + strings.Repeat("u", 129) + `"}`:                       413,
		`{"Action":"DISCONNECT_USER","UserId":"u","Reason":"` + strings.Repeat("r", 257) + `"}`:          413,
		`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"` + strings.Repeat("a", 1024) + `"}}`: 413,
	} {
		if _, err := messaging.Parse([]byte(frame)); err == nil || err.Code != code || err.Message == "" {
			t.Errorf("%.100s: %+v, want %d", frame, err, code)
		}
	}
	if action, err := messaging.Parse([]byte(`{"RequestId":"r","Action":"VIEW"}`)); err == nil || action.RequestID != "r" {
		t.Errorf("the RequestId of a bad request is lost: %+v, %v", action, err)
	}
}

// FuzzParse holds Parse against a law: what it understands it understands
// again when it is written down plainly.
func FuzzParse(f *testing.F) {
	for _, frame := range []string{
		`{"Action":"SEND_MESSAGE","Content":"hi","Attributes":{"k":"v"},"RequestId":"r"}`, `{"action":"DELETE_MESSAGE","id":"abcdefghijkl","reason":"\ud800"}`,
		`{"Action":"DISCONNECT_USER","UserId":"u","USERID":"v"}`, `{"Action":"SEND_MESSAGE","Content":"x","Attributes":{}}`, `[[[`, `{"Action":null}`,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		action, wrong := messaging.Parse(frame)
		if wrong != nil {
			if wrong.Message == "" || wrong.Code != 400 && wrong.Code != 413 {
				t.Errorf("%q: %+v", frame, wrong)
			}
			return
		}
		plain := map[string]any{"Action": action.Name, "RequestId": action.RequestID, "Reason": action.Reason, "Content": action.Content, "Id": action.ID, "UserId": action.UserID}
		if action.Attributes != nil {
			plain["Attributes"] = action.Attributes
		}
		text, err := json.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		if again, wrong := messaging.Parse(text); wrong != nil || !reflect.DeepEqual(again, action) {
			t.Errorf("%q is %+v, but %s is %+v (%v)", frame, action, text, again, wrong)
		}
	})
}
