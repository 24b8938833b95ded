//go:build unix

package destination

import (
	"errors"
	"os"
	"syscall"
)

// isLocked locks a file until it is closed, and reports whether another program has done so. A file system that has no
// locks has none of others either.
func isLocked(file *os.File) bool {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
}
