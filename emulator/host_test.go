package emulator_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// At the hosts of the service, there is only what the service has there.
func TestTheHostDecidesWhichEndpointAnswers(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	const control, edge = "ivschat.us-west-2.amazonaws.com", "edge.ivschat.us-west-2.amazonaws.com"
	for _, test := range []struct {
		host, request string
		status        int
		errorType     string
	}{
		{control, "POST /ListRooms", 200, ""},
		{control + ":443", "POST /ListRooms", 200, ""},
		{"IVSCHAT.US-WEST-2.AMAZONAWS.COM", "POST /ListRooms", 200, ""},
		{"ivschat.us-west-2.api.aws", "POST /ListRooms", 200, ""},
		{control, "GET /health", 404, "UnknownOperationException"},
		{control, "GET /_ivschat/v1/info", 404, "UnknownOperationException"},
		{control, "GET /_ivschat/console/", 404, "UnknownOperationException"},
		{edge, "POST /ListRooms", 400, "MalformedHttpRequestException"},
		{edge, "GET /", 400, "MalformedHttpRequestException"},
		{edge + ":4700", "GET /health", 400, "MalformedHttpRequestException"},
		{edge, "GET /_ivschat/v1/info", 400, "MalformedHttpRequestException"},
		{"localhost", "GET /health", 200, ""},
		{"localhost", "GET /_ivschat/v1/info", 200, ""},
		{"localhost", "POST /ListRooms", 200, ""},
		{"edge.ivschat.us-west-2.api.aws", "POST /ListRooms", 200, ""}, // which does not exist
	} {
		method, path, _ := strings.Cut(test.request, " ")
		request := httptest.NewRequest(method, path, nil)
		request.Host = test.host
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, request)
		if recorder.Code != test.status || recorder.Header().Get("x-amzn-ErrorType") != test.errorType {
			t.Errorf("%s %s: %d %s", test.host, test.request, recorder.Code, recorder.Body)
		}
	}
}

func TestAnUnsignedRequestHasTheRegionOfItsHost(t *testing.T) {
	e := newEmulator(t, emulator.Config{Region: "eu-west-1"})
	for host, region := range map[string]string{
		"ivschat.ap-south-1.amazonaws.com": "ap-south-1", "ivschat.eu-central-1.api.aws:443": "eu-central-1",
		"localhost": "eu-west-1", "127.0.0.1:4700": "eu-west-1",
	} {
		request := httptest.NewRequest("POST", "/CreateRoom", strings.NewReader("{}"))
		request.Host = host
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, request)
		if !strings.Contains(recorder.Body.String(), `"arn":"arn:aws:ivschat:`+region+`:`) {
			t.Errorf("%s: %s", host, recorder.Body)
		}
	}
}

// connectAt connects a chat client over TCP that sends a host, and returns the answer.
func connectAt(t *testing.T, n *network, host, token string, more http.Header) *http.Response {
	t.Helper()
	header := http.Header{"Host": {host}}
	for name, values := range more {
		header[name] = values
	}
	dialer := websocket.Dialer{Subprotocols: []string{token}, NetDial: func(_, _ string) (net.Conn, error) {
		return net.Dial("tcp", n.Addr().String())
	}}
	conn, response, err := dialer.Dial("ws://emulator", header)
	if response == nil {
		t.Fatal(err)
	}
	if err == nil {
		_ = conn.Close()
	}
	return response
}

// A handshake that package socket answers itself is treated like one of net/http, which gets those of a proxy.
func TestAHandshakeNeedsTheMessagingEndpointOfItsRegion(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{Region: "us-west-2"})
	room := createRoom(t, n, `{}`)
	for name, more := range map[string]http.Header{"direct": nil, "net/http": {"X-Forwarded-For": {"10.0.0.1"}}} {
		token := createViewerToken(t, n, room)
		for _, test := range []struct {
			host   string
			status int
		}{
			{"ivschat.us-west-2.amazonaws.com", 404}, // the control plane
			{"edge.ivschat.eu-west-1.amazonaws.com", 401},
			{"edge.ivschat.us-west-2.amazonaws.com", 101}, // with the same token, so it was not used up
		} {
			if response := connectAt(t, n, test.host, token, more); response.StatusCode != test.status {
				t.Errorf("%s at %s: %s, want %d", name, test.host, response.Status, test.status)
			}
		}
		for _, host := range []string{
			"EDGE.IVSCHAT.US-WEST-2.AMAZONAWS.COM", "edge.ivschat.us-west-2.amazonaws.com:443", "localhost:1", "chat.test",
		} {
			token := createViewerToken(t, n, room)
			if response := connectAt(t, n, host, token, more); response.StatusCode != 101 {
				t.Errorf("%s at %s: %s", name, host, response.Status)
			}
		}
	}
}
