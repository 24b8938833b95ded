package socket

import (
	"errors"
	"io"
	"net"
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

	silent atomic.Bool // a fault has silenced it
	held   []byte      // a fault holds this frame back, owned by the caller of Write
}

// serve reads frames until the connection ends. It closes the connection.
func (c *conn) serve() {
	c.socket.SetReadLimit(maximumFrame)
	answer := c.socket.PingHandler()
	c.socket.SetPingHandler(func(text string) error {
		if c.silent.Load() {
			return nil
		}
		return answer(text)
	})
	for {
		kind, frame, err := c.socket.ReadMessage()
		if errors.Is(err, websocket.ErrReadLimit) {
			c.linger()
		}
		if err != nil {
			break
		}
		if !c.silent.Load() {
			c.session.Do(frame, kind == websocket.BinaryMessage)
		}
	}
	_ = c.socket.Close()
}

// Write sends each frame as a text message.
func (c *conn) Write(frames [][]byte) error {
	if c.handler.Faults.Armed() || c.held != nil {
		frames = c.suffer(frames)
	}
	return c.write(frames)
}

func (c *conn) write(frames [][]byte) error {
	if c.silent.Load() || len(frames) == 0 {
		return nil
	}
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	for _, frame := range frames {
		if err := c.socket.WriteMessage(websocket.TextMessage, frame); err != nil {
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
				c.logTooSlow()
			}
			_ = c.socket.Close() // wakes the reader
			return err
		}
		c.session.Out.Add(1)
		c.handler.delivered.Add(1)
	}
	return nil
}

// End begins the end that close.go prescribes. The reader sees it through.
func (c *conn) End(reason hub.Reason) {
	if c.silent.Load() {
		return
	}
	end := c.handler.ending(reason)
	deadline := time.Now().Add(closeTimeout)
	if reason == hub.TooSlow {
		c.logTooSlow()
		// A write is stuck: whatever this one manages to say must be quick.
		c.handler.all.Go(func() {
			defer c.socket.Close()
			c.close(end, deadline)
		})
		return
	}
	if end.code == dropped {
		c.drop()
	} else {
		c.close(end, deadline)
	}
	_ = c.socket.SetReadDeadline(deadline)
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
	half, ok := c.socket.NetConn().(interface{ CloseWrite() error })
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
		fault.Reset(c.socket.NetConn())
	default:
		deadline := time.Now().Add(closeTimeout)
		c.close(ending{rule.Close, "fault"}, deadline)
		_ = c.socket.SetReadDeadline(deadline)
	}
}
