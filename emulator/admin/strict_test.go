package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestWhatACallDoesNotTakeIsRefusedAndNothingHappens(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	addFault(t, e, `{"operation":"GetRoom","status":500}`)
	for _, test := range []struct{ method, path, body, reason string }{
		{"POST", "reset?acount=123456789012", "",
			`the parameter "acount" is not one of POST /_ivschat/v1/reset, which has account: did you mean account?`},
		{"POST", "reset?Account=123456789012", "", "did you mean account?"},
		{"DELETE", "faults?acount=123456789012", "", "did you mean account?"},
		{"DELETE", "faults/1?force=true", "", `"force"`},
		{"POST", "faults?times=1", `{"operation":"GetRoom","status":500}`, `"times"`},
		{"PUT", "snapshot?x", "{}", `"x"`},
		{"GET", "openapi.json?x=1", "", "which has none"},
		{"GET", "calls?counts=1", "", "which has account, after, count, timeout, operation, status, with: did you mean count?"},
		{"POST", "reset?account=123456789012&account=123456789012", "",
			"the parameter account can be given only once, but is given 2 times"},
		{"POST", "reset?account=12345678901%", "", "the query cannot be parsed: "},
		{"GET", "calls?after=0;count=1", "", "the query cannot be parsed: "},
		{"DELETE", "faults", "{}", "DELETE /_ivschat/v1/faults takes no body"},
		{"GET", "rooms", "x", "takes no body"},
		{"GET", "calls?count=", "", `count must be an integer of 0 or more, but is ""`},
		{"GET", "calls?count=10001", "", "count must be at most 10000"},
		{"GET", "calls?timeout=", "", `timeout must be a duration of at most 10m0s, for instance 5s, but is ""`},
		{"GET", "journal?kind=", "", "kind must be one of "},
		{"GET", "calls?operation=CreateRooms", "", `but is "CreateRooms": did you mean CreateRoom?`},
		{"GET", "calls?status=99", "", "status must be an HTTP status from 100 to 599, but is 99"},
		{"GET", "calls?with=%22userId%22:%22anna%22", "", "with must be a JSON object, "},
		{"GET", "calls?with={" + strings.Repeat("%20", 16<<10) + "}", "", "with must have at most 16384 bytes"},
		{"GET", "calls?with=null", "", "with must be a JSON object, "},
		{"GET", "calls?with=" + strings.Repeat("[", 101), "", "with must be nested at most 100 levels deep"},
		{"POST", "faults", strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
			"the body must be nested at most 100 levels deep"},
		{"GET", "calls?with=", "", "with must be a JSON object, "},
		{"GET", `calls?with={"a":1,"a":2}`, "", `the member "a" is in with twice`},
		{"GET", `calls?operation=SendEvent&with={"eventname":"x"}`, "", "did you mean eventName?"},
		{"GET", "events?room=", "", "is not an ARN"},
		{"GET", "events?kind=", "", "kind must be one of "},
		{"GET", "events?kind=call,frames", "", `but is "frames": did you mean frame?`},
		{"GET", "events?kind=call,", "", `but is ""`},
		{"GET", "events?direction=up", "", `direction must be one of in, out, but is "up"`},
		{"GET", "events?direction=", "", `but is ""`},
		{"GET", "events?direction=in&kind=call,fault", "",
			"only frames have a direction, so kind must have frame, but is call,fault"},
	} {
		message := errorMessage(t, e, 400, test.method, test.path, test.body)
		if !strings.Contains(message, test.reason) {
			t.Errorf("%s %s: %s, want %s", test.method, test.path, message, test.reason)
		}
	}
	call(t, e, 200, "GET", "rooms/"+room, "")
	if faults := list(t, e, "faults"); len(faults) != 1 {
		t.Errorf("the faults are %v", faults)
	}
}

func TestACompressedBodyIsRefused(t *testing.T) {
	e := emulatortest.Start(t)
	for coding, status := range map[string]int{"gzip": 415, "br": 415, "identity, gzip": 415, "identity": 204, "": 204} {
		r := request(t, e, "POST", admin.Prefix+"reset", "{}", "Content-Encoding", coding)
		want := fmt.Sprintf(`"the body must be sent without compression, but Content-Encoding is %s"`, `\"`+coding+`\"`)
		if r.status != status || status == 415 && !strings.Contains(r.body, want) {
			t.Errorf("%q: %d %s", coding, r.status, r.body)
		}
	}
	r := httptest.NewRequest("POST", "http://localhost"+admin.Prefix+"reset", nil)
	r.Header["Content-Encoding"] = []string{"gzip", "br"}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, r)
	if recorder.Code != 415 || !strings.Contains(recorder.Body.String(), `but Content-Encoding is \"gzip, br\""`) {
		t.Errorf("two headers: %d %s", recorder.Code, recorder.Body)
	}
}

func TestAPathThatIsWrittenDifferentlyDoesNotExist(t *testing.T) {
	e := emulatortest.Start(t)
	for _, path := range []string{"/clock", "./clock", "x/../clock", "clock/", "Clock"} {
		r := request(t, e, "GET", admin.Prefix+path, "")
		if want := "the path " + admin.Prefix + path + " does not exist: "; r.status != 404 ||
			!strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

// A client in the same process may leave out the body.
func TestARequestNeedNotHaveABody(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost"+admin.Prefix+"clock", nil)
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	if emulatortest.Start(t).ServeHTTP(recorder, r); recorder.Code != 200 {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
}

func TestHEADIsAnsweredAndCheckedLikeGET(t *testing.T) {
	e := emulatortest.Start(t)
	for path, status := range map[string]int{
		"rooms": 200, "rooms?acount=1": 400, "reset": 405,
		"events": 200, // without waiting for events
	} {
		if r := request(t, e, "HEAD", admin.Prefix+path, ""); r.status != status {
			t.Errorf("%s: %d, want %d", path, r.status, status)
		}
	}
}

func TestHealthChecksAcceptEverything(t *testing.T) {
	e := emulatortest.Start(t)
	for _, path := range []string{"/health", "/_localstack/health", admin.Prefix + "health"} {
		if r := request(t, e, "GET", path+"?reload&x=1&x=2", "body"); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestAnInvalidLastEventIDIsRefused(t *testing.T) {
	r := request(t, emulatortest.Start(t), "GET", admin.Prefix+"events", "", "Last-Event-ID", "x")
	if r.status != 400 || !strings.Contains(r.body, "Last-Event-ID must be the ID of an event") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAMessageIsReadableInATerminal(t *testing.T) {
	r := request(t, emulatortest.Start(t), "GET", admin.Prefix+"rooms/lobby", "")
	if want := `is not an ARN of the form arn:aws:ivschat:<region>:<account>:`; !strings.Contains(r.body, want) {
		t.Errorf("%s, want %s", r.body, want)
	}
}
