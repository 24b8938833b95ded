package socket

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

const ordinary = "GET / HTTP/1.1\r\nHost: localhost:4700\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Protocol: AQICAHg!#0\r\n\r\n"

// firefox is what a browser sends.
const firefox = "GET /?a=b HTTP/1.1\r\nHost: [::1]:4700\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0)\r\n" +
	"Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Sec-WebSocket-Version: 13\r\nOrigin: http://localhost:5173\r\nSec-WebSocket-Protocol: AQICAHg!#0\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n" +
	"Connection: keep-alive, Upgrade\r\nPragma: no-cache\r\nUpgrade: websocket\r\n\r\n"

func TestAnOrdinaryHandshakeIsParsed(t *testing.T) {
	for _, text := range []string{ordinary, firefox} {
		h, ok := parseHandshake([]byte(text + "rest"))
		if !ok || h.key != "MDEyMzQ1Njc4OWFiY2RlZg==" || h.token != "AQICAHg!#0" || string(h.rest) != "rest" {
			t.Errorf("parsed as %+v (%t)", h, ok)
		}
	}
}

func TestWhatNeedsASecondLookIsNotParsed(t *testing.T) {
	for name, change := range map[string]struct{ replace, by string }{
		"an incomplete one":        {"\r\n\r\n", "\r\n"},
		"another method":           {"GET", "POST"},
		"another version of HTTP":  {"HTTP/1.1", "HTTP/1.0"},
		"a target with an escape":  {"GET /", "GET /%41"},
		"a whole URL":              {"GET /", "GET http://localhost/"},
		"no target":                {"GET / ", "GET "},
		"no host":                  {"Host: localhost:4700\r\n", ""},
		"an empty host":            {"localhost:4700", ""},
		"an unusual host":          {"localhost:4700", "local host"},
		"two hosts":                {"Host", "Host: localhost\r\nhost"},
		"another upgrade":          {"Upgrade: websocket", "Upgrade: h2c"},
		"two upgrades":             {"Upgrade: websocket", "Upgrade: h2c, websocket"},
		"another connection":       {"Connection: Upgrade", "Connection: close, Upgrade"},
		"no connection":            {"Connection: Upgrade\r\n", ""},
		"another version":          {"Version: 13", "Version: 12"},
		"a short key":              {"MDEyMzQ1Njc4OWFiY2RlZg==", "MDEy"},
		"no token":                 {"AQICAHg!#0", ""},
		"two protocols":            {"AQICAHg!#0", "AQICAHg!#0, chat"},
		"a folded line":            {"\r\nUpgrade", "\r\n Upgrade"},
		"a space before the colon": {"Upgrade:", "Upgrade :"},
		"no colon":                 {"Upgrade:", "Upgrade"},
		"no name":                  {"Upgrade:", ":"},
		"a control character":      {"localhost:4700\r\n", "localhost:4700\r\nOrigin: a\tb\r\n"},
		"a character beyond ASCII": {"localhost:4700\r\n", "localhost:4700\r\nOrigin: é\r\n"},
		"a bare line feed":         {"localhost:4700\r\n", "localhost:4700\n"},
		"a body":                   {"Host", "content-length: 1\r\nHost"},
		"a body in chunks":         {"Host", "Transfer-Encoding: chunked\r\nHost"},
		"a trailer":                {"Host", "Trailer: X\r\nHost"},
		"an expectation":           {"Host", "Expect: 100-continue\r\nHost"},
		"an address from a proxy":  {"Host", "x-forwarded-for: 203.0.113.9\r\nHost"},
	} {
		changed := strings.Replace(ordinary, change.replace, change.by, 1)
		if h, ok := parseHandshake([]byte(changed)); ok || changed == ordinary {
			t.Errorf("%s: parsed as %+v", name, h)
		}
	}
}

// FuzzParseHandshake looks for a handshake that has another meaning for net/http, or is refused then.
func FuzzParseHandshake(f *testing.F) {
	for _, text := range []string{ordinary, firefox} {
		f.Add([]byte(text))
		f.Add([]byte(text + "\x81\x80\x00\x00\x00\x00"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		h, ok := parseHandshake(text)
		if !ok {
			return
		}
		reader := bufio.NewReader(bytes.NewReader(text))
		r, err := http.ReadRequest(reader)
		if err != nil {
			t.Fatalf("net/http: %v", err)
		}
		if !IsHandshake(r) {
			t.Error("the request is not a handshake")
		}
		if err := checkRequest(hijackable{httptest.NewRecorder()}, r); err != nil {
			t.Errorf("the handshake is refused: %v", err)
		}
		if offered := websocket.Subprotocols(r); len(offered) != 1 || offered[0] != h.token {
			t.Errorf("the protocols are %q, and not only %q", offered, h.token)
		}
		if key := r.Header.Get("Sec-WebSocket-Key"); key != h.key {
			t.Errorf("the key is %q, and not %q", key, h.key)
		}
		if rest, _ := io.ReadAll(reader); !bytes.Equal(rest, h.rest) {
			t.Errorf("the rest is %q, and not %q", rest, h.rest)
		}
	})
}
