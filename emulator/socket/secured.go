package socket

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// NewTLS returns a TLS connection of a server over a network connection, of which the first bytes were read
// already. It works like that of tls.Server. If package socket takes it over, it needs no goroutine to write,
// and none to wait for input.
func NewTLS(conn net.Conn, first []byte, config *tls.Config) *tls.Conn {
	return tls.Server(&carrier{Conn: conn, first: append([]byte(nil), first...)}, config)
}

// A secured is the TLS connection of a wire. Reading and writing can wait, as for every net.Conn, but tryWrite
// and readOnce never do.
//
// crypto/tls can only write all or fail. So what is below it, the carrier, accepts everything: it keeps what
// the system does not accept, and flush writes that.
type secured struct {
	*tls.Conn
	carrier *carrier
}

// newSecured returns nil if the connection is not one from NewTLS. From now on, its carrier does not wait.
func newSecured(conn net.Conn) *secured {
	encrypted, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	carrier, ok := encrypted.NetConn().(*carrier)
	if !ok {
		return nil
	}
	carrier.raw = rawConn(carrier.Conn)
	return &secured{encrypted, carrier}
}

// tryWrite encrypts frames, and writes as much as the system accepts at once. It reports whether that was all.
// If not, flush must follow. It accepts no frames while there is something to flush.
func (s *secured) tryWrite(frames []byte) (accepted, all bool, err error) {
	if !s.carrier.gather() {
		return false, false, nil
	}
	_, err = s.Conn.Write(frames)
	all, failed := s.carrier.writeGathered()
	if err = cmp.Or(err, failed); err != nil {
		return false, false, err
	}
	return true, all, nil
}

// Write implements net.Conn. Without a text, it writes what tryWrite began.
func (s *secured) Write(text []byte) (n int, err error) {
	if s.carrier.raw == nil {
		if len(text) == 0 {
			return 0, nil
		}
		n, err = s.Conn.Write(text)
		_ = s.SetWriteDeadline(time.Time{}) // or it would be that for the next answer to a key update
		return n, err
	}
	if err := s.carrier.flush(); err != nil {
		return 0, err
	}
	for accepted := len(text) == 0; !accepted; { // an answer to a key update may come between
		if accepted, _, err = s.tryWrite(text); err == nil {
			err = s.carrier.flush()
		}
		if err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

// readOnce reads what has arrived, without waiting. If that is nothing, the error is EAGAIN.
func (s *secured) readOnce(fd uintptr, text []byte) (n int, err error) {
	s.carrier.fd = fd
	if n, err = s.Conn.Read(text); n > 0 {
		return n, nil // crypto/tls returns an error again
	}
	return 0, err
}

// SetWriteDeadline implements net.Conn. It is for flush: nothing else waits.
func (s *secured) SetWriteDeadline(at time.Time) error { return s.carrier.Conn.SetWriteDeadline(at) }

// CloseWrite ends the direction to the client, of TLS and of TCP.
func (s *secured) CloseWrite() error {
	half, ok := s.carrier.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return cmp.Or(s.Conn.CloseWrite(), half.CloseWrite())
}

// Close implements net.Conn. It does not wait: where every write waits, it does not tell the client.
func (s *secured) Close() error {
	if s.carrier.raw == nil {
		return s.carrier.Conn.Close()
	}
	return s.Conn.Close()
}

// A carrier is the network connection below a tls.Conn. Once a wire has it, it never waits: Read then fails with
// EAGAIN, which crypto/tls takes for temporary, and Write keeps what the system does not accept.
//
// crypto/tls calls Write for frames, and also while it reads: for alerts, and for the answers to key updates. It
// holds a lock of its own then, so the carrier gets the records in their order, and keeps it.
type carrier struct {
	net.Conn
	raw syscall.RawConn // nil before a wire has the connection, and where writes always wait

	// Only the reader uses these.
	first []byte  // read before there was TLS
	fd    uintptr // of the socket, for secured.readOnce
	taken int     // bytes that were read, and that the wire has not counted yet

	mu       sync.Mutex // guards what follows
	gathered *[]byte    // of buffers: the records of frames, which are written at once; nil without frames
	rest     []byte     // what the system has not accepted
	answers  int        // bytes of rest that are not of frames
}

// maximumAnswers is how many bytes a carrier keeps that are not of frames. A client that asks for so many key
// updates without reading the answers receives nothing more.
const maximumAnswers = 4 << 10

var errAnswers = errors.New("the client sends many requests for key updates, and does not read the answers")

// Read implements net.Conn.
func (c *carrier) Read(text []byte) (n int, err error) {
	if len(c.first) > 0 {
		n = copy(text, c.first)
		if c.first = c.first[n:]; len(c.first) == 0 {
			c.first = nil // or it would take memory as long as the connection lasts
		}
		return n, nil
	}
	if c.raw == nil {
		n, err = c.Conn.Read(text)
		c.taken += n
		return n, err
	}
	n, err = readOnce(c.fd, text)
	c.taken += n
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// Write implements net.Conn.
func (c *carrier) Write(text []byte) (n int, err error) {
	if c.raw == nil {
		return c.Conn.Write(text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gathered != nil {
		*c.gathered = append(*c.gathered, text...)
		return len(text), nil
	}
	if c.answers+len(text) > maximumAnswers {
		return 0, errAnswers
	}
	if err := c.writeLocked(text); err != nil {
		return 0, err
	}
	c.answers = min(c.answers+len(text), len(c.rest))
	return len(text), nil
}

// writeLocked writes as much as the system accepts at once, and keeps the rest.
func (c *carrier) writeLocked(text []byte) (err error) {
	n := 0
	if len(c.rest) == 0 {
		if n, err = writeNow(c.raw, text); err != nil {
			return err
		}
	}
	c.rest = append(c.rest, text[n:]...)
	return nil
}

// gather begins to gather records, unless the system has not accepted everything before.
func (c *carrier) gather() (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rest) > 0 {
		return false
	}
	c.gathered = buffers.Get().(*[]byte)
	*c.gathered = (*c.gathered)[:0]
	return true
}

// writeGathered writes what was gathered, and reports whether the system has accepted all of it.
func (c *carrier) writeGathered() (all bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	buffer := c.gathered
	c.gathered = nil
	err = c.writeLocked(*buffer)
	if cap(*buffer) <= maximumBuffer {
		buffers.Put(buffer)
	}
	return len(c.rest) == 0, err
}

// flush writes the rest. It waits for the client until the deadline for writing.
func (c *carrier) flush() error {
	c.mu.Lock()
	empty := len(c.rest) == 0
	c.mu.Unlock()
	if empty {
		return nil
	}
	var failed error
	err := c.raw.Write(func(fd uintptr) (done bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		var n int
		n, failed = writeOnce(fd, c.rest)
		if c.rest = c.rest[n:]; len(c.rest) == 0 {
			c.rest, c.answers = nil, 0
		}
		return failed != nil || len(c.rest) == 0
	})
	return cmp.Or(err, failed)
}

// SetWriteDeadline implements net.Conn. Before crypto/tls ends its direction it sets a deadline, which must not
// end a flush.
func (c *carrier) SetWriteDeadline(at time.Time) error {
	if c.raw == nil {
		return c.Conn.SetWriteDeadline(at)
	}
	return nil
}
