//go:build unix && !(linux && (amd64 || arm64) && !race)

package socket

import "syscall"

// The race detector follows these calls, and does not follow those of raw_linux.go. Not every system has
// the latter.

func read(fd uintptr, text []byte) (n int, err error) { return syscall.Read(int(fd), text) }

func write(fd uintptr, text []byte) (n int, err error) { return syscall.Write(int(fd), text) }
