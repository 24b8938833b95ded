package emulator_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

func TestAMessageReviewHandlerLearnsTheIPAddressOfTheSender(t *testing.T) {
	for name, test := range map[string]struct {
		header http.Header
		want   string
	}{
		"a client":                {nil, "127.0.0.1"},
		"a client behind a proxy": {http.Header{"X-Forwarded-For": {"203.0.113.9, 10.0.0.1"}}, "203.0.113.9"},
	} {
		n := serveOverTCP(t, emulator.Config{})
		events := make(chan review.Event, 1)
		n.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
			events <- event
			return review.Answer{ReviewResult: review.Deny}, nil
		}))
		room := createRoom(t, n, `{"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:000000000000:function:f"}}`)
		token := createToken(t, n, room, "anna", "")
		dialer := websocket.Dialer{Subprotocols: []string{token}}
		conn, _, err := dialer.Dial("ws"+n.URL()[len("http"):], test.header)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`)); err != nil {
			t.Fatal(err)
		}
		if event := <-events; event.Sender.IP != test.want {
			t.Errorf("%s: the event has the address %s, want %s", name, event.Sender.IP, test.want)
		}
	}
}
