// Package cli is the common part of the programs' command lines: flags with
// environment variables, errors in one line, exit codes.
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
	Failed = 1 // the command line was valid, but what it asked for failed
	Usage  = 2 // the command line or the environment was not valid
)

// An Exit is an error that ends the program with that code and without a message.
type Exit int

// Error returns a text with the code.
func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs a program in its process. The first SIGINT or SIGTERM cancels the
// context; a second one ends the program at once.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) (code int)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A Program is a command line.
type Program struct {
	Name        string
	Description string
	Variables   string // prefix of the environment variables of flags
	Grammar     any    // pointer to the struct that kong fills
	Options     []kong.Option

	Check func() error              // checks the values beyond what the grammar can express
	Do    func(*kong.Context) error // does what the command line asks for
}

// Run parses the arguments, checks them, and does what they ask for. It returns
// the exit code.
func (p Program) Run(args []string, stdout, stderr io.Writer) (code int) {
	// kong can stop after --help only by calling its exit function.
	defer func() {
		if r := recover(); r != nil {
			exit, ok := r.(Exit)
			if !ok {
				panic(r)
			}
			code = int(exit)
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
		panic(err) // the grammar is not valid
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
	if exit, ok := errors.AsType[Exit](err); ok {
		return int(exit)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", p.Name, OneLine(err))
		return Failed
	}
	return OK
}

// OneLine returns the text of an error, with joined errors in one line.
func OneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
