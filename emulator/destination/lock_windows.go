package destination

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// isLocked locks a file until it is closed, and reports whether another program has done so. It locks a byte that no
// file has, because others may read the file.
func isLocked(file *os.File) bool {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	behind := &windows.Overlapped{OffsetHigh: math.MaxInt32}
	err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, behind)
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING)
}
