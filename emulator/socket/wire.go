package socket

import (
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// A wire is the network connection below a WebSocket.
//
// There are several writers. gorilla/websocket writes its answers to control frames through Write. The
// answer to the handshake and our close frames are written through writeControl. The hub's frames, and
// pings, are written through tryWrite and write, because gorilla/websocket has no writes that do not block.
// The lock keeps the writers apart, and each writes whole frames. If tryWrite wrote only a part of its
// frames, the rest is written before anything else.
type wire struct {
	net.Conn                 // only the wire's own methods write to it
	raw      syscall.RawConn // of the system; nil where writes always block
	secured  *secured        // the same as Conn, if it is TLS; nil otherwise

	timeout time.Duration // of Write; only gorilla/websocket uses it, under its own lock

	// Only the reader uses these.
	early  []byte  // read from the connection, but not by gorilla/websocket yet
	buffer *[]byte // of buffers, which has early; nil if it is not from there
	pace   pace
	// For readSome, see rawWrite.
	rawRead func(fd uintptr) (done bool) // made by the first read; nil until then
	readErr error

	mu   sync.Mutex // guards what follows
	rest []byte     // of frames of which the client has the beginning; with TLS, the carrier has it
	// closed means that nothing may follow: after a close frame (RFC 6455, section 5.5.1), and after a
	// failed write, of which the client may have a part.
	closed bool
}

// A rawWrite is a write that does not block.
type rawWrite struct {
	do func(fd uintptr) // made once, so that a write allocates nothing

	// The argument and the results of do.
	text    []byte
	written int
	err     error
}

// rawWrites are for one write each, because most connections wait most of the time.
var rawWrites = sync.Pool{New: func() any {
	r := new(rawWrite)
	r.do = func(fd uintptr) { r.written, r.err = writeOnce(fd, r.text) }
	return r
}}

var errClosed = errors.New("the connection is closed for writing")

func newWire(conn net.Conn) *wire {
	if secured := newSecured(conn); secured != nil {
		return &wire{Conn: secured, raw: secured.carrier.raw, secured: secured}
	}
	return &wire{Conn: conn, raw: rawConn(conn)}
}

// Read implements net.Conn. It waits when the client sends more bytes than decision D58 allows.
//
// gorilla/websocket has a small buffer, because it keeps the buffer while it waits. So Read reads as much
// as there is, and returns it piece by piece.
func (w *wire) Read(text []byte) (n int, err error) {
	if len(w.early) == 0 {
		if w.raw == nil {
			n, err = w.Conn.Read(text)
		} else {
			n, err = w.fill()
		}
		w.pace.add(time.Duration(w.taken(n)) * costOfByte)
		if w.raw == nil || err != nil {
			return n, err
		}
	}
	n = copy(text, w.early)
	w.early = w.early[n:]
	if len(w.early) == 0 {
		w.release()
	}
	return n, nil
}

// taken returns how many bytes were read from the network, if these became n bytes: with TLS, a client can send
// much that is not data.
func (w *wire) taken(n int) int {
	if w.secured != nil {
		n, w.secured.carrier.taken = w.secured.carrier.taken, 0
	}
	return n
}

// fill reads into early, and returns how many bytes. While it waits, it has no buffer.
func (w *wire) fill() (n int, err error) {
	if w.rawRead == nil {
		w.rawRead = w.readSome
	}
	err = w.raw.Read(w.rawRead)
	if err = cmp.Or(err, w.readErr); err != nil {
		return 0, err
	}
	if len(w.early) == 0 {
		return 0, io.EOF
	}
	return len(w.early), nil
}

// readSome reads into early, and reports whether there was something to read, or the end.
func (w *wire) readSome(fd uintptr) (done bool) {
	var n int
	w.buffer = buffers.Get().(*[]byte)
	if buffer := (*w.buffer)[:cap(*w.buffer)]; w.secured != nil {
		n, w.readErr = w.secured.readOnce(fd, buffer)
	} else {
		n, w.readErr = readOnce(fd, buffer)
	}
	if w.early = (*w.buffer)[:n]; n == 0 {
		w.release()
	}
	return !errors.Is(w.readErr, syscall.EAGAIN)
}

// release gives the buffer of early back.
func (w *wire) release() {
	if w.buffer != nil {
		buffers.Put(w.buffer)
	}
	w.early, w.buffer = nil, nil
}

// SetDeadline implements net.Conn, see SetWriteDeadline.
func (w *wire) SetDeadline(at time.Time) error {
	_ = w.SetWriteDeadline(at) // never fails
	return w.SetReadDeadline(at)
}

// SetWriteDeadline implements net.Conn. The time until the deadline counts from when the wire is free:
// it limits how long to wait for the client, not for the other writer.
func (w *wire) SetWriteDeadline(at time.Time) error {
	w.timeout = 0
	if !at.IsZero() {
		w.timeout = max(time.Until(at), 1)
	}
	return nil
}

// Write implements net.Conn, for gorilla/websocket.
func (w *wire) Write(frame []byte) (int, error) {
	if err := w.writeControl(frame, w.timeout); err != nil {
		return 0, err
	}
	return len(frame), nil
}

// writeControl writes a control frame, or the answer to the handshake.
func (w *wire) writeControl(frame []byte, timeout time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.writeLocked(frame, timeout); err != nil {
		return err
	}
	w.closed = frame[0] == finalClose
	return nil
}

// finalClose is the first byte of a close frame.
const finalClose = 0x88

// write writes frames, or with none the rest of what tryWrite began.
func (w *wire) write(frames []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writeLocked(frames, writeTimeout)
}

func (w *wire) writeLocked(frames []byte, timeout time.Duration) (err error) {
	if w.closed {
		return errClosed
	}
	defer func() { w.closed = err != nil }()
	deadline := time.Time{}
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := w.Conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if w.secured != nil {
		_, err := w.Conn.Write(frames) // and the rest, which the carrier has
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

// tryWrite writes as much of the frames as the system accepts at once, and reports whether that was
// all. If it was not, but the frames were accepted, write must follow.
func (w *wire) tryWrite(frames []byte) (accepted, all bool, err error) {
	if w.raw == nil || !w.mu.TryLock() {
		return false, false, nil
	}
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return false, false, errClosed
	case len(w.rest) > 0:
		return false, false, nil
	case w.secured != nil:
		return w.secured.tryWrite(frames)
	}
	n, err := writeNow(w.raw, frames)
	if err != nil {
		return false, false, err
	}
	w.rest = append(w.rest, frames[n:]...)
	return true, len(w.rest) == 0, nil
}

// writeNow writes as much as the system accepts at once.
func writeNow(raw syscall.RawConn, text []byte) (n int, err error) {
	r := rawWrites.Get().(*rawWrite)
	r.text, r.written, r.err = text, 0, nil
	err = raw.Control(r.do) // RawConn.Write would apply the deadline
	n, err = r.written, cmp.Or(err, r.err)
	r.text = nil
	rawWrites.Put(r) // not in a defer, which every delivery would pay for
	return n, err
}

// hasInput reports whether there is something to read that the system does not know of, or whether it cannot be
// waited for.
func (w *wire) hasInput() bool {
	return w.raw == nil || len(w.early) > 0 || w.readErr != nil && !errors.Is(w.readErr, syscall.EAGAIN)
}

// begin ends the deadline that the server has set, and takes what crypto/tls has read already.
func (w *wire) begin() error {
	if w.secured != nil && !w.hasInput() {
		_ = w.raw.Control(func(fd uintptr) { w.readSome(fd) }) // if it fails, so does the next read
	}
	return w.SetReadDeadline(time.Time{})
}

// network returns the connection without TLS.
func (w *wire) network() net.Conn {
	if w.secured != nil {
		return w.secured.carrier.Conn
	}
	return w.Conn
}

// awaitInput waits until there is something to read or the connection has ended. It returns false if the
// client has ended it. Many clients only receive, and waiting in gorilla/websocket's read would take twice
// the stack.
func (w *wire) awaitInput() bool {
	if w.hasInput() {
		return true
	}
	ended := false
	err := w.raw.Read(func(fd uintptr) (ready bool) {
		ready, ended = hasInput(fd)
		return ready
	})
	return err != nil || !ended // the next read returns the same error
}

// takeOver takes the connection of a request over. The wire keeps what the server has read after the
// request.
func takeOver(response http.ResponseWriter) (*wire, error) {
	conn, buffered, err := http.NewResponseController(response).Hijack()
	if err != nil {
		return nil, err
	}
	if checked, ok := conn.(interface{ AfterFirstBytes() net.Conn }); ok { // not any wrapper: it may encrypt
		conn = checked.AfterFirstBytes()
	}
	w := newWire(conn)
	w.early = make([]byte, buffered.Reader.Buffered())
	_, _ = io.ReadFull(buffered.Reader, w.early) // it is buffered, so this cannot fail
	return w, w.begin()
}
