package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"
	"github.com/gorilla/websocket"
)

// A client is one connection to the room.
type client struct {
	load   *load
	number int
	sender *sender // nil for a viewer
	conn   *websocket.Conn

	// Written by the reader alone.
	heard atomic.Int64 // messages of this load
	ended atomic.Bool  // before we ended it
	order uint64       // tells one order of messages from another; to be read once the reader has ended
}

// read counts frames until the connection ends.
func (c *client) read() {
	var frame bytes.Buffer
	for {
		_, reader, err := c.conn.NextReader()
		if err == nil {
			frame.Reset()
			_, err = frame.ReadFrom(reader)
		}
		if err != nil {
			c.end(err)
			return
		}
		c.hear(frame.Bytes())
	}
}

func (c *client) end(err error) {
	_ = c.conn.Close()
	if c.load.ending.Load() {
		return
	}
	c.ended.Store(true)
	if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
		c.load.ends.add(fmt.Sprintf("closed with %d", closed.Code))
	} else {
		c.load.ends.add(cause(err))
	}
}

// hangUp ends the connection.
func (c *client) hangUp() {
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = c.conn.Close()
}

// hear takes a frame. Most are messages and events of this load, and there are many of
// them, so those are found without decoding.
func (c *client) hear(frame []byte) {
	if _, rest, ours := bytes.Cut(frame, c.load.marker); ours {
		if number, sent, ok := parseStamp(rest); ok {
			c.hearMessage(number, sent)
		}
		return
	}
	var refusal struct {
		Type, RequestID string
		ErrorCode       int
	}
	if json.Unmarshal(frame, &refusal) == nil && refusal.Type == "ERROR" {
		c.load.messages.errors.add(strconv.Itoa(refusal.ErrorCode))
		if number, err := strconv.Atoi(refusal.RequestID); err == nil && c.sender != nil {
			c.sender.refused(number, refusal.ErrorCode)
		}
	}
}

func (c *client) hearMessage(number int, sent time.Duration) {
	l := c.load
	l.latencies.record(c.number, time.Since(l.began)-sent)
	c.order = c.order*1_099_511_628_211 ^ uint64(number+1)
	if c.sender != nil && number < firstEvent && number%l.options.Senders == c.sender.number {
		l.messages.accepted.Add(1)
	}
	c.heard.Add(1)
}

// text is what a message or an event carries: a marker and a stamp, and as many
// characters more as it is to have.
func (l *load) text(number int) string {
	text := string(l.marker) + stamp(number, time.Since(l.began)) + " "
	return text + strings.Repeat("x", l.options.MessageLength-len(text))
}

// firstEvent is the number of the first event. Messages have those below it.
const firstEvent = 1 << 31

// A stamp is what stands behind the marker: a number and when it was sent, both
// hexadecimal.
const stampLength = 8 + 1 + 16

func stamp(number int, sent time.Duration) string {
	return fmt.Sprintf("%08x %016x", number, int64(sent))
}

func parseStamp(text []byte) (number int, sent time.Duration, ok bool) {
	if len(text) < stampLength {
		return 0, 0, false
	}
	n, ok1 := parseHex(text[:8])
	at, ok2 := parseHex(text[9:stampLength])
	return int(n), time.Duration(at), ok1 && ok2
}

// parseHex is strconv.ParseUint without a string to be made first.
func parseHex(text []byte) (n uint64, ok bool) {
	for _, digit := range text {
		switch {
		case '0' <= digit && digit <= '9':
			n = n<<4 | uint64(digit-'0')
		case 'a' <= digit && digit <= 'f':
			n = n<<4 | uint64(digit-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// cause is what is behind an error, without the addresses and request ids that
// make each one different.
func cause(err error) string {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Op + ": " + op.Err.Error()
	}
	operation, exception := (*smithy.OperationError)(nil), smithy.APIError(nil)
	if errors.As(err, &operation) && errors.As(err, &exception) {
		return operation.OperationName + ": " + exception.ErrorCode()
	}
	return err.Error()
}
