//go:build unix

package benchmark_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// actPeriod is how often a hostile client acts.
const actPeriod = 200 * time.Millisecond

// A hostileClient is one that misuses the emulator. Only its own goroutine uses it.
type hostileClient struct {
	kind, address string
	tokens        <-chan string // chat tokens that were not used yet; it may run out of them

	conn net.Conn // kept from one act to the next; nil when there is none
	used string   // a token that has opened a connection
	acts int      // how often it has acted
}

// hostileKinds are the kinds of hostile clients. An act that fails is repeated with a new connection.
var hostileKinds = []struct {
	name string
	act  func(*hostileClient) error
}{
	{"connects again and again", func(c *hostileClient) error { return errors.Join(c.connect(), c.close()) }},
	{"is refused", func(c *hostileClient) error { return c.handshake("no token of the emulator") }},
	{"uses a token again", (*hostileClient).reuse},
	{"reads slowly", (*hostileClient).readSlowly},
	{"opens a connection and sends nothing", (*hostileClient).open},
	{"sends no HTTP", func(c *hostileClient) error {
		return errors.Join(c.open(), c.send(bytes.Repeat([]byte("\x00\xffx"), 1000)), c.close())
	}},
	{"sends huge frames", func(c *hostileClient) error {
		return errors.Join(c.connect(), c.send(frame(true, text, make([]byte, 128<<10))), c.close())
	}},
	{"sends fragments", func(c *hostileClient) error {
		return c.sendMany(1000, frame(false, continuation, nil), frame(false, text, nil))
	}},
	{"sends many pings", func(c *hostileClient) error { return c.sendMany(200, frame(true, ping, nil), nil) }},
	{"sends many messages", func(c *hostileClient) error {
		return c.sendMany(100, frame(true, text, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`)), nil)
	}},
	{"closes again and again", func(c *hostileClient) error {
		return errors.Join(c.connect(), c.send(frame(true, closing, nil)), c.read(4<<10), c.close())
	}},
	{"sends a handshake slowly", (*hostileClient).handshakeSlowly},
	{"does not read an event stream", (*hostileClient).streamEvents},
}

// run acts until the context ends.
func (c *hostileClient) run(ctx context.Context, act func(*hostileClient) error) {
	tick := time.NewTicker(actPeriod)
	defer tick.Stop()
	defer c.close()
	for {
		if err := act(c); err != nil {
			_ = c.close()
		}
		c.acts++
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// open opens a connection, unless there is one.
func (c *hostileClient) open() (err error) {
	if c.conn == nil {
		c.conn, err = net.Dial("tcp", c.address)
	}
	return err
}

func (c *hostileClient) close() error {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
	return nil
}

func (c *hostileClient) send(data []byte) error {
	if c.conn == nil {
		return net.ErrClosed
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(actPeriod))
	_, err := c.conn.Write(data)
	return err
}

// read reads at most so many bytes of what has arrived, or arrives soon.
func (c *hostileClient) read(most int) error {
	if c.conn == nil {
		return net.ErrClosed
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(actPeriod))
	_, err := c.conn.Read(make([]byte, most))
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return nil
	}
	return err
}

// handshake sends a handshake and reads the answer.
func (c *hostileClient) handshake(token string) error {
	if err := c.open(); err != nil {
		return err
	}
	return errors.Join(c.send([]byte(handshakeRequest(c.address, token))), c.read(4<<10))
}

// connect connects to the room, unless it is connected.
func (c *hostileClient) connect() error {
	if c.conn != nil {
		return nil
	}
	select {
	case token := <-c.tokens:
		c.used = token
		return c.handshake(token)
	default:
		return io.EOF
	}
}

func (c *hostileClient) reuse() error {
	if c.used == "" {
		return errors.Join(c.connect(), c.close())
	}
	return errors.Join(c.handshake(c.used), c.close())
}

func (c *hostileClient) readSlowly() error {
	if err := c.connect(); err != nil {
		return err
	}
	return c.read(64)
}

// sendMany sends a frame many times, after another frame on a new connection, and reads some answers.
func (c *hostileClient) sendMany(count int, data, first []byte) error {
	if c.conn == nil {
		if err := errors.Join(c.connect(), c.send(first)); err != nil {
			return err
		}
	}
	return errors.Join(c.send(bytes.Repeat(data, count)), c.read(4<<10))
}

// handshakeSlowly sends one byte more.
func (c *hostileClient) handshakeSlowly() error {
	if err := c.open(); err != nil {
		return err
	}
	request := handshakeRequest(c.address, "token")
	return c.send([]byte{request[c.acts%len(request)]})
}

func (c *hostileClient) streamEvents() error {
	if c.conn != nil {
		return nil
	}
	return errors.Join(c.open(), c.send([]byte("GET /_ivschat/v1/events HTTP/1.1\r\nHost: "+c.address+"\r\n\r\n")))
}

// The types of frames (RFC 6455, section 5.2).
const (
	continuation = 0
	text         = 1
	closing      = 8
	ping         = 9
)

// frame returns a frame of a client, with a mask that changes nothing.
func frame(final bool, opcode byte, payload []byte) []byte {
	if final {
		opcode |= 0x80
	}
	header := []byte{opcode}
	switch n := len(payload); {
	case n < 126:
		header = append(header, 0x80|byte(n))
	case n < 1<<16:
		header = binary.BigEndian.AppendUint16(append(header, 0x80|126), uint16(n))
	default:
		header = binary.BigEndian.AppendUint64(append(header, 0x80|127), uint64(n))
	}
	return append(append(header, 0, 0, 0, 0), payload...)
}

// handshakeRequest returns a WebSocket handshake.
func handshakeRequest(address, token string) string {
	return fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n\r\n", address, token)
}
