package socket

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// These are in the machine's time.
const (
	// writeTimeout is how long a write waits for a client that does not read.
	writeTimeout = 10 * time.Second
	// closeTimeout is how long a client may take to answer a close frame.
	closeTimeout = time.Second
)

// maximumFrame is the longest frame that a client may send, in bytes. A longer one closes the
// connection with code 1009 (decision D24).
const maximumFrame = 64 << 10

// A conn is one connection: the room.Connection of its session.
//
// One goroutine reads (serve), from the first input on, or when the connection is to end. The hub
// writes: it calls TryWrite, Write and Close from one goroutine at a time. The reader also writes: the
// answers to pings and to close frames, through gorilla/websocket. All writes meet in the wire.
type conn struct {
	// Static.
	handler *Handler
	session *room.Session
	wire    *wire // below socket

	forwarded string // the IP address of the client, if a proxy has passed it on

	socket *websocket.Conn // only the reader uses it; nil until there is something to read

	broken  atomic.Bool // Break broke the connection
	silent  atomic.Bool // the effect was SilenceConnection
	dropped atomic.Bool // nothing is written any more, but the reader may go on
	waiting atomic.Bool // for the first input, without a goroutine that reads
	ended   atomic.Bool // the reader has ended

	descriptor int // in the poller; guarded by its lock

	delayed atomic.Pointer[chan struct{}] // to be closed when the reader ends; nil until a fault delays a frame

	// Owned by the caller of TryWrite and Write.
	unfinished bool       // the wire has the rest of what TryWrite began; Write only has to write that
	held       *hub.Frame // a fault holds it back until the next frame
}

var _ room.Connection = (*conn)(nil)

// prepare makes the socket. The reader calls it.
func (c *conn) prepare() {
	c.socket = newSocket(c.wire)
	c.socket.SetReadLimit(maximumFrame)
	c.socket.SetPingHandler(func(text string) error {
		if c.silent.Load() {
			return nil
		}
		c.wire.pace.add(costOfFrame)
		err := c.socket.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(writeTimeout))
		if errors.Is(err, errClosed) || errors.Is(err, websocket.ErrCloseSent) || c.dropped.Load() {
			return nil // an error would end reading before the client has read the last frame
		}
		return err
	})
}

// wake starts the goroutine that reads, unless it was started before.
func (c *conn) wake() {
	if !c.waiting.CompareAndSwap(true, false) {
		return
	}
	if p := c.handler.poller.Load(); p != nil {
		p.remove(c)
	}
	// The goroutine has the smallest possible stack. That of the handshake keeps all the memory that HTTP
	// needed until it ends.
	go c.handler.serve(c)
}

// cutOff closes the connection at once, which ends its reader.
func (c *conn) cutOff() {
	_ = c.wire.Close()
	c.wake()
}

// endBy makes the reader end at the deadline, if the client does not end the connection before.
func (c *conn) endBy(deadline time.Time) {
	_ = c.wire.SetReadDeadline(deadline)
	c.wake()
}

// serve reads frames until the connection ends, and closes it then. It needs a larger stack than waiting
// does, and nearly all connections wait, so it reads only if there is something to read.
func (c *conn) serve(ctx context.Context) {
	if c.wire.awaitInput() {
		c.read(ctx)
	}
	_ = c.wire.Close()
	c.ended.Store(true)
	if ended := c.delayed.Load(); ended != nil {
		close(*ended) // the writer need not wait for a client that is gone
	}
}

// read reads frames until the connection ends.
func (c *conn) read(ctx context.Context) {
	c.prepare()
	for {
		kind, frame, err := c.readFrame()
		if err != nil {
			c.closeAfter(err)
			return
		}
		if !c.silent.Load() && !c.session.HandleFrame(ctx, frame, kind == websocket.BinaryMessage) {
			c.wire.pace.add(costOfFrame)
		}
	}
}

