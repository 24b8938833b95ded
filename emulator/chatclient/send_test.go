package chatclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// A sent is a frame that a server received.
type sent struct {
	kind int
	text string
}

// record makes a server that keeps what it receives.
func record(t *testing.T) (*pipenet.Network, <-chan sent) {
	t.Helper()
	frames := make(chan sent, 10)
	return serve(t, func(conn *websocket.Conn) {
		for {
			kind, text, err := conn.ReadMessage()
			if err != nil {
				return
			}
			frames <- sent{kind, string(text)}
		}
	}), frames
}

func TestRawFramesAreSentUnchanged(t *testing.T) {
	l, frames := record(t)
	c := connect(t, l, chatclient.Options{})
	for _, err := range []error{c.Send("100% {"), c.SendBinary([]byte{0, 1})} {
		if err != nil {
			t.Error(err)
		}
	}
	if got, want := <-frames, (sent{websocket.TextMessage, "100% {"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := <-frames, (sent{websocket.BinaryMessage, "\x00\x01"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRequestsHaveTheMembersOfTheMessagingAPI(t *testing.T) {
	l, frames := record(t)
	c := connect(t, l, chatclient.Options{RequestIDPrefix: "r"})
	for _, test := range []struct {
		send func() (string, error)
		want map[string]any
	}{
		{
			func() (string, error) { return c.SendMessage("hi", map[string]string{"k": "v"}) },
			map[string]any{"Action": "SEND_MESSAGE", "RequestId": "r1", "Content": "hi", "Attributes": map[string]any{"k": "v"}},
		},
		{
			func() (string, error) { return c.SendMessage("", nil) },
			map[string]any{"Action": "SEND_MESSAGE", "RequestId": "r2", "Content": ""},
		},
		{
			func() (string, error) { return c.DeleteMessage("m", "rude") },
			map[string]any{"Action": "DELETE_MESSAGE", "RequestId": "r3", "Id": "m", "Reason": "rude"},
		},
		{
			func() (string, error) { return c.DisconnectUser("zoe", "") },
			map[string]any{"Action": "DISCONNECT_USER", "RequestId": "r4", "UserId": "zoe"},
		},
	} {
		requestID, err := test.send()
		if err != nil || requestID != test.want["RequestId"] {
			t.Errorf("the RequestId is %q, %v", requestID, err)
		}
		var got map[string]any
		if frame := <-frames; json.Unmarshal([]byte(frame.text), &got) != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("sent %s, want %v", frame.text, test.want)
		}
	}
}

func TestTwoClientsNeverUseTheSameRequestID(t *testing.T) {
	l, _ := record(t)
	anna, ben := connect(t, l, chatclient.Options{}), connect(t, l, chatclient.Options{})
	seen := map[string]bool{}
	for _, c := range []*chatclient.Client{anna, ben, anna, ben} {
		requestID, err := c.SendMessage("hi", nil)
		if err != nil {
			t.Error(err)
		}
		seen[requestID] = true
	}
	if len(seen) != 4 {
		t.Errorf("the RequestIds are %v", seen)
	}
}

func TestSendingToAServerThatDoesNotReadTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, serve(t, func(*websocket.Conn) { time.Sleep(time.Hour) }), chatclient.Options{})
		began, failed := time.Now(), make(chan error)
		for range 2 { // one of them waits for the other
			go func() { failed <- c.Send("x") }()
		}
		for range 2 {
			if err := <-failed; err == nil || !strings.Contains(err.Error(), "send a frame") {
				t.Errorf("got %v", err)
			}
		}
		if took := time.Since(began); took != chatclient.DefaultWriteTimeout {
			t.Errorf("it took %v", took)
		}
	})
}

func TestSendingAfterTheEndSaysHowItEnded(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) { sendClose(conn, 1000, "enough") }), chatclient.Options{})
	<-c.Done()
	err := c.Send("x")
	if closed, ok := errors.AsType[*chatclient.ClosedError](err); !ok || closed.Status.Code != 1000 {
		t.Errorf("got %v", err)
	}
	if want := "send a frame: the connection has ended: closed with code 1000 (enough)"; fmt.Sprint(err) != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

func TestProxiesAreAskedForTheEndpoint(t *testing.T) {
	l, _ := record(t)
	var asked string
	options := chatclient.Options{Proxy: func(r *http.Request) (proxy *url.URL, err error) {
		asked = r.URL.Host
		return nil, nil
	}}
	connect(t, l, options)
	if asked != "chat.example" {
		t.Errorf("asked for %q", asked)
	}
}
