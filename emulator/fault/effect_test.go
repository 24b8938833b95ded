package fault_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
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
		status, body, contentType := answer(t, test.effect)
		if status != test.effect.Status || body != test.effect.Body || !slices.Equal(contentType, test.contentType) {
			t.Errorf("%+v: got the status %d, the body %q and the content types %q",
				test.effect, status, body, contentType)
		}
	}
}

// answer returns what a client gets from a server that carries out the effect.
func answer(t *testing.T, effect fault.Effect) (status int, body string, contentType []string) {
	t.Helper()
	network := pipenet.New()
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fault.Respond(w, effect)
	})}
	go func() { _ = server.Serve(network) }()
	defer server.Close()
	transport := &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Get("http://emulator/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header["Content-Type"]
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

// An aboveConn is a connection above another one, as one of TLS is.
type aboveConn struct {
	net.Conn
	below net.Conn
}

func (c aboveConn) NetConn() net.Conn { return c.below }

func TestAConnectionIsResetWithoutTheProtocolAboveIt(t *testing.T) {
	var conn tcpConn
	fault.Reset(aboveConn{below: aboveConn{below: &conn}})
	if want := []string{"reset instead of an orderly end", "close"}; !reflect.DeepEqual(conn.calls, want) {
		t.Errorf("the calls are %q, want %q", conn.calls, want)
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
