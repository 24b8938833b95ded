package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// anonymousFile creates a file that is on no disk. So memory mode works where no directory is
// writable, as in a container that holds one binary only.
func anonymousFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
