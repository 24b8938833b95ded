package control

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// failingCall makes CreateRoom fail once with the effect. It returns the response, the only line of the
// log and the only entry of the journal.
func failingCall(t *testing.T, effect fault.Effect) (*httptest.ResponseRecorder, string, journal.Entry) {
	t.Helper()
	api, log, entries := newTestAPI(nil)
	api.Faults = fault.New(random.New(1), func(fault.Rule, fault.Point) {})
	if _, err := api.Faults.Add(fault.Rule{Operation: "CreateRoom", Effect: effect}); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }() // a recorder has no connection that can be reset
		api.ServeHTTP(recorder, fromPage("/CreateRoom"))
	}()
	calls := entries.Latest(10, journal.Filter{})
	if strings.Count(log.String(), "\n") != 1 || len(calls) != 1 {
		t.Fatalf("the log is %s, and the journal %v", log, calls)
	}
	return recorder, log.String(), calls[0]
}

// fromPage returns a POST request that a web page of another origin makes.
func fromPage(path string) *http.Request {
	r := httptest.NewRequest("POST", path, nil)
	r.Header.Set("Origin", "http://app.localhost")
	return r
}

func TestACallThatAFaultAnswersHasItsRequestIDInTheLogAndTheJournal(t *testing.T) {
	for name, effect := range map[string]fault.Effect{
		"exception":   fault.ReturnException{Name: "ThrottlingException"},
		"status":      fault.ReturnStatus{Status: 503, Body: "busy"},
		"bare status": fault.ReturnStatus{Status: 503, Body: "busy", Bare: true},
		"reset":       fault.ResetConnection{},
	} {
		recorder, line, call := failingCall(t, effect)
		if len(call.RequestID) != 36 || !strings.Contains(line, "request_id="+call.RequestID) {
			t.Errorf("%s: the journal has %q, and the log %s", name, call.RequestID, line)
		}
		sent, want := recorder.Header().Get("x-amzn-RequestId"), call.RequestID
		if name == "bare status" {
			want = ""
		}
		if sent != want {
			t.Errorf("%s: the answer has the request ID %q, want %q", name, sent, want)
		}
	}
}

func TestAStatusFaultHasTheHeadersOfEveryAnswer(t *testing.T) {
	recorder, _, _ := failingCall(t, fault.ReturnStatus{Status: 503, Body: "busy"})
	usual := httptest.NewRecorder()
	api, _, _ := newTestAPI(nil)
	api.ServeHTTP(usual, fromPage("/unknown"))
	own := []string{"Content-Type", "Content-Length", "X-Amzn-Requestid", "X-Amzn-Errortype"}
	for name, want := range usual.Header() {
		if got := recorder.Header()[name]; !slices.Contains(own, name) && !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestABareStatusFaultHasOnlyWhatItsRuleSays(t *testing.T) {
	for _, effect := range []fault.ReturnStatus{
		{Status: 502, Body: "<html>Bad Gateway</html>", Bare: true},
		{Status: 502, Body: "{}", ContentType: "application/json", Bare: true},
	} {
		recorder, _, _ := failingCall(t, effect)
		if recorder.Code != 502 || recorder.Body.String() != effect.Body {
			t.Errorf("got %d %s", recorder.Code, recorder.Body)
		}
		for name := range recorder.Result().Header {
			want := ""
			if name == "Content-Type" {
				want = effect.ContentType
			}
			if got := recorder.Result().Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
}

func TestTheContentTypeOfAStatusFaultIsTextHTMLIfItHasABody(t *testing.T) {
	for want, effect := range map[string]fault.ReturnStatus{
		"text/html":        {Status: 503, Body: "{}"},
		"":                 {Status: 503},
		"application/json": {Status: 503, Body: "{}", ContentType: "application/json"},
	} {
		recorder, _, _ := failingCall(t, effect)
		if got := recorder.Result().Header.Get("Content-Type"); got != want {
			t.Errorf("%+v: got %q, want %q", effect, got, want)
		}
	}
}
