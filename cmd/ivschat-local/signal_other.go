//go:build !unix

package main

import (
	"os"
	"syscall"
)

// stopSignals returns the signals that exec waits for its command after.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// reachesGroup reports whether the command has received a signal, too. The console of Windows sends its
// signals to all of its processes.
func reachesGroup(os.Signal) bool { return true }

// windowChanges has no signal, because the system sends none for a new size of the terminal.
var windowChanges []os.Signal
