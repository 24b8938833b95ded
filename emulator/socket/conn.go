package socket

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// Machine time.
const (
	// writeTimeout is how long a write may wait for a client that does not read.
	writeTimeout = 10 * time.Second
	// closeTimeout is how long a client may take to answer a close.
	closeTimeout = time.Second
)

// maximumFrame is the longest frame that a client may send, in bytes. A longer
// one ends the connection with code 1009 (decision D24).
const maximumFrame = 64 << 10

// A conn is one connection: the room.Connection of its session.
type conn struct {
	handler *Handler
	socket  *websocket.Conn
	session *room.Session
	room    string // for the log

	wire *wire // below socket

	silent atomic.Bool // a fault has silenced it

	// Owned by the caller of TryWrite and Write.
	begun bool   // TryWrite has left the wire a rest, which is all that Write has to write
	held  []byte // a fault holds this frame back
}

// prepare is called once, before serve and Write.
func (c *conn) prepare() {
	c.socket.SetReadLimit(maximumFrame)
	c.socket.SetPingHandler(func(text string) error {
		if c.silent.Load() {
			return nil
		}
		err := c.socket.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(writeTimeout))
		if errors.Is(err, websocket.ErrCloseSent) {
			return nil // the client may still want to read why
		}
		return err
	})
}

// serve reads frames until the connection ends. It closes the connection.
func (c *conn) serve() {
	for {
		kind, frame, err := c.socket.ReadMessage()
		if err != nil {
			c.leave(err)
			break
		}
		if !c.silent.Load() {
			c.session.Do(frame, kind == websocket.BinaryMessage)
		}
	}
	_ = c.socket.Close()
}

// leave lets a client read why it has to go that broke the protocol.
func (c *conn) leave(err error) {
	closed, network := (*websocket.CloseError)(nil), net.Error(nil)
	if errors.As(err, &closed) || errors.As(err, &network) {
		return // it is gone already
	}
	if errors.Is(err, websocket.ErrReadLimit) {
		// gorilla/websocket has said so already unless the length is beyond all bounds.
		c.close(ending{websocket.CloseMessageTooBig, ""}, time.Now().Add(closeTimeout))
	}
	c.linger()
}

// TryWrite writes what the system takes at once. Faults may wait, so they are
// left to Write.
func (c *conn) TryWrite(frames [][]byte) (all bool, err error) {
	if c.silent.Load() || c.held != nil || c.handler.Faults.Armed() {
		return false, nil
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	text := (*buffer)[:0]
	for _, frame := range frames {
		text = appendFrame(text, frame)
	}
	if cap(text) <= longestBuffer {
		*buffer = text[:0]
	}
	took, all, err := c.wire.tryWrite(text)
	if err != nil {
		c.giveUp(err)
		return false, err
	}
	if took {
		c.count(len(frames))
		c.begun = !all
	}
	return all, nil
}

func (c *conn) count(frames int) {
	c.session.Out.Add(int64(frames))
	c.handler.delivered.Add(int64(frames))
}

// Write sends each frame as a text message, or what TryWrite has left.
func (c *conn) Write(frames [][]byte) error {
	if c.begun {
		c.begun = false
		return c.send(nil)
	}
	if c.handler.Faults.Armed() || c.held != nil {
		frames = c.suffer(frames)
	}
	return c.write(frames)
}

// write sends frames, together in as few writes as can be.
func (c *conn) write(frames [][]byte) error {
	if c.silent.Load() || len(frames) == 0 {
		return nil
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for len(frames) > 0 {
		text, joined := (*buffer)[:0], 0
		for joined < len(frames) && len(text) < longestBuffer {
			text = appendFrame(text, frames[joined])
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

// longestBuffer is when a buffer is full, and how large one may be that is kept.
const longestBuffer = 64 << 10

// buffers are where frames are joined.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, 4<<10)
	return &buffer
}}

// send writes whole frames, or without any what TryWrite has left.
func (c *conn) send(text []byte) error {
	err := c.wire.write(text)
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		c.logTooSlow()
	}
	if err != nil {
		c.giveUp(err)
	}
	return err
}

// giveUp closes a connection that cannot be written to, which wakes the reader.
// One that has said its last word is left to the reader: the client may still
// want to read why.
func (c *conn) giveUp(err error) {
	if !errors.Is(err, errOver) {
		_ = c.socket.Close()
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

// End begins the end that close.go prescribes. The reader sees it through.
func (c *conn) End(reason hub.Reason) {
	if reason == hub.TooSlow {
		c.logTooSlow()
	}
	if c.silent.Load() && reason != hub.Shutdown && reason != hub.Reset {
		return
	}
	end := c.handler.ending(reason)
	deadline := time.Now().Add(closeTimeout)
	if end.code == dropped {
		c.drop()
	} else {
		c.close(end, deadline)
	}
	_ = c.socket.SetReadDeadline(deadline)
}

// Hurry cuts the connection off if the write under way, and with it the end,
// does not come about soon.
func (c *conn) Hurry() {
	time.AfterFunc(closeTimeout, func() { _ = c.socket.Close() })
}

func (c *conn) close(end ending, deadline time.Time) {
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, end.text), deadline)
}

func (c *conn) logTooSlow() {
	c.handler.Logger.Warn("a client was let go because it did not keep up", "room", c.room)
}

// drop ends the connection without a close frame. Where it can it ends its own
// direction only and reads on, since unread input would make the system
// discard what the client has not received yet.
func (c *conn) drop() {
	half, ok := c.wire.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		_ = c.socket.Close()
	}
}

// linger reads what the client still sends to a connection that has said its
// last word, so that the client gets to read it.
func (c *conn) linger() {
	c.drop()
	_ = c.socket.SetReadDeadline(time.Now().Add(closeTimeout))
	_, _ = io.Copy(io.Discard, c.socket.NetConn())
}

// Pause waits, but not for longer than the emulator lives.
func (c *conn) Pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.handler.stopping:
	}
}

// Break does what a fault says with the connection.
func (c *conn) Break(rule fault.Rule) {
	switch {
	case rule.Silence:
		c.silent.Store(true)
	case rule.Reset:
		fault.Reset(c.wire.Conn)
	default:
		deadline := time.Now().Add(closeTimeout)
		c.close(ending{rule.Close, "fault"}, deadline)
		_ = c.socket.SetReadDeadline(deadline)
	}
}
