package emulator

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
)

// A plainListener is the listener of a server that speaks plain HTTP. It recognizes TLS clients by
// their first byte, and logs how to connect: what such a client reports hardly points to the cause.
type plainListener struct {
	net.Listener
	logger *slog.Logger
	take   takeFunc
}

// A takeFunc serves a connection without net/http, if its first bytes are all that it needs, and reports
// whether it does. It may be nil.
type takeFunc func(conn net.Conn, first []byte) bool

// Accept implements net.Listener.
func (l plainListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &firstBytes{TCPConn: tcp, logger: l.logger, take: l.take}, err
	}
	return conn, err
}

// tlsHandshake is the first byte of a TLS client: the type of a handshake record (RFC 8446, section
// 5.1). No HTTP request begins with it.
const tlsHandshake = 0x16

var errTLSClient = errors.New("a TLS client connected to a port that speaks plain HTTP")

// A firstBytes is a connection that looks at its first bytes. Everything but Read and Close is that of the
// net.TCPConn.
type firstBytes struct {
	*net.TCPConn
	logger *slog.Logger
	take   takeFunc
	seen   bool        // only Read uses it
	taken  atomic.Bool // the connection is no longer that of net/http
}

// Read fails if the first byte is that of a TLS client. net/http then answers with a plain 400, by which
// some clients recognize that the server does not speak TLS. If the connection is taken, Read tells net/http
// that it has ended.
func (c *firstBytes) Read(buffer []byte) (int, error) {
	n, err := c.TCPConn.Read(buffer)
	if n > 0 && !c.seen {
		c.seen = true
		if buffer[0] == tlsHandshake {
			c.logger.Warn("a TLS client connected, but this port speaks plain HTTP: use a URL with http:// or ws://",
				"address", c.LocalAddr(), "client", c.RemoteAddr())
			return 0, errTLSClient
		}
		if c.take != nil && c.take(c.TCPConn, buffer[:n]) {
			c.taken.Store(true)
			return 0, io.EOF
		}
	}
	return n, err
}

// Close closes the connection, unless it was taken.
func (c *firstBytes) Close() error {
	if c.taken.Load() {
		return nil
	}
	return c.TCPConn.Close()
}

// AfterFirstBytes returns the connection without the check, for package socket, which takes it over after
// its first bytes.
func (c *firstBytes) AfterFirstBytes() net.Conn { return c.TCPConn }
