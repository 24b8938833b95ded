package socket

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// appendAnswer appends the answer to a handshake (RFC 6455, section 4.2.2).
func appendAnswer(text []byte, key, subprotocol string) []byte {
	const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	accept := sha1.Sum([]byte(key + guid))
	text = append(text, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "...)
	text = base64.StdEncoding.AppendEncode(text, accept[:])
	text = append(text, "\r\nSec-WebSocket-Protocol: "...)
	text = append(text, subprotocol...)
	return append(text, "\r\n\r\n"...)
}

// answer writes the answer to the handshake. If that fails, the connection is closed.
func (w *wire) answer(key, subprotocol string) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	err := w.writeControl(appendAnswer((*buffer)[:0], key, subprotocol), handshakeTimeout)
	if err != nil {
		_ = w.Close()
	}
	return err
}

// readBuffer is small, because the wire has a larger one while there is something to read.
const readBuffer = 128

var upgrader = websocket.Upgrader{
	CheckOrigin:     func(*http.Request) bool { return true }, // the token is the authorization
	ReadBufferSize:  readBuffer,
	WriteBufferPool: new(sync.Pool),
}

// newSocket returns gorilla/websocket's connection for one whose handshake is complete. It takes 0.7 KiB, so
// a client that only receives has none. gorilla/websocket makes connections in handshakes only, so this is
// a second handshake, without the client.
func newSocket(w *wire) *websocket.Conn {
	request := &http.Request{Method: http.MethodGet, Header: http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {supportedVersion},
		"Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}}
	socket, err := upgrader.Upgrade(&secondHandshake{wire: w}, request, nil)
	if err != nil {
		panic(err) // it only fails for other requests, or if the answer cannot be written
	}
	return socket
}

// A secondHandshake is the response of such a handshake, and the network connection below
// gorilla/websocket's.
type secondHandshake struct {
	http.ResponseWriter
	*wire
	answered bool
}

// Hijack implements http.Hijacker.
func (s *secondHandshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return s, bufio.NewReadWriter(bufio.NewReaderSize(s, 0), bufio.NewWriterSize(s, 256)), nil
}

// Write implements net.Conn. It drops the answer, which comes first.
func (s *secondHandshake) Write(text []byte) (int, error) {
	if !s.answered {
		s.answered = true
		return len(text), nil
	}
	return s.wire.Write(text)
}

// SetDeadline implements net.Conn. A handshake removes the deadline, which may be that for the end of the
// connection.
func (*secondHandshake) SetDeadline(time.Time) error { return nil }
