package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// mistypedAccounts are queries, and what follows them in the request line. None of them names the account.
var mistypedAccounts = []string{
	"?account=111111111111;",
	"?account=111111111111;x=1",
	"?account=111111111111%",
	"?account=111111111111%2",
	"?account=111111111111%zz",
	"?account=111111111111%00",
	"?account=%00111111111111",
	"?account=111111111111%0A",
	"?account=111111111111%20",
	"?account=%20111111111111",
	"?account=111111111111+",
	"?account=+111111111111",
	"?account=111111111111,",
	"?account=111111111111#",
	"?account=111111111111#now",
	"?account=11111111111",
	"?account=1111111111111",
	"?account=11111111111l",
	"?account=%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91%EF%BC%91",
	"?account=1111-1111-1111",
	"?account=arn:aws:iam::111111111111:root",
	`?account="111111111111"`,
	"?account=" + strings.Repeat("1", 100_000),
	"?account==111111111111",
	"?account=",
	"?account",
	"?account%3D111111111111",
	"?Account=111111111111",
	"?ACCOUNT=111111111111",
	"?accounts=111111111111",
	"?acount=111111111111",
	"?account%20=111111111111",
	"?%20account=111111111111",
	"?account%00=111111111111",
	"?account[]=111111111111",
	"?=111111111111",
	"?111111111111",
	"??account=111111111111",
	"?account=111111111111&account=111111111111",
	"?account=111111111111&account=",
	"?account=111111111111&Account=111111111111",
	"?account=111111111111&;",
	"?x&account=111111111111",
	"?account=111111111111&" + strings.Repeat("x", 100_000),
	";account=111111111111",
	"&account=111111111111",
	"%3Faccount=111111111111",
	"/?account=111111111111",
	"#?account=111111111111",
}

// adminCalls are calls of the admin API that have an account, with a body that each accepts.
var adminCalls = []struct{ method, path, body string }{
	{"POST", "reset", ""},
	{"POST", "reset", `{"to": "empty"}`},
	{"POST", "clock", `{"advance": "1h"}`},
	{"GET", "clock", ""},
	{"POST", "faults", `{"operation": "DeleteRoom", "status": 500}`},
	{"GET", "faults", ""},
	{"DELETE", "faults", ""},
	{"DELETE", "faults/1", ""},
	{"GET", "rooms", ""},
	{"GET", "calls", ""},
	{"GET", "handshakes", ""},
	{"GET", "journal", ""},
	{"GET", "events", ""},
	{"POST", "tokens/inspect", `{"token": "x"}`},
	{"GET", "snapshot", ""},
	{"PUT", "snapshot", `{"version": 1, "rooms": [], "loggingConfigurations": []}`},
}

func TestAMistypedAccountIsRefusedAndDoesNotMeanEverybody(t *testing.T) {
	n := serveInMemory(t, emulator.Config{})
	createRoom(t, n, "{}")
	addFault(t, n.Emulator)
	before := stateOf(t, n.Emulator)
	for _, call := range adminCalls {
		for _, method := range []string{call.method, "HEAD", "OPTIONS"} {
			for _, mistyped := range mistypedAccounts {
				response, text := n.sendRaw(t, fmt.Sprintf(
					"%s /_ivschat/v1/%s%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
					method, call.path, mistyped, len(call.body), call.body))
				if response.StatusCode/100 != 4 {
					t.Errorf("%s %s%.60s: %s %.200s", method, call.path, mistyped, response.Status, text)
				}
				if size := response.ContentLength; size < 0 || size > 1000 {
					t.Errorf("%s %s%.60s: the answer has %d bytes", method, call.path, mistyped, size)
				}
			}
		}
	}
	if after := stateOf(t, n.Emulator); after != before {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}
}

// stateOf describes what calls of the admin API can change.
func stateOf(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	resources, err := e.Resources(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v, rules %v, the clock is %v ahead, last entry %d", resources.Rooms, e.Faults().Rules(""),
		e.Clock().Ahead(), e.Journal().Last())
}

