package emulator

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/socket"
)

// A listener is the listener of a server whose port speaks plain HTTP, and TLS if there are certificates. The first
// byte of a client tells which (decision D75).
type listener struct {
	net.Listener
	encryption *encryption
	take       takeFunc
}

// A takeFunc serves a connection without net/http, if its first bytes are all that it needs, and reports
// whether it does. It may be nil.
type takeFunc func(conn net.Conn, first []byte) bool

// Accept implements net.Listener. It does not wait for the client.
func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: accepted, listener: l}, nil
}

// tlsHandshake is the first byte of a TLS client: the type of a handshake record (RFC 8446, section
// 5.1). No HTTP request begins with it.
const tlsHandshake = 0x16

var errTLSClient = errors.New("a TLS client connected to a port that speaks plain HTTP")

// A conn is a connection that looks at its first bytes. It has no method ConnectionState, since net/http would call it
// before the first byte.
type conn struct {
	net.Conn  // the encrypted bytes of a TLS client
	listener  *listener
	seen      bool                     // the first bytes were; only Read uses it
	encrypted atomic.Pointer[tls.Conn] // nil for plain HTTP, and before the first byte
	taken     atomic.Bool              // the connection is no longer that of net/http
}

// stream returns what HTTP is spoken over: the connection, or TLS over it.
func (c *conn) stream() net.Conn {
	if encrypted := c.encrypted.Load(); encrypted != nil {
		return encrypted
	}
	return c.Conn
}

// Read implements net.Conn. The first one decides which protocol the client speaks. A TLS handshake happens in it, so
// the deadline of net/http for the first request limits it, too. If the connection is taken, Read tells net/http that
// it has ended.
func (c *conn) Read(buffer []byte) (int, error) {
	if c.seen {
		return c.stream().Read(buffer)
	}
	n, err := c.Conn.Read(buffer)
	if n == 0 {
		return n, err
	}
	c.seen = true
	if buffer[0] == tlsHandshake {
		if n, err = c.encrypt(buffer, n); n == 0 {
			return n, err
		}
	}
	if take := c.listener.take; take != nil && take(c.stream(), buffer[:n]) {
		c.taken.Store(true)
		return 0, io.EOF
	}
	return n, err
}

// encrypt makes the TLS handshake with a client whose first n bytes are in the buffer, and reads into the buffer what
// the client sends then. Without certificates, it fails. net/http then answers with a plain 400, by which some clients
// recognize that the server does not speak TLS.
func (c *conn) encrypt(buffer []byte, n int) (int, error) {
	e := c.listener.encryption
	if e.config == nil {
		e.refused(c)
		return 0, errTLSClient
	}
	encrypted := socket.NewTLS(c.Conn, buffer[:n], e.config)
	c.encrypted.Store(encrypted)
	_ = c.Conn.SetWriteDeadline(time.Now().Add(headerTimeout)) // for a client that does not read
	if err := encrypted.Handshake(); err != nil {
		e.failed(c, err)
		return 0, io.EOF // net/http answers other errors
	}
	_ = c.Conn.SetWriteDeadline(time.Time{})
	return encrypted.Read(buffer)
}

// Write implements net.Conn.
func (c *conn) Write(text []byte) (int, error) { return c.stream().Write(text) }

// ReadFrom implements io.ReaderFrom. Files are copied by the system where it can.
func (c *conn) ReadFrom(source io.Reader) (int64, error) {
	if fast, ok := c.stream().(io.ReaderFrom); ok {
		return fast.ReadFrom(source)
	}
	return io.Copy(struct{ io.Writer }{c.stream()}, source)
}

// CloseWrite ends the connection for writing, if that is possible. net/http then waits for the client to read.
func (c *conn) CloseWrite() error {
	if half, ok := c.stream().(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// SetLinger says how a TCP connection is closed, so that a fault can reset it.
func (c *conn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(interface{ SetLinger(seconds int) error }); ok {
		return tcp.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// Close closes the connection, unless it was taken.
func (c *conn) Close() error {
	if c.taken.Load() {
		return nil
	}
	return c.stream().Close()
}

// NetConn returns the connection without TLS, for faults that reset it.
func (c *conn) NetConn() net.Conn { return c.Conn }

// AfterFirstBytes returns the connection without the check, for package socket, which takes it over after
// its first bytes.
func (c *conn) AfterFirstBytes() net.Conn { return c.stream() }

// connKey is the key of the conn in the context of a request.
type connKey struct{}

// withTLS sets the TLS of requests, which net/http does only if the connection is a tls.Conn from its start.
func withTLS(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connKey{}).(*conn); ok {
			if encrypted := c.encrypted.Load(); encrypted != nil {
				request, state := *r, encrypted.ConnectionState()
				r, request.TLS = &request, &state
			}
		}
		handler.ServeHTTP(w, r)
	})
}
