//go:build !unix

package socket

import (
	"net"
	"syscall"
)

// Only on Unix one can write without waiting. Elsewhere each write that would
// be such a one has a goroutine.
func rawConn(net.Conn) syscall.RawConn { return nil }

func writeOnce(uintptr, []byte) (int, error) { panic("there is no raw connection") }

func hasInput(uintptr) bool { panic("there is no raw connection") }
