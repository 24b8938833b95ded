package awsapi

import (
	"context"
	"net"
	"sync"
	"time"
)

// dial connects to a server.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &patientConn{Conn: connection, ended: make(chan struct{})}, nil
}

// A patientConn is a connection to a server that may refuse a request before it has read all of it, and then close the
// connection. net/http reports that a write failed, unless the answer has arrived before. So a write that fails waits
// until what the server has sent was read.
type patientConn struct {
	net.Conn
	once  sync.Once
	ended chan struct{} // closed by end, when nothing more can be read
}

// patience is how long a write that failed waits at most.
const patience = 5 * time.Second

// Read reads from the connection.
func (c *patientConn) Read(buffer []byte) (int, error) {
	n, err := c.Conn.Read(buffer)
	if err != nil {
		c.end()
	}
	return n, err
}

// Write writes to the connection.
func (c *patientConn) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	if err != nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-c.ended:
		case <-timer.C:
		}
	}
	return n, err
}

// Close closes the connection.
func (c *patientConn) Close() error {
	c.end()
	return c.Conn.Close()
}

// end notes that nothing more can be read.
func (c *patientConn) end() { c.once.Do(func() { close(c.ended) }) }
