//go:build unix

package socket

import (
	"errors"
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
