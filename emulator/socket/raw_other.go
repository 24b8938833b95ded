//go:build !unix

package socket

import "net"

// A rawConn is nowhere but on Unix: there each write has a goroutine.
type rawConn struct{}

func newRawConn(net.Conn) *rawConn { return nil }

func (*rawConn) awaitInput() {}

func (*rawConn) tryWrite([]byte) (int, error) { panic("there is none") }
