package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// anonymousFile makes a file that has no place on any disk, so that memory
// mode works where nothing is writable, as in a container of one binary.
func anonymousFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