func TestAnAccountInTheBodyIsRefusedWhereTheQueryHasIt(t *testing.T) {
	n := serveInMemory(t, emulator.Config{})
	createRoom(t, n, "{}")
	before := stateOf(t, n.Emulator)
	for _, query := range []string{"", "?account=111111111111"} {
		for _, call := range []struct{ method, path, body string }{
			{"POST", "reset", `{"account": "111111111111"}`},
			{"POST", "reset", `{"to": "empty", "account": "111111111111"}`},
			{"POST", "clock", `{"advance": "1h", "account": "111111111111"}`},
			{"POST", "tokens/inspect", `{"token": "x", "account": "111111111111"}`},
			{"PUT", "snapshot",
				`{"version": 1, "rooms": [], "loggingConfigurations": [], "account": "111111111111"}`},
			{"POST", "faults", `{"operation": "DeleteRoom", "status": 500, "account": ""}`},
			{"POST", "faults", `{"operation": "DeleteRoom", "status": 500, "account": null}`},
			{"POST", "faults", `[{"operation": "DeleteRoom", "status": 500, "room": ""}]`},
			{"POST", "faults", `{"operation": "SEND_MESSAGE", "error": 500, "userId": ""}`},
			{"POST", "faults", `{"operation": "CONNECT", "status": 500, "capability": null}`},
			{"POST", "faults", `{"operation": "DeleteRoom", "status": 500, "account": "222222222222;"}`},
			{"POST", "faults", `{"operation": "DeleteRoom", "status": 500, "account": "222222222222 "}`},
			{"POST", "faults", `{"operation": "DeleteRoom", "status": 500, "Account": "111111111111"}`},
		} {
			response, text := n.sendRaw(t, fmt.Sprintf(
				"%s /_ivschat/v1/%s%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
				call.method, call.path, query, len(call.body), call.body))
			if response.StatusCode != http.StatusBadRequest {
				t.Errorf("%s %s%s %s: %s %s", call.method, call.path, query, call.body, response.Status, text)
			}
		}
	}
	if after := stateOf(t, n.Emulator); after != before {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}
}

func TestAWebPageWithoutAUsualOriginCannotUseTheAdminAPI(t *testing.T) {
	n := serveInMemory(t, emulator.Config{AllowHost: []string{"allowed.example"}})
	for _, header := range []string{
		"Origin: null",
		"Origin:",
		"Origin: http://",
		"Origin: http://:80",
		"Origin: localhost",
		"Origin: //localhost",
		"Origin: %",
		"Host: localhost\r\nOrigin: null",
		"Host:\r\nOrigin: null",
		"Host: :80\r\nOrigin: http://:80",
		"Host: localhost\r\nOrigin:",
		"Host: localhost\r\nOrigin: localhost",
		"Host: localhost\r\nOrigin: //localhost",
		"Host: localhost\r\nOrigin: file://localhost",
		"Host: localhost\r\nOrigin: ftp://localhost",
		"Host: localhost\r\nOrigin: http://localhost/",
		"Host: localhost\r\nOrigin: http://localhost/page",
		"Host: localhost\r\nOrigin: http://localhost?x",
		"Host: localhost\r\nOrigin: http://localhost#x",
		"Host: localhost\r\nOrigin: http://user@localhost",
		"Host: localhost\r\nOrigin: http://localhost@evil.example",
		"Host: localhost\r\nOrigin: http://localhost http://evil.example",
		"Host: localhost\r\nOrigin: http://localhost, http://evil.example",
		"Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example",
		"Host: localhost\r\nOrigin: http://evil.example\r\nOrigin: http://localhost",
		"Host: localhost\r\nOrigin: http://localhost\r\nOrigin: null",
		"Host: localhost\r\nOrigin: http://user@allowed.example",
		"Host: localhost\r\nOrigin: http://allowed.example/page",
		"Host: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
		"Host: localhost\r\nSec-Fetch-Site: same-origin, cross-site",
		"Host: localhost\r\nSec-Fetch-Site:",
	} {
		for _, version := range []string{"1.0", "1.1"} {
			response, text := n.sendRaw(t, "GET /_ivschat/v1/clock HTTP/"+version+"\r\n"+header+"\r\n\r\n")
			isWithoutHost := !strings.Contains(header, "Host:") && version == "1.1" // which net/http refuses
			if response.StatusCode != http.StatusForbidden && !isWithoutHost {
				t.Errorf("HTTP/%s, %q: %s %s", version, header, response.Status, text)
			}
		}
	}
	for _, header := range []string{
		"", "Origin: http://allowed.example", "Host: localhost\r\nOrigin: http://localhost",
		"Host: localhost:80\r\nOrigin: https://localhost:80", "Host: [::1]:80\r\nOrigin: http://[::1]:80",
	} {
		response, text := n.sendRaw(t, "GET /_ivschat/v1/clock HTTP/1.0\r\n"+header+"\r\n\r\n")
		if response.StatusCode != http.StatusOK {
			t.Errorf("%q: %s %s", header, response.Status, text)
		}
	}
}
