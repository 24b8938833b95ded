// Command ivschat-local runs a local Amazon IVS Chat.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the command line was right, what it asked for did not work
	exitUsage  = 2 // the command line or the environment was wrong
)

// A commandLine is what the program understands. Without a command it serves.
type commandLine struct {
	Settings

	Serve   serveCommand   `cmd:"" default:"1" help:"Run the emulator (the default)."`
	Exec    execCommand    `cmd:"" help:"Run a command beside an emulator of its own, on a free port and in memory."`
	Env     envCommand     `cmd:"" help:"Print the variables with which SDKs find the emulator at --listen, for a shell."`
	Health  healthCommand  `cmd:"" help:"Exit with 0 if the emulator at --listen answers, with 1 if not."`
	Keys    keysCommand    `cmd:"" help:"Look after the keys that seal chat tokens."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// A terminal is where commands write.
type terminal struct{ out, err io.Writer }

// exit carries an exit code out of kong, which knows no other way to stop
// after --help.
type exit int

// oneLine puts errors that were joined beside one another.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// run is the program without its process. It gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			asked, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(asked)
		}
	}()
	var line commandLine
	parser, err := kong.New(&line,
		kong.Name("ivschat-local"),
		kong.Description("A local Amazon IVS Chat. Every flag can be given as an environment variable too; the flag wins."),
		kong.DefaultEnvars("IVSCHAT"),
		kong.Vars{"data": defaultData()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
	)
	if err != nil {
		panic(err) // the table of settings is malformed
	}
	command, err := parser.Parse(args)
	if err == nil {
		err = line.Settings.check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "ivschat-local: %s\nTry ivschat-local --help.\n", oneLine(err))
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(terminal{out: stdout, err: stderr}, line.Settings); err != nil {
		fmt.Fprintf(stderr, "ivschat-local: %s\n", oneLine(err))
		return exitFailed
	}
	return exitOK
}
