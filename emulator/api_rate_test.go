package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// newLimited returns an emulator with the request rates of AWS, whose clock stands still.
func newLimited(t *testing.T) *emulator.Emulator {
	t.Helper()
	e := newEmulator(t, emulator.Config{APIRates: emulator.APIRatesAWS})
	e.Clock().SetScale(0) // or rates refill by themselves
	return e
}

// exceptionOf calls an operation without members, and returns the name of the exception.
func exceptionOf(handler http.Handler, op model.Operation) string {
	path, _, _ := strings.Cut(op.Path, "{")
	if path != op.Path {
		path += "x"
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(op.Method, path, strings.NewReader("{}")))
	return recorder.Header().Get("x-amzn-ErrorType")
}

const throttled = "ThrottlingException"

// useUp calls an operation as often as its rate allows within a second.
func useUp(t *testing.T, handler http.Handler, operation string) {
	t.Helper()
	op := operationOf(t, operation)
	for i := range op.Rate {
		if exceptionOf(handler, op) == throttled {
			t.Fatalf("%s: call %d of %d is throttled", op.Name, i+1, op.Rate)
		}
	}
}

func TestEveryOperationHasTheRateThatAWSPublishes(t *testing.T) {
	e := newLimited(t)
	for _, op := range model.Operations() {
		useUp(t, e, op.Name)
		for range 2 { // a refused call counts for nothing
			if got := exceptionOf(e, op); got != throttled {
				t.Errorf("%s: after %d calls, another one is answered with %q", op.Name, op.Rate, got)
			}
		}
		e.Clock().Advance(time.Second/time.Duration(op.Rate) + 1)
		if got := exceptionOf(e, op); got == throttled {
			t.Errorf("%s: still throttled when there is time for one more call", op.Name)
		}
		if got := exceptionOf(e, op); got != throttled {
			t.Errorf("%s: a second call in the time for one is answered with %q", op.Name, got)
		}
	}
}

func TestRequestRatesAreOffByDefault(t *testing.T) {
	for name, config := range map[string]emulator.Config{"default": {}, "off": {APIRates: emulator.APIRatesOff}} {
		e := newEmulator(t, config)
		e.Clock().SetScale(0)
		for range 10 {
			if got := call(e, "CreateRoom", ""); got.Code != http.StatusOK {
				t.Errorf("%s: CreateRoom is answered with %d %s", name, got.Code, got.Body)
			}
		}
	}
}

func TestARequestRateIsThatOfOneOperationOfOneAccountInOneRegion(t *testing.T) {
	e := newLimited(t)
	useUp(t, e, "ListRooms")
	post(t, as(otherAccount, e), "ListRooms", "")
	post(t, e, "ListLoggingConfigurations", "")
	inOtherRegion := httptest.NewRequest("POST", "/ListRooms", strings.NewReader("{}"))
	inOtherRegion.Host = "ivschat.eu-west-1.amazonaws.com"
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, inOtherRegion)
	if answer.Code != http.StatusOK {
		t.Errorf("in another region: %d %s", answer.Code, answer.Body)
	}
	expectThrottled(t, e, "ListRooms", "", 5)
}

// expectAnswer compares the status and the body of an answer.
func expectAnswer(t *testing.T, what string, answer *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if got := strings.TrimSpace(answer.Body.String()); answer.Code != status || got != body {
		t.Errorf("%s:\n%d %s, want\n%d %s", what, answer.Code, got, status, body)
	}
}

