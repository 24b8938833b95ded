package fault_test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestAStatusIsAnsweredWithItsBodyAndContentType(t *testing.T) {
	for _, test := range []struct {
		effect      fault.ReturnStatus
		contentType []string
	}{
		{fault.ReturnStatus{Status: 503}, nil},
		{fault.ReturnStatus{Status: 503, Body: "busy"}, []string{"text/html"}},
		{fault.ReturnStatus{Status: 502, Body: "busy", ContentType: "text/plain"}, []string{"text/plain"}},
		{fault.ReturnStatus{Status: 502, ContentType: "text/plain"}, []string{"text/plain"}},
		{fault.ReturnStatus{Status: 502, Body: "busy", Bare: true}, nil},
		{fault.ReturnStatus{Status: 502, Body: "busy", ContentType: "text/plain", Bare: true}, []string{"text/plain"}},
	} {
		recorder := httptest.NewRecorder()
		fault.Respond(recorder, test.effect)
		response := recorder.Result()
		got := response.Header["Content-Type"]
		if response.StatusCode != test.effect.Status || recorder.Body.String() != test.effect.Body ||
			!slices.Equal(got, test.contentType) {
			t.Errorf("%+v: got the status %d, the body %q and the content types %q",
				test.effect, response.StatusCode, recorder.Body, got)
		}
	}
}

// A tcpConn notes how it is closed.
type tcpConn struct {
	net.Conn
	calls []string
}

func (c *tcpConn) SetLinger(seconds int) error {
	if seconds == 0 {
		c.calls = append(c.calls, "reset instead of an orderly end")
	}
	return nil
}

func (c *tcpConn) Close() error {
	c.calls = append(c.calls, "close")
	return nil
}

// A hijackable is the writer of an answer on a connection that can be taken over.
type hijackable struct {
	http.ResponseWriter
	conn net.Conn
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.conn, nil, nil }

func TestAConnectionOfARequestIsReset(t *testing.T) {
	var conn tcpConn
	recorder := httptest.NewRecorder()
	fault.Respond(hijackable{recorder, &conn}, fault.ResetConnection{})
	if want := []string{"reset instead of an orderly end", "close"}; !reflect.DeepEqual(conn.calls, want) {
		t.Errorf("the calls are %q, want %q", conn.calls, want)
	}
	if recorder.Body.Len() > 0 || len(recorder.Header()) > 0 {
		t.Errorf("it is answered with %q and %v", recorder.Body, recorder.Header())
	}
}

func TestARequestIsAbortedIfItsConnectionCannotBeReset(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got the panic %v", err)
		}
	}()
	fault.Respond(httptest.NewRecorder(), fault.ResetConnection{})
}

func TestAConnectionThatIsNotTCPIsClosed(t *testing.T) {
	client, server := net.Pipe()
	fault.Reset(server)
	if n, err := client.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes", n)
	}
}
