//go:build unix

package socket

import (
	"bytes"
	"net"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

// A countedRaw counts the system calls that read.
type countedRaw struct {
	syscall.RawConn
	wire  *wire
	reads int
	kept  bool // a read that waited kept a buffer
}

func (r *countedRaw) Read(read func(fd uintptr) (done bool)) error {
	return r.RawConn.Read(func(fd uintptr) (done bool) {
		r.reads++
		done = read(fd)
		r.kept = r.kept || !done && r.wire.buffer != nil
		return done
	})
}

func TestAMessageIsReadWithOneSystemCall(t *testing.T) {
	message := bytes.Repeat([]byte("x"), 2000)
	const messages = 100
	client := accept(t, func(c *conn) {
		counted := &countedRaw{RawConn: c.wire.raw, wire: c.wire}
		c.wire.raw = counted
		for range messages {
			kind, frame, err := c.readFrame()
			if err != nil || kind != websocket.TextMessage || !bytes.Equal(frame, message) {
				t.Errorf("read %d bytes of kind %d (%v)", len(frame), kind, err)
				return
			}
			if len(frame) != len(message) || cap(frame) > len(message)+len(message)/8 {
				t.Errorf("a message of %d bytes takes %d", len(message), cap(frame))
			}
		}
		// The second read of a message finds nothing, and waits for the next message.
		if counted.reads == 0 || counted.reads > 2*messages {
			t.Errorf("%d messages took %d reads", messages, counted.reads)
		}
		if counted.kept {
			t.Error("a connection that waited for input kept a buffer")
		}
	})
	for range messages {
		if err := client.WriteMessage(websocket.TextMessage, message); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheErrorsOfReadsAreThoseOfTheNetwork(t *testing.T) {
	w, client := connect(t)
	if err := tcp(client).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = tcp(client).Close()
	_, err := w.Read(make([]byte, 1))
	if _, ok := err.(net.Error); !ok {
		t.Errorf("a read from a connection that was reset ended with %v", err)
	}
}
