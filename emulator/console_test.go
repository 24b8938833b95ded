package emulator_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

const (
	consolePath = "/_ivschat/console/"
	// browserAccept is what a browser sends when it opens a page.
	browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
)

// ask sends a request without a network to localhost:4700, with pairs of a header and its value. A header with
// the name Host is that of the request.
func ask(handler http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:4700"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder
}

func TestABrowserThatOpensTheEmulatorIsSentToTheConsole(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	for path, want := range map[string]string{"/": "_ivschat/console/", "/_ivschat/console": "console/"} {
		for _, method := range []string{"GET", "HEAD"} {
			// The location is relative, so it is also right behind a proxy that removes a prefix.
			got := ask(e, method, path, "Accept", browserAccept)
			if location := got.Header().Get("Location"); got.Code != http.StatusFound || location != want {
				t.Errorf("%s %s: %d to %q, want 302 to %q", method, path, got.Code, location, want)
			}
		}
	}
	got := ask(e, "GET", consolePath, "Accept", browserAccept)
	if got.Code != 200 || !strings.Contains(got.Body.String(), "<title>ivschat-local</title>") {
		t.Errorf("the console is %d %s", got.Code, got.Body)
	}
}

func TestOnlyABrowserThatOpensAPageIsSentToTheConsole(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	const signature = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ivschat/aws4_request, " +
		"SignedHeaders=host, Signature=00"
	for _, test := range []struct {
		method, path string
		header       []string
		status       int
	}{
		{"GET", "/", nil, 404},
		{"GET", "/", []string{"Accept", "*/*"}, 404}, // curl
		{"GET", "/", []string{"Accept", "application/json", "Authorization", signature}, 404},
		{"POST", "/", []string{"Accept", browserAccept}, 404},
		{"DELETE", "/", []string{"Accept", browserAccept}, 404},
		{"OPTIONS", "/", []string{
			"Accept", browserAccept, "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST",
		}, 204},
		{"GET", "/nothing", []string{"Accept", browserAccept}, 404},
		{"GET", "//", []string{"Accept", browserAccept}, 404},
		{"POST", "/CreateRoom", []string{"Accept", browserAccept}, 200},
		{"GET", "/tags/x", []string{"Accept", browserAccept}, 400},
	} {
		got := ask(e, test.method, test.path, test.header...)
		ofAWS := got.Header().Get("Access-Control-Expose-Headers") != "" // the admin API sends none
		if got.Code != test.status || got.Header().Get("Location") != "" || !ofAWS {
			t.Errorf("%s %s %v: %d %v %s", test.method, test.path, test.header, got.Code, got.Header(), got.Body)
		}
	}
}