func TestAThrottlingExceptionNamesTheResourceOfTheRequestOrElseTheAccount(t *testing.T) {
	e := newLimited(t)
	room := createRoom(t, e, "")
	for _, operation := range []string{"CreateRoom", "GetRoom", "ListTagsForResource"} {
		for range 20 { // more than the rate of each
			exceptionOf(e, operationOf(t, operation))
		}
	}
	_, id, _ := strings.Cut(room, "/")
	const body = `{"limit":%[2]d,"message":"Account 000000000000 exceeds the rate limit of %[1]s in us-east-1: ` +
		`%[2]d calls per second","resourceId":%[3]q,"resourceType":"ROOM"}`
	expectAnswer(t, "a request without a resource", call(e, "CreateRoom", ""),
		429, fmt.Sprintf(body, "CreateRoom", 5, emulator.DefaultAccount))
	expectAnswer(t, "a request for a room", call(e, "GetRoom", fmt.Sprintf(`{"identifier":%q}`, room)),
		429, fmt.Sprintf(body, "GetRoom", 5, id))
	expectAnswer(t, "a request for what is no ARN", call(e, "GetRoom", `{"identifier":"x"}`),
		429, fmt.Sprintf(body, "GetRoom", 5, emulator.DefaultAccount))
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest("GET", "/tags/"+url.PathEscape(room), nil))
	expectAnswer(t, "a request for tags", answer, 429, fmt.Sprintf(body, "ListTagsForResource", 10, id))
}

func operationOf(t *testing.T, name string) model.Operation {
	t.Helper()
	op, ok := model.Find(name)
	if !ok {
		t.Fatalf("%s is not an operation", name)
	}
	return op
}

func TestAThrottledCallIsInTheJournal(t *testing.T) {
	e := newLimited(t)
	useUp(t, e, "CreateRoom")
	answer := call(e, "CreateRoom", `{"name":"lobby"}`)
	entry := e.Journal().Latest(1, journal.Filter{Kind: journal.Call})[0]
	if entry.Operation != "CreateRoom" || entry.Status != 429 || entry.Exception != throttled ||
		string(entry.Request) != `{"name":"lobby"}` || string(entry.Response) != strings.TrimSpace(answer.Body.String()) {
		t.Errorf("the journal has %+v", entry)
	}
}

// A request counts as soon as it is known who makes it. A fault comes first, so that it fires when a test expects it.
func TestInvalidRequestsCountAndFaultsAndUnknownCallersDoNot(t *testing.T) {
	e := newLimited(t)
	rule := fault.Rule{Operation: "CreateRoom", Effect: fault.ReturnException{Name: "ServiceUnavailable"}}
	if _, err := e.Faults().Add(rule); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if got := call(e, "CreateRoom", ""); got.Code != http.StatusServiceUnavailable {
			t.Errorf("the fault is answered with %d %s", got.Code, got.Body)
		}
	}
	e.Faults().Clear("")
	for range 6 {
		malformed := httptest.NewRequest("POST", "/CreateRoom", nil)
		malformed.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=bad")
		answer := httptest.NewRecorder()
		if e.ServeHTTP(answer, malformed); answer.Code != http.StatusForbidden {
			t.Errorf("a malformed signature is answered with %d %s", answer.Code, answer.Body)
		}
	}
	for range 5 {
		if got := call(e, "CreateRoom", `{"name":7}`); got.Code != http.StatusBadRequest {
			t.Errorf("an invalid request is answered with %d %s", got.Code, got.Body)
		}
	}
	expectThrottled(t, e, "CreateRoom", `{"name":7}`, 5)
}

func TestAResetRefillsTheRequestRatesOfExactlyItsAccounts(t *testing.T) {
	for account, both := range map[string]bool{emulator.DefaultAccount: false, "": true} {
		t.Run("account "+account, func(t *testing.T) {
			e := newLimited(t)
			useUp(t, e, "ListRooms")
			useUp(t, as(otherAccount, e), "ListRooms")
			e.Clock().Account(otherAccount).SetScale(0)
			if err := e.Reset(context.Background(), account); err != nil {
				t.Fatal(err)
			}
			post(t, e, "ListRooms", "")
			if both {
				post(t, as(otherAccount, e), "ListRooms", "")
			} else {
				expectThrottled(t, as(otherAccount, e), "ListRooms", "", 5)
			}
		})
	}
}
