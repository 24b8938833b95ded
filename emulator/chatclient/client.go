package chatclient

// How it works: Dial performs the handshake and starts one goroutine for each
// connection, the reader. It reads frames until the connection ends, and either
// passes each one to Options.OnFrame or appends it to the queue, from which
// Receive takes it. Drop and Close only make the reader's next read fail. The
// reader does the rest at every end of a connection.
//
// Who owns what:
//
//   - The reader alone reads from conn. It closes conn, writes status, calls
//     Options.OnClose and closes done, in this order.
//   - status may be read by others once done is closed.
//   - writing holds one token. Only the goroutine that has taken it may write data
//     frames. It is a channel and not a mutex, so that a testing/synctest bubble
//     recognizes a waiting goroutine as blocked. It is never closed.
//   - The fields of queue are described in queue.go.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// The defaults of Options, and the time that a server has to answer a close
// frame. All of them are real time, or that of a testing/synctest bubble.
const (
	DefaultHandshakeTimeout = 10 * time.Second
	DefaultWriteTimeout     = 10 * time.Second
	DefaultMaxQueueBytes    = 64 << 20

	closeTimeout = time.Second
)

// maxFrameBytes is the largest frame that is read. A larger one ends the
// connection.
const maxFrameBytes = DefaultMaxQueueBytes

// Options configure a connection. The zero value is valid.
type Options struct {
	// NetDial opens the network connection, for instance one in memory. nil
	// connects over TCP.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)

	// Proxy returns the proxy for a request, as in http.Transport. nil uses none.
	Proxy func(*http.Request) (*url.URL, error)

	// TLS configures connections to wss://, for instance with authorities to trust. nil means the zero value.
	TLS *tls.Config

	// HandshakeTimeout limits the whole handshake. 0 means DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration

	// WriteTimeout limits sending one frame. 0 means DefaultWriteTimeout.
	WriteTimeout time.Duration

	// Sizes of the buffers in bytes. 0 means 4096. They do not limit the frames.
	ReadBufferSize, WriteBufferSize int

	// RequestIDPrefix begins every RequestId that the client makes. "" means a
	// random prefix, so that two clients never use the same RequestId.
	RequestIDPrefix string

	// MaxQueueBytes limits the frames that were received but not yet taken by
	// Receive. A client that exceeds it drops the connection, and CloseStatus.Err
	// is ErrQueueFull. 0 means DefaultMaxQueueBytes.
	MaxQueueBytes int

	// OnFrame, if set, is called with every received frame in place of queueing
	// it for Receive. The reader calls it, possibly before Dial has returned. The
	// buffer is reused: frame is valid until OnFrame returns. OnFrame must not
	// call Close or WaitClosed, which wait for the reader; it may call Drop.
	OnFrame func(frame []byte)

	// OnClose, if set, is called once, after the last frame. The reader calls it,
	// so what applies to OnFrame applies to it, too.
	OnClose func(CloseStatus)
}

// A Client is one connection to a room. Its methods may be called concurrently.
type Client struct {
	conn         *websocket.Conn
	writing      chan struct{}
	writeTimeout time.Duration
	onFrame      func([]byte)
	onClose      func(CloseStatus)

	requestIDPrefix string
	requests        atomic.Int64 // RequestIds made so far

	queue  queue
	done   chan struct{} // closed when the connection has ended
	status CloseStatus
}

// Dial connects to the messaging endpoint at a URL with a chat token. The scheme
// is ws or wss; http and https mean the same. If the endpoint answers but does not
// accept the token, the error is a *RefusedError. The context applies to the
// handshake only.
func Dial(ctx context.Context, endpoint, token string, options Options) (*Client, error) {
	address, err := websocketURL(endpoint)
	if err != nil {
		return nil, err
	}
	conn, err := handshake(ctx, address, token, options)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(maxFrameBytes)
	c := &Client{
		conn:            conn,
		writing:         make(chan struct{}, 1),
		writeTimeout:    cmp.Or(options.WriteTimeout, DefaultWriteTimeout),
		onFrame:         options.OnFrame,
		onClose:         options.OnClose,
		requestIDPrefix: options.RequestIDPrefix,
		done:            make(chan struct{}),
	}
	c.writing <- struct{}{}
	if c.requestIDPrefix == "" {
		c.requestIDPrefix = rand.Text()[:8] + "-"
	}
	c.queue.limit = cmp.Or(options.MaxQueueBytes, DefaultMaxQueueBytes)
	if c.onFrame == nil {
		c.queue.arrived = make(chan struct{}, 1)
	}
	go c.read()
	return c, nil
}

