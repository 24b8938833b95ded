//go:build unix

package socket

import (
	"errors"
	"net"
	"syscall"
)

// A rawConn is a connection of the system that can be written to without
// waiting.
type rawConn struct {
	conn syscall.RawConn
	once func(fd uintptr) bool // made once, so that a write allocates nothing

	// Of the write under way.
	text []byte
	n    int
	err  error
}

// newRawConn gives nil for a connection that is none of the system's.
func newRawConn(conn net.Conn) *rawConn {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return nil
	}
	r := &rawConn{conn: raw}
	r.once = func(fd uintptr) bool {
		for {
			r.n, r.err = syscall.Write(int(fd), r.text)
			if !errors.Is(r.err, syscall.EINTR) {
				return true // also when it would block: nobody waits here
			}
		}
	}
	return r
}

// awaitInput waits until there is something to read, or will never be. Many
// clients only ever listen, and the way to a read through gorilla/websocket
// takes twice the stack.
func (r *rawConn) awaitInput() {
	_ = r.conn.Read(func(fd uintptr) bool { // whoever reads next meets its error
		var first [1]byte
		_, _, err := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK)
		return !errors.Is(err, syscall.EAGAIN)
	})
}

// tryWrite writes as much of the text as the system takes at once.
func (r *rawConn) tryWrite(text []byte) (n int, err error) {
	r.text = text
	err = r.conn.Write(r.once)
	r.text = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(r.err, syscall.EAGAIN):
		return 0, nil
	case r.err != nil:
		return 0, r.err
	}
	return r.n, nil
}
