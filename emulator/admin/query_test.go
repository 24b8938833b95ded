package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestAnInvalidAccountIsRefusedAndNothingHappens(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	for _, account := range []string{"", "123", "12345678901x", "1234567890123"} {
		for _, route := range []string{
			"POST reset", "GET rooms", "GET rooms/" + room, "GET snapshot", "PUT snapshot",
			"DELETE faults", "POST faults", "GET journal", "POST clock",
		} {
			method, path, _ := strings.Cut(route, " ")
			message := errorMessage(t, e, 400, method, path+"?account="+account, "{}")
			if !strings.Contains(message, fmt.Sprintf("12 digits, but is %q", account)) {
				t.Errorf("%s: %s", route, message)
			}
		}
	}
	call(t, e, 200, "GET", "rooms/"+room, "")
}

func TestAnAccountDoesNotSeeWhatBelongsToAnother(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()                           // of 123456789012
	request(t, e, "POST", "/CreateRoom", "{}") // of 000000000000
	for _, path := range []string{"rooms", "calls", "journal"} {
		if items := list(t, e, path+"?account=123456789012"); len(items) != 1 {
			t.Errorf("%s: %v", path, items)
		}
	}
	call(t, e, 404, "GET", "rooms/"+room+"?account=000000000000", "")
	call(t, e, 201, "POST", "faults?account=000000000000", `{"operation":"CreateRoom","status":500}`)
	if faults := list(t, e, "faults?account=123456789012"); len(faults) != 0 {
		t.Errorf("faults of another account: %v", faults)
	}
	e.Room() // succeeds
	if r := request(t, e, "POST", "/CreateRoom", "{}"); r.status != 500 {
		t.Errorf("the fault did not fire: %d", r.status)
	}
	call(t, e, 204, "POST", "reset?account=000000000000", "")
	if rooms := list(t, e, "rooms"); len(rooms) != 2 {
		t.Errorf("rooms of another account were reset: %v", rooms)
	}
}

func TestAChatTokenOfAnotherAccountIsRefused(t *testing.T) {
	e := emulatortest.Start(t)
	body := `{"token":"` + e.Token(e.Room(), "anna") + `"}`
	call(t, e, 200, "POST", "tokens/inspect?account=123456789012", body)
	message := errorMessage(t, e, 400, "POST", "tokens/inspect?account=000000000000", body)
	if message != "the chat token is not for a room of account 000000000000" {
		t.Error(message)
	}
}

func TestANumberOfTheQueryMustBeOne(t *testing.T) {
	e := emulatortest.Start(t)
	for _, path := range []string{"calls", "handshakes", "journal", "rooms/" + e.Room() + "/frames"} {
		for _, number := range []string{"x", "-1", "1.5", "1e3", "+1", "%2B1", "%201", "1%20", "0x10", "1_0", "1,000"} {
			for _, name := range []string{"count", "after"} {
				message := errorMessage(t, e, 400, "GET", path+"?"+name+"="+number, "")
				if !strings.HasPrefix(message, name+" must be an integer of 0 or more, but is ") {
					t.Errorf("%s=%s: %s", name, number, message)
				}
			}
		}
		call(t, e, 200, "GET", path+"?count=0", "")
		call(t, e, 200, "GET", path+"?after=9223372036854775807", "")
		for _, number := range []string{"9223372036854775808", "18446744073709551616"} {
			message := errorMessage(t, e, 400, "GET", path+"?after="+number, "")
			if message != "after must be at most 9223372036854775807, but is "+number {
				t.Errorf("%s: %s", number, message)
			}
		}
	}
}

func TestWithATimeoutAListBeginsWithTheFirstEntry(t *testing.T) {
	e := emulatortest.Start(t)
	for range 101 {
		e.Room()
	}
	for query, want := range map[string]struct{ first, last float64 }{
		"":             {2, 101}, // without a timeout, the latest 100
		"?timeout=1ms": {1, 100}, "?timeout=1ms&count=3": {1, 3}, "?timeout=1ms&count=0": {1, 101},
		"?count=1": {101, 101}, "?after=0": {1, 100}, "?after=1": {2, 101}, "?after=1&count=64": {2, 65},
		"?count=10000": {1, 101}, "?after=100&count=1&timeout=10m": {101, 101},
	} {
		answer := call(t, e, 200, "GET", "calls"+query, "")
		items := answer["items"].([]any)
		if got := member(items[0], "id"); got != want.first {
			t.Errorf("calls%s begins with %v, want %v", query, got, want.first)
		}
		last := items[len(items)-1]
		if float64(len(items)) != want.last-want.first+1 || member(last, "id") != want.last ||
			answer["last"] != want.last {
			t.Errorf("calls%s has %d items, the last ID %v, and last %v",
				query, len(items), member(last, "id"), answer["last"])
		}
	}
	for query, last := range map[string]float64{"?after=101": 101, "?after=7000": 7000, "?count=0": 0} {
		answer := call(t, e, 200, "GET", "calls"+query, "")
		if items := answer["items"].([]any); len(items) != 0 || answer["last"] != last {
			t.Errorf("calls%s has %d items, and last %v, want %v", query, len(items), answer["last"], last)
		}
	}
}

func TestATimeoutIsAtMostTenMinutes(t *testing.T) {
	e := emulatortest.Start(t)
	message := errorMessage(t, e, 400, "GET", "calls?timeout=10m0.000000001s", "")
	if !strings.HasPrefix(message, "timeout must be a duration of at most 10m0s, ") {
		t.Error(message)
	}
}

func TestEveryListIsLimitedToTheAccountOfTheQuery(t *testing.T) {
	e := emulatortest.Start(t)
	addFault(t, e, `{"operation":"CONNECT","status":503}`)
	if _, err := e.Dial(e.Token(e.Room(), "anna")); err == nil { // of 123456789012
		t.Fatal("the handshake was not refused")
	}
	for _, path := range []string{"rooms", "calls", "journal", "handshakes"} {
		if items := list(t, e, path+"?account=123456789012"); len(items) == 0 {
			t.Errorf("%s: nothing of the account", path)
		}
		if items := list(t, e, path+"?account=210987654321"); len(items) != 0 {
			t.Errorf("%s: another account has %v", path, items)
		}
	}
}
