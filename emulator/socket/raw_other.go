//go:build !unix

package socket

import (
	"net"
	"syscall"
)

// rawConn returns nil: writes that do not block exist on Unix only. Elsewhere every write happens in a
// goroutine of its own.
func rawConn(net.Conn) syscall.RawConn { return nil }

func writeOnce(uintptr, []byte) (int, error) { panic("not supported on this system") }

func readOnce(uintptr, []byte) (int, error) { panic("not supported on this system") }

func hasInput(uintptr) (ready, ended bool) { panic("not supported on this system") }