// readFrame reads a frame. Its memory is as long as the frame, because the journal keeps it.
func (c *conn) readFrame() (kind int, frame []byte, err error) {
	kind, reader, err := c.socket.NextReader()
	if err != nil {
		return kind, nil, err
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	text := (*buffer)[:0]
	for err == nil {
		var n int
		n, err = reader.Read(text[len(text):cap(text)])
		if text = text[:len(text)+n]; len(text) == cap(text) {
			text = slices.Grow(text, len(text))
		}
	}
	if cap(text) <= maximumBuffer {
		*buffer = text[:0]
	}
	if err != io.EOF {
		return kind, nil, err
	}
	return kind, bytes.Clone(text), nil
}

// closeAfter makes sure that a client that violated the protocol can receive the close frame that says
// how.
func (c *conn) closeAfter(err error) {
	if _, ok := errors.AsType[*websocket.CloseError](err); ok {
		return // the client has closed the connection
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return // the connection is broken
	}
	if errors.Is(err, websocket.ErrReadLimit) {
		// gorilla/websocket has sent a close frame already, unless the length is not a valid one.
		c.writeClose(closing{websocket.CloseMessageTooBig, ""}, time.Now().Add(closeTimeout))
	}
	c.linger()
}

// TryWrite writes what the system accepts at once. It leaves everything to Write while faults are
// possible, because they may wait.
func (c *conn) TryWrite(frames []*hub.Frame) (all bool, err error) {
	if c.silent.Load() || c.held != nil || c.handler.Faults.Armed() {
		return false, nil
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	text := (*buffer)[:0]
	for _, frame := range frames {
		text = appendFrame(text, frame.Payload)
	}
	if cap(text) <= maximumBuffer {
		*buffer = text[:0]
	}
	accepted, all, err := c.wire.tryWrite(text)
	if err != nil {
		c.abort(err)
		return false, err
	}
	if accepted {
		c.count(len(frames))
		c.unfinished = !all
	}
	return all, nil
}

func (c *conn) count(frames int) {
	c.session.FramesOut.Add(int64(frames))
	c.handler.delivered.Add(int64(frames))
}

// Write writes each frame as a text message, or the rest of what TryWrite began.
func (c *conn) Write(frames []*hub.Frame) error {
	if c.unfinished {
		c.unfinished = false
		return c.send(nil)
	}
	if c.handler.Faults.Armed() || c.held != nil {
		frames = c.applyFaults(frames)
	}
	return c.write(frames)
}

// write writes frames in as few writes as possible.
func (c *conn) write(frames []*hub.Frame) error {
	if c.silent.Load() {
		return nil
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for len(frames) > 0 {
		text, joined := (*buffer)[:0], 0
		for joined < len(frames) && len(text) < maximumBuffer {
			text = appendFrame(text, frames[joined].Payload)
			joined++
		}
		if err := c.send(text); err != nil {
			return err
		}
		c.count(joined)
		frames = frames[joined:]
	}
	return nil
}

// maximumBuffer is the length at which a buffer is written, and the largest buffer that is kept.
const maximumBuffer = 64 << 10

// buffers are for joining frames, for what is read, and for the answer to a handshake.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, 4<<10)
	return &buffer
}}

// send writes the bytes of whole frames or, without any, the rest of what TryWrite began.
func (c *conn) send(text []byte) error {
	err := c.wire.write(text)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		c.logTooSlow()
	}
	if err != nil {
		c.abort(err)
	}
	return err
}

// abort closes a connection that cannot be written to, which ends its reader. If a close frame was
// sent, or the connection was dropped, the reader closes it later: the client may not have read the
// last frame yet.
func (c *conn) abort(err error) {
	if !errors.Is(err, errClosed) && !c.dropped.Load() {
		c.cutOff()
	}
}

// appendFrame appends an unfragmented text frame (RFC 6455, section 5.2).
func appendFrame(text, payload []byte) []byte {
	const finalText = 0x81
	switch n := len(payload); {
	case n < 126:
		text = append(text, finalText, byte(n))
	case n < 1<<16:
		text = append(text, finalText, 126, byte(n>>8), byte(n))
	default:
		text = binary.BigEndian.AppendUint64(append(text, finalText, 127), uint64(n))
	}
	return append(text, payload...)
}

// Close begins to close the connection, as close.go says. The reader then closes it, when the client
// has answered or after closeTimeout. A silenced connection stays open, except for a reset, a restored
// snapshot, the shutdown, and if this node was cut off from its cluster.
func (c *conn) Close(reason hub.Reason) {
	if reason == hub.TooSlow {
		c.logTooSlow()
	}
	if c.silent.Load() && !slices.Contains([]hub.Reason{hub.Shutdown, hub.Reset, hub.Restored, hub.CutOff}, reason) {
		return
	}
	deadline := time.Now().Add(closeTimeout)
	if as, ok := c.handler.closingFor(reason); ok {
		c.writeClose(as, deadline)
	} else {
		c.drop()
	}
	c.endBy(deadline)
}

// AbortSlowWrite cuts the connection off after closeTimeout, unless it has ended by then.
func (c *conn) AbortSlowWrite() {
	time.AfterFunc(closeTimeout, c.cutOff)
}

func (c *conn) logTooSlow() {
	c.handler.Logger.Warn("a client was disconnected because it read too slowly", "room", c.session.Token.Room)
}

// drop ends the connection without a close frame. If possible, it closes only the direction to the
// client, and the reader goes on: if input were left unread, the system would discard what the client
// has not received yet.
func (c *conn) drop() {
	c.dropped.Store(true)
	half, ok := c.wire.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		_ = c.wire.Close()
	}
}

// linger reads and ignores what the client still sends after the last frame to it, so that the client
// can receive that frame.
func (c *conn) linger() {
	c.drop()
	_ = c.wire.SetReadDeadline(time.Now().Add(closeTimeout))
	_, _ = io.Copy(io.Discard, c.wire.network()) // without its pace
}
