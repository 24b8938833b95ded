package chatclient_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

func TestARefusedHandshakeIsAValue(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want chatclient.RefusedError
	}{
		"with JSON": {
			`{"message":"no such room"}`,
			chatclient.RefusedError{Request: "handshake", Status: 403, ErrorType: "X", Message: "no such room"},
		},
		"with text": {
			"busy\n", chatclient.RefusedError{Request: "handshake", Status: 403, ErrorType: "X", Message: "busy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("x-amzn-ErrorType", "X")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(test.body))
			})
			_, err := chatclient.Dial(t.Context(), "ws://chat.example", "secret", chatclient.Options{NetDial: l.Dial})
			refused, ok := errors.AsType[*chatclient.RefusedError](err)
			if !ok || !reflect.DeepEqual(*refused, test.want) {
				t.Fatalf("got %v", err)
			}
			if want := "handshake refused: 403 Forbidden, X: " + test.want.Message; err.Error() != want {
				t.Errorf("the error is %q, want %q", err, want)
			}
		})
	}
}

func TestTheTokenIsTheSubprotocol(t *testing.T) {
	offered := make(chan []string, 1)
	l := listen(t, func(w http.ResponseWriter, r *http.Request) {
		offered <- websocket.Subprotocols(r)
		w.WriteHeader(http.StatusForbidden)
	})
	_, _ = chatclient.Dial(t.Context(), "http://chat.example", "abc#0", chatclient.Options{NetDial: l.Dial})
	if got := <-offered; len(got) != 1 || got[0] != "abc#0" {
		t.Errorf("got %q", got)
	}
}

func TestAnEndpointMustBeAURL(t *testing.T) {
	for _, endpoint := range []string{"", "localhost:4700", "ftp://localhost", "ws://%zz"} {
		_, err := chatclient.Dial(t.Context(), endpoint, "token", chatclient.Options{})
		if err == nil || !strings.Contains(err.Error(), "must be a URL such as ws://127.0.0.1:4700") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

func TestAHandshakeWithoutAnAnswerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silence := make(chan struct{})
		defer close(silence)
		l := listen(t, func(http.ResponseWriter, *http.Request) { <-silence })
		began := time.Now()
		_, err := chatclient.Dial(t.Context(), "ws://chat.example", "token", chatclient.Options{NetDial: l.Dial})
		if took := time.Since(began); err == nil || took != chatclient.DefaultHandshakeTimeout {
			t.Errorf("after %v: %v", took, err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began = time.Now()
		_, err = chatclient.Dial(ctx, "ws://chat.example", "token", chatclient.Options{NetDial: l.Dial})
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestTheContextOfTheHandshakeDoesNotEndTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serve(t, func(conn *websocket.Conn) {
			time.Sleep(time.Hour)
			send(conn, `{"Content":"late"}`)
			_ = readAll(conn)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c, err := chatclient.Dial(ctx, "ws://chat.example", "token", chatclient.Options{NetDial: l.Dial})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if f, err := c.Receive(t.Context()); err != nil || f.Content != "late" {
			t.Errorf("received %+v, %v", f, err)
		}
		c.Drop()
	})
}

func TestACloseFrameIsReportedWithCodeAndReason(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) { sendClose(conn, 4001, "too slow") }), chatclient.Options{})
	status, err := c.WaitClosed(timeout(t))
	if err != nil || status.Code != 4001 || status.Reason != "too slow" || status.Err == nil {
		t.Errorf("got %+v, %v", status, err)
	}
	if want := "closed with code 4001 (too slow)"; status.String() != want {
		t.Errorf("got %q, want %q", status, want)
	}
}

func TestADroppedConnectionHasNoCloseCode(t *testing.T) {
	c := connect(t, serve(t, func(*websocket.Conn) {}), chatclient.Options{})
	status, err := c.WaitClosed(timeout(t))
	if err != nil || status.Code != 0 || status.Err == nil {
		t.Errorf("got %+v, %v", status, err)
	}
	if want := "dropped without a close frame: unexpected EOF"; status.String() != want {
		t.Errorf("got %q, want %q", status, want)
	}
}

func TestWaitClosedEndsWithItsContext(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) { _ = readAll(conn) }), chatclient.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.WaitClosed(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCloseSendsCode1000AndReturnsTheAnswer(t *testing.T) {
	received := make(chan error, 1)
	c := connect(t, serve(t, func(conn *websocket.Conn) { received <- readAll(conn) }), chatclient.Options{})
	if status := c.Close(); status.Code != 1000 {
		t.Errorf("got %+v", status)
	}
	if err := <-received; !websocket.IsCloseError(err, 1000) {
		t.Errorf("the server received %v", err)
	}
	if status := c.Close(); status.Code != 1000 {
		t.Errorf("closed again: %+v", status)
	}
}

func TestCloseDoesNotWaitForeverForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, script := range map[string]func(*websocket.Conn){
			"a server that reads": func(conn *websocket.Conn) {
				conn.SetCloseHandler(func(int, string) error { return nil })
				_ = readAll(conn)
				time.Sleep(time.Hour)
			},
			"a server that does not": func(*websocket.Conn) { time.Sleep(time.Hour) },
		} {
			c := connect(t, serve(t, script), chatclient.Options{})
			began := time.Now()
			status := c.Close()
			if took := time.Since(began); status.Code != 0 || took > time.Second {
				t.Errorf("%s: %v after %v", name, status, took)
			}
		}
	})
}

func TestDropEndsTheConnectionWithoutACloseFrame(t *testing.T) {
	received := make(chan error, 1)
	c := connect(t, serve(t, func(conn *websocket.Conn) { received <- readAll(conn) }), chatclient.Options{})
	c.Drop()
	if err := <-received; !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
		t.Errorf("the server received %v", err)
	}
	if status, err := c.WaitClosed(timeout(t)); err != nil || status.Code != 0 {
		t.Errorf("got %+v, %v", status, err)
	}
}
