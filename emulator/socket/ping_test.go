//go:build unix

package socket

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// errPing is the error with which a client stops reading when it receives a ping.
var errPing = errors.New("received a ping")

func stopAtPing(string) error { return errPing }

func TestAPingIsSentBetweenFrames(t *testing.T) {
	client := accept(t, func(c *conn) {
		for _, payload := range []string{"a", "b"} {
			if err := c.send(appendFrame(nil, []byte(payload))); err != nil {
				t.Error(err)
			}
			c.ping()
		}
	})
	client.SetPingHandler(stopAtPing)
	if _, text, err := client.ReadMessage(); string(text) != "a" || err != nil {
		t.Errorf("received %q, and %v", text, err)
	}
	if _, text, err := client.ReadMessage(); !errors.Is(err, errPing) {
		t.Errorf("received %q, and %v, want a ping", text, err)
	}
}

func TestNoPingIsSentAfterACloseFrame(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.writeClose(closing{websocket.CloseGoingAway, ""}, time.Now().Add(closeTimeout))
		c.ping()
		if err := c.socket.SetReadDeadline(time.Time{}); err != nil {
			t.Errorf("the ping cut off the connection: %v", err)
		}
	})
	client.SetPingHandler(stopAtPing)
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the connection ended with %v", err)
	}
}

func TestAPingDoesNotCutOffAClientThatHasNotReadTheLastFrame(t *testing.T) {
	accept(t, func(c *conn) {
		c.drop()
		c.ping()
		if err := c.socket.SetReadDeadline(time.Time{}); err != nil {
			t.Errorf("the ping cut off the connection: %v", err)
		}
	})
}

func TestAPingFromAClientDoesNotCutItOffBeforeItHasReadTheLastFrame(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.prepare()
		c.drop()
		_, text, err := c.socket.ReadMessage()
		if string(text) != "late" {
			t.Errorf("reading ended with %v", err)
		}
	})
	if err := client.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
		t.Error(err)
	}
	if err := client.WriteMessage(websocket.TextMessage, []byte("late")); err != nil {
		t.Error(err)
	}
	_, _, _ = client.ReadMessage() // until it is dropped
}

func TestAPingDoesNotWaitForAClientThatDoesNotRead(t *testing.T) {
	done := make(chan struct{})
	frame := bytes.Repeat([]byte("x"), large)
	accept(t, func(c *conn) {
		defer close(done)
		if _, all, err := c.wire.tryWrite(frame); all || err != nil {
			t.Errorf("the system accepted all of it: %v, and %v", all, err)
		}
		c.ping()
		if !c.wire.mu.TryLock() {
			t.Error("the ping is waiting")
		}
		if c.wire.closed {
			t.Error("the ping waited until its time was over")
		}
	})
	<-done
}

func TestAPingToABrokenConnectionClosesIt(t *testing.T) {
	accept(t, func(c *conn) {
		if err := c.wire.Conn.Close(); err != nil {
			t.Error(err)
		}
		c.ping()
		if err := c.socket.SetReadDeadline(time.Time{}); err == nil {
			t.Error("the connection is open")
		}
	})
}
