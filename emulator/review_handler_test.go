package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheAccountOfAFunctionIsCheckedOnlyInTheAccountThatIsSet(t *testing.T) {
	const room = `{"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:111111111111:function:review"}}`
	standard, set := newEmulator(t, emulator.Config{}), newEmulator(t, emulator.Config{Account: "222222222222"})
	for _, test := range []struct {
		name   string
		status int
		got    int
	}{
		{"the default account", 200, call(standard, "CreateRoom", room).Code},
		{"a made-up account", 200, call(as("333333333333", standard), "CreateRoom", room).Code},
		{"the account that is set", 400, call(set, "CreateRoom", room).Code},
		{"the account that is set, as a key", 400, call(as("222222222222", set), "CreateRoom", room).Code},
		{"the account of the function", 200, call(as("111111111111", set), "CreateRoom", room).Code},
		{"a made-up account beside it", 200, call(as("333333333333", set), "CreateRoom", room).Code},
	} {
		if test.got != test.status {
			t.Errorf("%s: %d, want %d", test.name, test.got, test.status)
		}
	}
}

func TestTheLogHasNoMessageThatAMessageReviewHandlerRepeats(t *testing.T) {
	repeats := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, _ := io.ReadAll(r.Body)
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			connection.Write([]byte("HTTP/1.1 200 OK\r\n" + string(event[1:9]) + "=" + string(event[10:]) + "\r\n\r\n"))
			connection.Close()
		}
	}))
	defer repeats.Close()
	var log logBuffer
	n := serveOverTCP(t, emulator.Config{
		Logger: log.logger(), ReviewHandler: []string{"*=" + repeats.URL}, ReviewTimeout: time.Minute,
	})
	room := createRoom(t, n, `{"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:000000000000:function:f"}}`)
	anna := n.connect(t, room, "anna")
	if _, err := anna.SendMessage("a secret", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n.Close(); strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "does not answer as a web server") {
		t.Errorf("the log has\n%s", log.String())
	}
}
