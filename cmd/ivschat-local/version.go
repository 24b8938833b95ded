package main

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/internal/build"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(terminal terminal) error {
	fmt.Fprintln(terminal.out, build.Text("ivschat-local"))
	return nil
}