// read reads frames until the connection ends.
func (c *Client) read() {
	err := c.readFrames()
	_ = c.conn.Close()
	c.status = closeStatus(err)
	if c.onClose != nil {
		c.onClose(c.status)
	}
	close(c.done)
}

// readFrames reads frames until there is an error. A load generator has thousands of clients, so what
// the loop needs is in local variables, and not behind another pointer.
func (c *Client) readFrames() error {
	conn, onFrame := c.conn, c.onFrame
	var frame bytes.Buffer
	for {
		kind, reader, err := conn.NextReader()
		if err != nil {
			return err
		}
		frame.Reset()
		if _, err := frame.ReadFrom(reader); err != nil {
			return err
		}
		if onFrame != nil {
			onFrame(frame.Bytes())
			continue
		}
		if !c.queue.put(received{frame.String(), kind == websocket.BinaryMessage}) {
			return ErrQueueFull
		}
	}
}

// ErrQueueFull ends a connection whose frames are not received.
var ErrQueueFull = errors.New("the queue of received frames is full: call Receive, or set Options.OnFrame")

// A CloseStatus describes how a connection ended.
type CloseStatus struct {
	Code   int    // of the received close frame; 0 when the connection was dropped without one
	Reason string // the text of the close frame
	Err    error  // the error that ended reading; never nil
}

// String describes the status in one line.
func (s CloseStatus) String() string {
	switch {
	case s.Code == 0:
		return fmt.Sprintf("dropped without a close frame: %v", s.Err)
	case s.Reason == "":
		return fmt.Sprintf("closed with code %d", s.Code)
	default:
		return fmt.Sprintf("closed with code %d (%s)", s.Code, s.Reason)
	}
}

func closeStatus(err error) CloseStatus {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	switch {
	case !ok:
		return CloseStatus{Err: err}
	case closed.Code == websocket.CloseAbnormalClosure: // gorilla/websocket's name for the end of the input
		return CloseStatus{Err: io.ErrUnexpectedEOF}
	default:
		return CloseStatus{Code: closed.Code, Reason: closed.Text, Err: err}
	}
}

// A ClosedError is the error of a method that needs a connection which has ended.
type ClosedError struct{ Status CloseStatus }

// Error says how the connection ended.
func (e *ClosedError) Error() string { return "the connection has ended: " + e.Status.String() }

// Unwrap returns the error that ended reading.
func (e *ClosedError) Unwrap() error { return e.Status.Err }

// Close closes the connection with close code 1000, waits for the server's answer
// for at most a second, and returns how the connection ended. It does nothing if
// the connection has already ended.
func (c *Client) Close() CloseStatus {
	deadline := time.Now().Add(closeTimeout)
	normal := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// If this fails, the connection has ended, or the deadline has passed.
	_ = c.conn.WriteControl(websocket.CloseMessage, normal, deadline)
	_ = c.conn.SetReadDeadline(deadline) // ends the reader if the server does not answer
	<-c.done
	return c.status
}

// Drop ends the connection at once and without a close frame.
func (c *Client) Drop() { _ = c.conn.Close() }

// Done returns a channel that is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// WaitClosed waits until the connection has ended, and returns how it ended. It
// returns an error if the context ends first.
func (c *Client) WaitClosed(ctx context.Context) (CloseStatus, error) {
	select {
	case <-c.done:
		return c.status, nil
	case <-ctx.Done():
		return CloseStatus{}, fmt.Errorf("the connection is still open: %w", context.Cause(ctx))
	}
}
