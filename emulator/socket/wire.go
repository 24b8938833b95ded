package socket

import (
	"bufio"
	"cmp"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// A wire is the network connection below a WebSocket. gorilla/websocket writes
// control frames to it, and everything else is written past gorilla/websocket:
// here is where they meet and do not mix. A write is whole frames, and what a
// write without waiting has left of its frames goes out before anything else.
type wire struct {
	net.Conn                  // not to be written to but by the wire
	raw      syscall.RawConn  // nil where one cannot write without waiting
	once     func(fd uintptr) // made once, so that a write allocates nothing

	patience time.Duration // of Write; guarded by gorilla/websocket, the only one to use either

	mu   sync.Mutex
	rest []byte // of frames that the other side has the beginning of
	// Nothing may follow: neither a close frame (RFC 6455, 5.5.1) nor a write
	// that failed, of which the other side may have a part.
	over bool

	// Of the write without waiting that is under way.
	text []byte
	n    int
	err  error
}

var errOver = errors.New("the connection has ended")

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn, raw: rawConn(conn)}
	w.once = func(fd uintptr) { w.n, w.err = writeOnce(fd, w.text) }
	return w
}

// SetDeadline is net.Conn's. As far as it is about writes it counts from when
// others have written: only the client is to be waited for so long.
func (w *wire) SetDeadline(at time.Time) error {
	_ = w.SetWriteDeadline(at) // never fails
	return w.SetReadDeadline(at)
}

// SetWriteDeadline is net.Conn's.
func (w *wire) SetWriteDeadline(at time.Time) error {
	w.patience = 0
	if !at.IsZero() {
		w.patience = max(time.Until(at), 1)
	}
	return nil
}

// Write is net.Conn's, for gorilla/websocket, and thus for the handshake and
// control frames.
func (w *wire) Write(frame []byte) (int, error) {
	const finalClose = 0x88
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.writeLocked(frame, w.patience); err != nil {
		return 0, err
	}
	w.over = frame[0] == finalClose
	return len(frame), nil
}

// write writes frames, or without any what tryWrite has left.
func (w *wire) write(frames []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writeLocked(frames, writeTimeout)
}

func (w *wire) writeLocked(frames []byte, patience time.Duration) (err error) {
	if w.over {
		return errOver
	}
	defer func() { w.over = err != nil }()
	deadline := time.Time{}
	if patience > 0 {
		deadline = time.Now().Add(patience)
	}
	if err := w.Conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	for _, text := range [][]byte{w.rest, frames} {
		if len(text) > 0 {
			if _, err := w.Conn.Write(text); err != nil {
				return err
			}
		}
	}
	w.rest = nil
	return nil
}

// tryWrite writes as many of the frames as the system takes at once, and
// reports whether that was all. If not, but it took them, write must follow.
func (w *wire) tryWrite(frames []byte) (took, all bool, err error) {
	if w.raw == nil || !w.mu.TryLock() {
		return false, false, nil
	}
	defer w.mu.Unlock()
	switch {
	case w.over:
		return false, false, errOver
	case len(w.rest) > 0:
		return false, false, nil
	}
	w.text, w.err = frames, nil
	err = w.raw.Control(w.once) // Write would mind deadlines
	w.text = nil
	if err = cmp.Or(err, w.err); err != nil {
		return false, false, err
	}
	if w.n < len(frames) {
		w.rest = append(w.rest, frames[w.n:]...)
	}
	return true, len(w.rest) == 0, nil
}

// awaitInput waits until there is something to read, or will never be. Many
// clients only ever listen, and the way to a read through gorilla/websocket
// takes twice the stack.
func (w *wire) awaitInput() {
	if w.raw != nil {
		_ = w.raw.Read(hasInput) // whoever reads next meets its error
	}
}

// A hijacker lets gorilla/websocket take over a wire.
type hijacker struct {
	http.ResponseWriter
	wire *wire
}

// Hijack is http.Hijacker's.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.wire = newWire(conn)
	return h.wire, buffered, nil
}
