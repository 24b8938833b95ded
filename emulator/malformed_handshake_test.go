package emulator_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// malformedHandshakes has requests that differ from a valid handshake in one way, each as a text that
// is replaced by another, and what the refusal says.
var malformedHandshakes = map[string]struct{ replace, by, reason string }{
	"another method":           {"GET ", "POST ", `the method of a WebSocket handshake is GET, and not "POST"`},
	"HTTP/1.0":                 {"HTTP/1.1", "HTTP/1.0", "proxy_http_version 1.1;"},
	"no Upgrade":               {"Upgrade: websocket\r\n", "", "a proxy between the client and the emulator removed"},
	"another Upgrade":          {": websocket", ": h2c", "proxy_set_header Upgrade $http_upgrade;"},
	"no Connection":            {"Connection: Upgrade\r\n", "", "its Connection header is missing"},
	"another Connection":       {"Connection: Upgrade", "Connection: keep-alive", `its Connection header is "keep-alive"`},
	"an unclear Connection":    {"Connection: Upgrade", "Connection: a b, Upgrade", `its Connection header is "a b, Upgrade"`},
	"no version":               {"Sec-WebSocket-Version: 13\r\n", "", "the Sec-WebSocket-Version is missing, but must be 13"},
	"another version":          {"Version: 13", "Version: 8", `the Sec-WebSocket-Version is "8", but must be 13`},
	"no key":                   {"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n", "", "the Sec-WebSocket-Key must be"},
	"a key of another length":  {"MDEyMzQ1Njc4OWFiY2RlZg==", "MDEy", "the Sec-WebSocket-Key must be 16 bytes"},
	"a body":                   {"Host: localhost", "Host: localhost\r\nContent-Length: 1", "a WebSocket handshake has no body"},
	"a body in chunks":         {"Host: localhost", "Host: localhost\r\nTransfer-Encoding: chunked", "has no body"},
	"a key that is not base64": {"MDEyMzQ1Njc4OWFiY2RlZg==", "0123456789abcdef", "the Sec-WebSocket-Key must be"},
}

// handshake is a valid handshake, without its token.
const handshake = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "

// sendRaw sends a request as it is and returns the response with its body.
func (n *network) sendRaw(t *testing.T, request string) (response *http.Response, body string) {
	t.Helper()
	conn, err := n.netDial(t.Context(), "tcp", strings.TrimPrefix(n.endpoint, "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ") // that of HEAD has no body
	response, err = http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, max(response.ContentLength, 0)))
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestAMalformedHandshakeIsRefusedAndDoesNotUseUpItsToken(t *testing.T) {
	var log logBuffer
	n := serveOverTCP(t, emulator.Config{Logger: log.logger()})
	room := createRoom(t, n, "")
	for name, test := range malformedHandshakes {
		t.Run(name, func(t *testing.T) {
			token := createToken(t, n, room, "anna", "")
			before := n.Journal().Last()
			response, body := n.sendRaw(t, strings.Replace(handshake, test.replace, test.by, 1)+token+"\r\n\r\n")
			kind := response.Header.Get("x-amzn-ErrorType")
			if response.StatusCode != 400 || kind != "MalformedHttpRequestException" ||
				response.Header.Get("Sec-WebSocket-Version") != "13" {
				t.Errorf("%s %s %v", response.Status, kind, response.Header)
			}
			listed := n.Journal().Wait(t.Context(), before, 1, journal.Filter{Kind: journal.Handshake})
			quoted := strings.ReplaceAll(test.reason, `"`, `\"`)
			switch {
			case len(listed) != 1 || listed[0].Status != 400 || !strings.Contains(listed[0].Reason, test.reason):
				t.Errorf("the journal has %+v", listed)
			case !strings.Contains(body, `{"message":"`) || !strings.Contains(body, quoted):
				t.Errorf("the body is %s", body)
			case !strings.Contains(log.String(), quoted):
				t.Errorf("the log is\n%s", log.String())
			}
			n.connectWith(t, token)
		})
	}
}

func TestFramesThatArriveBeforeTheAnswerToTheHandshakeAreRead(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, emulator.Config) *network{
		"TCP": serveOverTCP, "memory": serveInMemory,
	} {
		t.Run(name, func(t *testing.T) {
			n := serve(t, emulator.Config{})
			token := createToken(t, n, createRoom(t, n, ""), "anna", "")
			before := n.Journal().Last()
			const maskedText = "\x81\x85\x00\x00\x00\x00hello" // RFC 6455, section 5.2
			response, _ := n.sendRaw(t, handshake+token+"\r\n\r\n"+maskedText+maskedText)
			if response.StatusCode != http.StatusSwitchingProtocols {
				t.Error(response.Status)
			}
			filter := journal.Filter{Kind: journal.Frame, Direction: journal.In}
			for _, frame := range n.Journal().Wait(t.Context(), before, 2, filter) {
				if frame.Text != "hello" {
					t.Errorf("received %+v", frame)
				}
			}
		})
	}
}

func TestAHandshakeThatCannotBeUpgradedDoesNotUseUpItsToken(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	token := createToken(t, n, createRoom(t, n, ""), "anna", "")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(handshake + token + "\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder() // which has no connection
	n.ServeHTTP(recorder, request)
	if recorder.Code != 503 || !strings.Contains(recorder.Body.String(), "cannot upgrade a connection") {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
	n.connectWith(t, token)
}

func TestARequestWithUpgradeHeadersThatIsNotAHandshakeIsAnswered(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	for name, header := range map[string]string{
		"a proxy that always sets Connection": "Connection: upgrade\r\n",
		"a client that offers HTTP/2": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
			"HTTP2-Settings: AAEAAEAA\r\n",
	} {
		response, body := n.sendRaw(t,
			"POST /CreateRoom HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"+header+"\r\n{}")
		if response.StatusCode != 200 || !strings.Contains(body, `"arn":`) {
			t.Errorf("%s: %s %s", name, response.Status, body)
		}
	}
}
