//go:build linux && !race

package socket

import (
	"syscall"
	"unsafe"
)

// These calls never block, so Go's scheduler does not learn of them. Otherwise, the first call of an idle
// program would wake the thread that watches for long calls, which then looks every 20 microseconds.

func read(fd uintptr, text []byte) (n int, err error) { return rawCall(syscall.SYS_READ, fd, text) }

func write(fd uintptr, text []byte) (n int, err error) { return rawCall(syscall.SYS_WRITE, fd, text) }

func rawCall(number, fd uintptr, text []byte) (n int, err error) {
	done, _, failure := syscall.RawSyscall(
		number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text)))
	if failure != 0 {
		return 0, failure
	}
	return int(done), nil
}
