//go:build unix

package socket

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// Were the connection closed at once, the system would discard the close frame
// if the client has sent something that nobody has read.
func TestWhatOthersSayDoesNotCutOffWhoIsStillToReadWhy(t *testing.T) {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		hijacker := &hijacker{ResponseWriter: w}
		socket, err := new(websocket.Upgrader).Upgrade(hijacker, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer socket.Close()
		c := &conn{handler: &Handler{Config: Config{Faults: new(fault.Set)}}, socket: socket, wire: hijacker.wire}
		c.writeClose(closing{websocket.CloseMessageTooBig, ""}, time.Now().Add(closeTimeout))
		frames := []*hub.Frame{{Payload: []byte("x")}}
		for _, write := range []func() error{
			func() error { _, err := c.TryWrite(frames); return err },
			func() error { return c.send(frames[0].Payload) },
		} {
			if err := write(); !errors.Is(err, errClosed) {
				t.Error(err)
			}
			if err := socket.SetReadDeadline(time.Time{}); err != nil {
				t.Errorf("it is cut off: %v", err)
			}
		}
	}))
	defer server.Close()
	client, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Error(err)
	}
	<-done
}
