package main

import (
	"fmt"
	"runtime"

	"github.com/ivschat-local/ivschat-local/emulator"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(terminal terminal) error {
	fmt.Fprintln(terminal.out, versionText())
	return nil
}

// versionText returns the version, the Go version, and the platform.
func versionText() string {
	return fmt.Sprintf("ivschat-local %s (%s %s/%s)",
		emulator.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
