package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
)

// FuzzEveryCommandLineIsReadOrRefused checks that no arguments make the program panic. The arguments are
// the lines of a text.
func FuzzEveryCommandLineIsReadOrRefused(f *testing.F) {
	for _, args := range []string{
		"--listen\n4711", "-p\n4711", "-p4711", "-\n--\n--=\n-=x", "exec\n--\n--\n--help", "help\nkeys\nrotate",
		"--version=maybe", "--allow-host=a,b\n--allow-host", "--log-level=\n--random-seed\n-5", "-hh", "-é",
	} {
		f.Add(args)
	}
	f.Fuzz(func(t *testing.T, args string) {
		err := newProgram(new(commandLine)).Parse(strings.Split(args, "\n"))
		if err == nil {
			return
		}
		exit, isExit := errors.AsType[cli.Exit](err)
		failure, isFailure := errors.AsType[*cli.Failure](err)
		if isExit && exit != cli.OK || !isExit && (!isFailure || failure.Code != cli.Usage || failure.Error() == "") {
			t.Errorf("%q: %#v", args, err)
		}
	})
}
