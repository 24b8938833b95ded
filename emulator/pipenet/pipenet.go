// Package pipenet is a network in memory, for tests. It works in a testing/synctest bubble, which a
// network of the system does not.
package pipenet

import (
	"context"
	"net"
	"sync"
)

// A Network is a network with one listener, which is the Network itself. It is safe for concurrent
// use.
type Network struct {
	conns  chan net.Conn // from Dial to Accept; never closed
	closed chan struct{} // closed by Close
	once   sync.Once     // closes closed
}

// New returns a network whose listener is open.
func New() *Network {
	return &Network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial connects to the listener for every address. The connection is one end of a net.Pipe;
// Accept returns the other. The error is net.ErrClosed after Close, and the context's error when the
// context ends first.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Connections stay open.
func (n *Network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr implements net.Listener.
func (n *Network) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }
