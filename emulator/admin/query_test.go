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
	if !strings.Contains(message, "not for a room of account 000000000000") {
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
	for query, first := range map[string]float64{
		"":             2, // without a timeout, the latest 100
		"?timeout=1ms": 1, "?timeout=1ms&count=3": 1, "?count=1": 101, "?after=0": 1, "?after=1": 2,
	} {
		items := list(t, e, "calls"+query)
		if got := member(items[0], "id"); got != first {
			t.Errorf("calls%s begins with %v, want %v", query, got, first)
		}
	}
}
