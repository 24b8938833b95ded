//go:build unix

package socket

import (
	"errors"
	"net"
	"syscall"
)

// rawConn returns nil for a connection that is not a socket of the system.
func rawConn(conn net.Conn) syscall.RawConn {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// writeOnce writes as much of the text as the system accepts at once.
func writeOnce(fd uintptr, text []byte) (n int, err error) {
	for {
		n, err = write(fd, text)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, err
		}
	}
}

// readOnce reads what has arrived. If that is nothing, the error is EAGAIN. Without an error and without
// bytes, the client has ended the connection.
func readOnce(fd uintptr, text []byte) (n int, err error) {
	for {
		if n, err = read(fd, text); !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}

// hasInput reports whether a read would not block, and whether it would find that the client has ended the
// connection. It asks the system: the poller reports input only once, and may have done so already.
func hasInput(fd uintptr) (ready, ended bool) {
	var first [1]byte
	n, _, err := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK)
	return !errors.Is(err, syscall.EAGAIN), n == 0 && err == nil
}
