//go:build !linux

package browser

import (
	"os"
	"os/exec"
)

// become runs a program in place of this one. Only on Linux do containers of other tests disturb it.
func become(path string) error {
	command := exec.Command(path, os.Args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	if command.ProcessState != nil {
		os.Exit(command.ProcessState.ExitCode())
	}
	return err
}
