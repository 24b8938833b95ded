//go:build !unix

package socket

import (
	"net"
	"syscall"
)

// Only on Unix are there writes that do not block. Elsewhere every write has a goroutine of its own.
func rawConn(net.Conn) syscall.RawConn { return nil }

func writeOnce(uintptr, []byte) (int, error) { panic("not supported on this system") }

func hasInput(uintptr) bool { panic("not supported on this system") }
