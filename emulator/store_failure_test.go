package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// After Close, every access to the store fails.
func TestARequestIsAnInternalErrorWhenTheStoreFails(t *testing.T) {
	var log logBuffer
	e, err := emulator.New(emulator.Config{Logger: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	const seed = `{"version":1,"rooms":[]}`
	if err := e.Seed(t.Context(), []byte(seed)); err != nil {
		t.Fatal(err)
	}
	room := createRoom(t, e, "")
	configuration := strings.Replace(room, ":room/", ":logging-configuration/", 1)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	inRoom := `{"roomIdentifier":"` + room + `"`
	tags := "/tags/" + strings.Replace(room, "/", "%2F", 1)
	const admin = "/_ivschat/v1/"
	for _, test := range []struct{ method, path, body string }{
		{"POST", "/CreateChatToken", inRoom + `,"userId":"anna"}`},
		{"POST", "/CreateLoggingConfiguration", `{"destinationConfiguration":{"s3":{"bucketName":"bucket"}}}`},
		{"POST", "/CreateRoom", "{}"},
		{"POST", "/DeleteLoggingConfiguration", `{"identifier":"` + configuration + `"}`},
		{"POST", "/DeleteMessage", inRoom + `,"id":"abcdefghijkl"}`},
		{"POST", "/DeleteRoom", `{"identifier":"` + room + `"}`},
		{"POST", "/DisconnectUser", inRoom + `,"userId":"anna"}`},
		{"POST", "/GetLoggingConfiguration", `{"identifier":"` + configuration + `"}`},
		{"POST", "/GetRoom", `{"identifier":"` + room + `"}`},
		{"POST", "/ListLoggingConfigurations", "{}"},
		{"POST", "/ListRooms", "{}"},
		{"GET", tags, ""},
		{"POST", "/SendEvent", inRoom + `,"eventName":"e"}`},
		{"POST", tags, `{"tags":{"a":"b"}}`},
		{"DELETE", tags + "?tagKeys=a", ""},
		{"POST", "/UpdateLoggingConfiguration", `{"identifier":"` + configuration + `"}`},
		{"POST", "/UpdateRoom", `{"identifier":"` + room + `"}`},
		{"GET", admin + "rooms", ""},
		{"GET", admin + "rooms/" + room, ""},
		{"GET", admin + "snapshot", ""},
		{"PUT", admin + "snapshot", `{"version":1,"loggingConfigurations":[],"rooms":[]}`},
		{"PUT", admin + "snapshot?account=123456789012", `{"version":1,"loggingConfigurations":[],"rooms":[]}`},
		{"POST", admin + "reset", ""},
		{"POST", admin + "reset", `{"to":"seed"}`},
	} {
		recorder := httptest.NewRecorder()
		r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
		r.Host = "localhost"
		before := len(log.String())
		e.ServeHTTP(recorder, r)
		message := "Internal error of the emulator: its log has the reason, with this request ID"
		line := `msg=request`
		if strings.HasPrefix(test.path, admin) {
			message = "internal error: see the emulator's log for the reason"
			line = `msg="internal error" path=` + r.URL.Path
		}
		if want := fmt.Sprintf(`{"message":%q}`, message); recorder.Code != 500 || strings.TrimSpace(recorder.Body.String()) != want {
			t.Errorf("%s %s: %d %s", test.method, test.path, recorder.Code, recorder.Body)
		}
		if logged := log.String()[before:]; !strings.Contains(logged, "level=ERROR") || !strings.Contains(logged, line) ||
			!strings.Contains(logged, `error="database not open"`) {
			t.Errorf("%s %s: the log has %s", test.method, test.path, logged)
		}
	}
	if err := e.Seed(t.Context(), []byte(`{"version":1,"rooms":[{"id":"abcdefghijkl"}]}`)); err == nil {
		t.Error("seeding did not fail")
	}
}
