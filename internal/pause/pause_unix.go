//go:build unix

package pause

import (
	"os"
	"syscall"
)

// Begin stops a process that this one has started: its connections stay open, and nothing answers. It returns when
// the process has stopped.
func Begin(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	// The system call for signals returns earlier than the last thread stops.
	_, err := syscall.Wait4(p.Pid, nil, syscall.WUNTRACED, nil)
	return err
}

// End lets a process go on.
func End(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
