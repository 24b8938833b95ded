//go:build unix

package socket

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// If the connection were closed at once, the system would discard the close frame when the client has
// sent something that was not read.
func TestAWriteAfterACloseFrameDoesNotCutOffTheConnection(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.writeClose(closing{websocket.CloseMessageTooBig, ""}, time.Now().Add(closeTimeout))
		frames := []*hub.Frame{{Payload: []byte("x")}}
		for name, write := range map[string]func() error{
			"TryWrite": func() error { _, err := c.TryWrite(frames); return err },
			"send":     func() error { return c.send(frames[0].Payload) },
		} {
			if err := write(); !errors.Is(err, errClosed) {
				t.Errorf("%s: %v, want %v", name, err, errClosed)
			}
			if err := c.socket.SetReadDeadline(time.Time{}); err != nil {
				t.Errorf("%s cut off the connection: %v", name, err)
			}
		}
	})
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("the connection ended with %v", err)
	}
}

// A brokenRaw is a socket of the system on which nothing can be written, although its other side has not
// closed it.
type brokenRaw struct{ syscall.RawConn }

var errBroken = errors.New("the network is down")

func (brokenRaw) Control(func(fd uintptr)) error { return errBroken }

// A brokenConn is like a brokenRaw, for writes that may wait.
type brokenConn struct{ net.Conn }

func (brokenConn) Write([]byte) (int, error) { return 0, errBroken }

// breakWrites makes every write to the network fail.
func breakWrites(w *wire) {
	w.Conn, w.raw = brokenConn{w.Conn}, brokenRaw{w.raw}
	if w.secured != nil {
		w.secured.carrier.raw = w.raw
	}
}

// withoutRaw makes a wire one of a system where every write waits.
func withoutRaw(w *wire) {
	w.raw = nil
	if w.secured != nil {
		w.secured.carrier.raw = nil
	}
}

// The reader of such a connection would otherwise wait forever, and its session would stay open.
func TestAConnectionWhoseWriteFailedIsClosed(t *testing.T) {
	frames := []*hub.Frame{{Payload: []byte("x")}}
	for name, write := range map[string]func(*conn) error{
		"at once":          func(c *conn) error { _, err := c.TryWrite(frames); return err },
		"when it may wait": func(c *conn) error { return c.Write(frames) },
		"of a ping":        func(c *conn) error { c.ping(); return errBroken },
		"of a ping that may wait": func(c *conn) error {
			withoutRaw(c.wire)
			c.ping()
			c.handler.pinging.Wait()
			return errBroken
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := accept(t, func(c *conn) {
				breakWrites(c.wire)
				if err := write(c); !errors.Is(err, errBroken) {
					t.Errorf("the error is %v", err)
				}
				if _, _, err := c.socket.ReadMessage(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("reading ended with %v", err)
				}
			})
			if _, _, err := client.ReadMessage(); err == nil {
				t.Error("the client received something")
			}
		})
	}
}
