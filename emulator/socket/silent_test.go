package socket

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAPingIsAnsweredUnlessAFaultSilencedTheConnection(t *testing.T) {
	for _, silent := range []bool{false, true} {
		client := accept(t, func(c *conn) {
			c.silent.Store(silent)
			c.prepare()
			if kind, _, err := c.socket.ReadMessage(); kind != websocket.TextMessage { // after the ping
				t.Errorf("the connection ended with %v", err)
			}
		})
		answered := false
		client.SetPongHandler(func(text string) error {
			answered = text == "x"
			return nil
		})
		if err := client.WriteControl(websocket.PingMessage, []byte("x"), time.Time{}); err != nil {
			t.Fatal(err)
		}
		if err := client.WriteMessage(websocket.TextMessage, nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := client.ReadMessage(); err == nil || answered == silent {
			t.Errorf("silent %t: the ping was answered: %t (%v)", silent, answered, err)
		}
	}
}

func TestAConnectionThatCannotBeTakenOverIsAnError(t *testing.T) {
	if w, err := takeOver(httptest.NewRecorder()); err == nil || w != nil {
		t.Errorf("the wire is %v, and the error %v", w, err)
	}
}
