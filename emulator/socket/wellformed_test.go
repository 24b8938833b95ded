package socket

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheRefusalOfAMalformedHandshakeSaysHowToPassItOn(t *testing.T) {
	const nginx = "in nginx, add: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; " +
		`proxy_set_header Connection "upgrade";`
	for _, test := range []struct {
		change func(*http.Request)
		want   string // "" if it is not malformed
	}{
		{func(*http.Request) {}, ""},
		{func(r *http.Request) { r.Header.Set("Connection", "keep-alive, upgrade") }, ""},
		{func(r *http.Request) { r.Header.Set("Upgrade", "h2c, WebSocket") }, ""},
		{func(r *http.Request) { r.Header["Upgrade"] = []string{"h2c", "websocket"} }, ""},
		{func(r *http.Request) { r.Method = "POST" }, `the method of a WebSocket handshake is GET, and not "POST"`},
		{
			func(r *http.Request) { r.Proto, r.ProtoMinor = "HTTP/1.0", 0 },
			"a WebSocket handshake needs HTTP/1.1, but this request is HTTP/1.0. If a proxy sent it: " + nginx,
		},
		{
			func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0 },
			"a WebSocket handshake needs HTTP/1.1, but this request is HTTP/2.0. If a proxy sent it: " + nginx,
		},
		{
			func(r *http.Request) { r.Header.Del("Upgrade") },
			"the request has a Sec-WebSocket-Key, but not Upgrade: websocket (its Upgrade header is missing): " +
				"a proxy between the client and the emulator removed or replaced it. To pass it on " + nginx,
		},
		{
			func(r *http.Request) { r.Header.Set("Connection", "close") },
			`the request has Upgrade: websocket, but not Connection: Upgrade (its Connection header is "close"). ` +
				"If a proxy sent it: " + nginx,
		},
		{
			func(r *http.Request) { r.Header["Connection"] = []string{"close", "keep-alive"} },
			`the request has Upgrade: websocket, but not Connection: Upgrade (its Connection header is "close, keep-alive"). ` +
				"If a proxy sent it: " + nginx,
		},
		{
			func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
			`the Sec-WebSocket-Version is "8", but must be 13`,
		},
		{
			func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "MDEy") },
			"the Sec-WebSocket-Key must be 16 bytes in base64",
		},
		{func(r *http.Request) { r.ContentLength = 1 }, "a WebSocket handshake has no body, but this request has one"},
		{func(r *http.Request) { r.ContentLength = -1 }, "a WebSocket handshake has no body, but this request has one"},
	} {
		r := newHandshake()
		test.change(r)
		got := ""
		if err := checkRequest(hijackable{httptest.NewRecorder()}, r); err != nil {
			got = err.Error()
		}
		want := test.want
		if want != "" {
			want = ivschat.MalformedHTTPRequest.Name + ": " + want
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if test.want == "" {
			err := checkRequest(httptest.NewRecorder(), r)
			if err == nil ||
				!strings.HasSuffix(err.Error(), "the server in front of the emulator cannot upgrade a connection") {
				t.Errorf("with a connection that cannot be taken over: %v", err)
			}
		}
	}
}

func TestAHandshakeIsKnownByItsUpgradeHeaderOrItsKey(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"Upgrade", "WebSocket", true},
		{"Sec-WebSocket-Key", "key", true},
		{"Upgrade", "h2c", false},
		{"Sec-WebSocket-Version", "13", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(test.name, test.value)
		if got := IsHandshake(r); got != test.want {
			t.Errorf("%s: %s: got %t, want %t", test.name, test.value, got, test.want)
		}
	}
}
