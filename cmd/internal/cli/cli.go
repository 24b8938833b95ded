// Package cli is the common part of the programs' command lines: flags with environment variables,
// errors that name them, messages as text or JSON, exit codes.
//
// kong parses the command line. Package cli arranges it before (arguments.go), checks each value
// (value.go) and reads the environment variables (variables.go), so that everything that is wrong is
// told at once, and with the name that the user wrote.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
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

// A Failure is an error that ends the program with that exit code.
type Failure struct {
	Code int
	Err  error
}

// Error returns the text of the error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error.
func (f *Failure) Unwrap() error { return f.Err }

// Main runs a program in its process. The first SIGINT or SIGTERM cancels the context; a second one ends
// the program at once.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) (code int)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A Program is a command line. Its grammar may have commands, one of which may have the tag
// default:"withargs": its flags need no command.
type Program struct {
	Name        string
	Description string
	Version     string // what --version prints
	Grammar     any    // pointer to the struct that kong fills
	Options     []kong.Option

	Variables string // prefix of the environment variables of flags, without the underscore
	// OtherVariables are patterns, as of path.Match, of variables with the prefix that are no mistake.
	OtherVariables []string
	// Hints says what to write in place of words that are not known, such as "-p". "VALUE" in a hint
	// stands for the value that was given.
	Hints map[string]string
	// FormatFlag is the flag that has the value json if failures are reported as JSON.
	FormatFlag string

	// Reporter is the command that reports what Inspect returns, so that warnings are not printed before.
	Reporter string

	Check func(*kong.Context) error           // checks the values, with *Wrong errors
	Do    func(*kong.Context, Messages) error // does what the command line asks for
}

// Run parses the arguments, checks them, and does what they ask for. It returns the exit code.
func (p Program) Run(args []string, stdout, stderr io.Writer) (code int) {
	r := p.newReader(stdout, stderr)
	command, err := r.read(args)
	messages := Messages{program: p.Name, json: r.json, to: stderr}
	if command == nil || p.Reporter == "" || command.Selected() == nil || command.Selected().Name != p.Reporter {
		for _, warning := range r.warnings {
			messages.Warn(warning)
		}
	}
	if err == nil {
		err = p.Do(command, messages)
	}
	if exit, ok := errors.AsType[Exit](err); ok {
		return int(exit)
	}
	code = OK
	if err != nil {
		code = Failed
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		code = failure.Code
	}
	switch {
	case code == Usage:
		messages.usage(err, r.help)
	case err != nil:
		messages.Error(err)
	}
	return code
}

// Parse reads the arguments into the grammar and checks them, without doing what they ask for.
func (p Program) Parse(args []string) error {
	_, err := p.Inspect(args)
	return err
}

// Inspect is Parse that also returns warnings about variables that the program does not know.
func (p Program) Inspect(args []string) (warnings []string, err error) {
	r := p.newReader(io.Discard, io.Discard)
	_, err = r.read(args)
	return r.warnings, err
}

// A reader reads one command line.
type reader struct {
	Program
	kong *kong.Kong

	help      string // the command that prints help for this command line
	json      bool   // whether failures are reported as JSON
	warnings  []string
	wrong     []error                 // found so far
	invalid   map[string]bool         // flags whose value could not be read
	variables map[string]string       // flag -> the variable that its value is from
	envs      map[*kong.Flag][]string // the variables of each flag
}

// newReader makes a parser for the grammar. kong must not read variables or check enumerations itself,
// because it would stop at the first error.
func (p Program) newReader(stdout, stderr io.Writer) *reader {
	r := &reader{
		Program: p, help: p.Name + " --help",
		invalid: map[string]bool{}, variables: map[string]string{}, envs: map[*kong.Flag][]string{},
	}
	var common struct {
		Version kong.VersionFlag `help:"Print the version." env:"-"`
	}
	var err error
	r.kong, err = kong.New(p.Grammar, append([]kong.Option{
		kong.Name(p.Name),
		kong.Description(p.Description),
		kong.Vars{"version": p.Version},
		kong.Embed(&common),
		kong.DefaultEnvars(p.Variables),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(Exit(code)) }),
		kong.Help(printHelp),
		kong.ValueFormatter(r.helpOf),
		kong.Resolvers(kong.ResolverFunc(r.variable)),
	}, p.Options...)...)
	if err != nil {
		panic(err) // the grammar is not valid
	}
	r.kong.Model.HelpFlag.Help = "Print this help."
	r.eachFlag(func(flag *kong.Flag) {
		r.envs[flag] = flag.Tag.Envs
		flag.Tag.Envs = nil
		flag.Mapper = &mapper{Mapper: flag.Mapper, enum: flag.Enum, reader: r}
		flag.Enum, flag.Tag.Enum = "", ""
	})
	return r
}

// eachFlag calls visit with every flag of every command.
func (r *reader) eachFlag(visit func(*kong.Flag)) {
	_ = kong.Visit(r.kong.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			visit(flag)
		}
		return next(nil)
	})
}

// read reads and checks the command line. Its error has everything that is wrong. It is an Exit if the
// command line asked for help or the version, which is then printed.
func (r *reader) read(args []string) (command *kong.Context, err error) {
	// kong can stop after --help only by calling its exit function.
	defer func() {
		if recovered := recover(); recovered != nil {
			exit, ok := recovered.(Exit)
			if !ok {
				panic(recovered)
			}
			err = exit
		}
	}()
	r.warnAboutVariables(os.Environ())
	command, err = r.kong.Parse(r.arrange(args))
	switch {
	case err == nil:
		for _, err := range flatten(r.Check(command)) {
			if wrong, ok := errors.AsType[*Wrong](err); !ok || !r.invalid[wrong.Flag] {
				r.wrong = append(r.wrong, err)
			}
		}
	case len(r.wrong) == 0: // otherwise it is about what is missing, and why is known
		r.wrong = append(r.wrong, err)
	}
	if len(r.wrong) == 0 {
		return command, nil
	}
	for i, err := range r.wrong {
		if wrong, ok := errors.AsType[*Wrong](err); ok && r.variables[wrong.Flag] != "" {
			r.wrong[i] = errors.New(r.variables[wrong.Flag] + " " + wrong.Problem)
		}
	}
	return nil, &Failure{Usage, errors.Join(r.wrong...)}
}

// flatten returns the errors that are joined in one.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, flatten(one)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
