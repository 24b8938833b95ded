// Package cli is what the command lines of the programs have in common: flags
// with environment variables behind them, errors in one line, exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	OK     = 0
	Failed = 1 // the command line was right, what it asked for did not work
	Usage  = 2 // the command line or the environment was wrong
)

// An Exit is an error that ends the program with that code, without another
// word.
type Exit int

// Error says no more than the code.
func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs a program in its process. The context ends at the first SIGINT or
// SIGTERM; a second one ends the program at once.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) (code int)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A Program is what kong does not know of a command line.
type Program struct {
	Name        string
	Description string
	Variables   string // what the names of the environment variables of flags begin with
	Grammar     any    // a pointer to the struct that kong fills
	Options     []kong.Option

	Check func() error              // says what the grammar cannot say about its values
	Do    func(*kong.Context) error // does what the command line asks for
}

// Run is the program without its process. It gives the exit code.
func (p Program) Run(args []string, stdout, stderr io.Writer) (code int) {
	// kong knows no other way to stop after --help than to exit.
	defer func() {
		if r := recover(); r != nil {
			asked, ok := r.(Exit)
			if !ok {
				panic(r)
			}
			code = int(asked)
		}
	}()
	parser, err := kong.New(p.Grammar, append(p.Options,
		kong.Name(p.Name),
		kong.Description(p.Description),
		kong.DefaultEnvars(p.Variables),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(Exit(code)) }),
	)...)
	if err != nil {
		panic(err) // the grammar is malformed
	}
	command, err := parser.Parse(args)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\nTry %s --help.\n", p.Name, OneLine(err), p.Name)
		return Usage
	}
	err = p.Do(command)
	if exit := Exit(0); errors.As(err, &exit) {
		return int(exit)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", p.Name, OneLine(err))
		return Failed
	}
	return OK
}

// OneLine puts errors that were joined beside one another.
func OneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
