package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// A client is one connection to the room.
type client struct {
	load   *load
	number int
	sender *sender // nil for a viewer
	conn   *chatclient.Client

	// Written by the reader only.
	received  atomic.Int64 // messages and events of this load
	ended     atomic.Bool  // before the load ended it
	orderHash uint64       // of the numbers in their order; others read it after the reader has ended
}

// closed is called by the reader when the connection has ended.
func (c *client) closed(status chatclient.CloseStatus) {
	if c.load.closing.Load() {
		return
	}
	c.ended.Store(true)
	if status.Code != 0 {
		c.load.ends.add(fmt.Sprintf("closed with code %d", status.Code))
	} else {
		c.load.ends.add("dropped: " + cause(status.Err))
	}
}

// receive is called by the reader with every frame. Nearly all frames are
// messages and events of this load, so these are recognized without decoding.
func (c *client) receive(frame []byte) {
	if bytes.Contains(frame, errorType) && c.receiveError(frame) {
		return
	}
	if _, rest, ok := bytes.Cut(frame, c.load.marker); ok {
		if number, sent, ok := parseStamp(rest); ok {
			c.receiveMessage(number, sent)
		}
	}
}

// errorType is in every ERROR frame. In a frame of another type, it may only be the
// value of an attribute.
var errorType = []byte(`"ERROR"`)

// receiveError counts an ERROR frame. It returns false if the frame is none.
func (c *client) receiveError(frame []byte) bool {
	f, err := chatclient.ParseFrame(string(frame))
	if err != nil || f.Type != "ERROR" {
		return false
	}
	c.load.messages.errors.add(strconv.Itoa(f.ErrorCode))
	if c.sender != nil {
		c.sender.refused(f.RequestID, f.ErrorCode)
	}
	return true
}

func (c *client) receiveMessage(number int, sent time.Duration) {
	l := c.load
	l.latencies.record(c.number, time.Since(l.start)-sent)
	c.orderHash = c.orderHash*1_099_511_628_211 ^ uint64(number+1) // as FNV-1 does
	if c.sender != nil && number < firstEvent && number%l.options.Senders == c.sender.number {
		l.messages.accepted.Add(1)
	}
	c.received.Add(1)
}