func TestTheConsoleIsOnlyRead(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		for _, path := range []string{consolePath, consolePath + "main.js", "/_ivschat/console"} {
			if got := ask(e, method, path); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d %s", method, path, got.Code, got.Body)
			}
		}
	}
	for _, path := range []string{
		consolePath + "nothing", consolePath + "../v1/clock", consolePath + "%2e%2e/v1/clock",
		consolePath + "%2e%2e%2fv1%2fclock",
	} {
		if got := ask(e, "GET", path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestWithoutTheAdminAPIThereIsNoConsole(t *testing.T) {
	e := newEmulator(t, emulator.Config{Listen: "127.0.0.1:0", AdminListen: emulator.AdminOff})
	if err := e.Start(); err != nil || e.ConsoleURL() != "" {
		t.Errorf("%v, and the console is at %s", err, e.ConsoleURL())
	}
	for _, path := range []string{"/", consolePath, consolePath + "main.js", "/_ivschat/console"} {
		got := ask(e, "GET", path, "Accept", browserAccept)
		if got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "is not an operation") {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestAtTheAddressOfTheAdminAPIThereIsEverythingThatTheConsoleNeeds(t *testing.T) {
	e := newEmulator(t, emulator.Config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0"})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{ // at the main address, and at the other one
		"/": {404, 200}, consolePath: {404, 200}, "/_ivschat/v1/info": {404, 200}, "/health": {200, 200},
	} {
		for i, url := range []string{e.URL(), e.AdminURL()} {
			if got := statusOf(t, url+path); got != want[i] {
				t.Errorf("%s%s: %d, want %d", url, path, got, want[i])
			}
		}
	}
	if want := e.AdminURL() + consolePath; e.ConsoleURL() != want {
		t.Errorf("the console is at %s, want %s", e.ConsoleURL(), want)
	}
	plane := chatclient.ControlPlane{Endpoint: e.AdminURL(), AccountID: "123456789012", Region: "us-east-1"}
	arn, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{RoomIdentifier: arn, UserID: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	at := &network{e, strings.Replace(e.AdminURL(), "http", "ws", 1), new(net.Dialer).DialContext, nil}
	anna := at.connectWith(t, token)
	sendEvent(t, as("123456789012", e), arn)
	if frame := anna.receive(); frame.Type != "EVENT" {
		t.Errorf("received %v", frame)
	}
}

// statusOf returns the status of the page that a browser gets, which follows redirects.
func statusOf(t *testing.T, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", browserAccept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// navigation is the headers with which a browser opens a page because of something on another website.
func navigation(more ...string) []string {
	return append([]string{
		"Accept", browserAccept, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document",
	}, more...)
}

func TestALinkOnAnotherWebsiteOpensTheConsoleAndNothingElse(t *testing.T) {
	e := newEmulator(t, emulator.Config{AllowHost: []string{"chat.example"}})
	for _, test := range []struct {
		method, path string
		header       []string
		status       int
	}{
		{"GET", consolePath, navigation(), 200},
		{"GET", consolePath, navigation("Sec-Fetch-Site", "same-site"), 200},
		{"GET", consolePath, navigation("Host", "chat.example"), 200},
		{"GET", "/_ivschat/console", navigation(), 302},
		{"GET", "/", navigation(), 302},
		{"GET", consolePath + "main.js", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Dest", "script"}, 200},
		{"GET", consolePath, []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Dest", "document"}, 200},

		{"GET", "/_ivschat/v1/clock", navigation(), 403},
		{"GET", "/_ivschat/v1/snapshot", navigation(), 403},
		{"GET", consolePath + "main.js", navigation(), 403},
		{"GET", consolePath, navigation("Sec-Fetch-Dest", "iframe"), 403},
		{"GET", consolePath, navigation("Sec-Fetch-Dest", "frame"), 403},
		{"GET", consolePath, navigation("Sec-Fetch-Dest", "embed"), 403},
		{"GET", consolePath, navigation("Sec-Fetch-Dest", "object"), 403},
		{"GET", consolePath, navigation("Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "empty"), 403},
		{"GET", consolePath + "main.js", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "script"}, 403},
		{"GET", consolePath + "icon.svg", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "image"}, 403},
		{"GET", consolePath + "icon.svg", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "image"}, 403},
		{"POST", consolePath, navigation(), 403},
		{"POST", consolePath, navigation("Origin", "https://evil.example"), 403},
		{"GET", consolePath, navigation("Origin", "https://evil.example"), 403},
		{"GET", consolePath, []string{"Origin", "null"}, 403},
		{"GET", consolePath, navigation("Host", "evil.example:4700"), 403}, // DNS rebinding
		{"GET", "/", navigation("Host", "evil.example:4700"), 403},
		{"GET", consolePath, []string{"Host", "evil.example", "Sec-Fetch-Site", "same-origin"}, 403},
	} {
		got := ask(e, test.method, test.path, test.header...)
		if got.Code != test.status {
			t.Errorf("%s %s %v: %d, want %d: %.200s", test.method, test.path, test.header, got.Code, test.status, got.Body)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Access-Control-Allow-Origin": "",
		} {
			if value := got.Header().Get(name); value != want {
				t.Errorf("%s %s %v: %s is %q, want %q", test.method, test.path, test.header, name, value, want)
			}
		}
	}
}
