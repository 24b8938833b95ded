package socket

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// A memoryResponse is a recorder of a response whose connection, which is in memory, can be taken over.
type memoryResponse struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (r memoryResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.conn, bufio.NewReadWriter(bufio.NewReader(r.conn), bufio.NewWriter(r.conn)), nil
}

// dialInMemory makes a handshake with a server over a connection in memory, so that in a bubble of
// testing/synctest no time passes while it waits.
func dialInMemory(t *testing.T, serve http.HandlerFunc, header http.Header) (*websocket.Conn, *http.Response) {
	t.Helper()
	server, client := pipe()
	go func() {
		r, err := http.ReadRequest(bufio.NewReader(server))
		if err != nil {
			t.Error(err)
			return
		}
		serve(memoryResponse{httptest.NewRecorder(), server}, r)
	}()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return client, nil }}
	socket, response, err := dialer.Dial("ws://memory", header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return socket, response
}

// acceptInMemory is like accept, over a connection in memory.
func acceptInMemory(t *testing.T, serve func(*conn)) *websocket.Conn {
	t.Helper()
	client, _ := dialInMemory(t, func(w http.ResponseWriter, r *http.Request) {
		upgrade(t, w, r, serve)
	}, nil)
	return client
}

// newLog returns a logger, and the lines that are written to it, without their times.
func newLog() (*slog.Logger, *strings.Builder) {
	lines := new(strings.Builder)
	return slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})), lines
}
