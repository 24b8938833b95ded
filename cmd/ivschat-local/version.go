package main

import (
	"fmt"
	"runtime"

	"github.com/ivschat-local/ivschat-local/emulator"
)

type versionCommand struct{}

// Run prints the version, the Go version, and the platform.
func (versionCommand) Run(terminal terminal) error {
	fmt.Fprintf(terminal.out, "ivschat-local %s (%s %s/%s)\n",
		emulator.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
