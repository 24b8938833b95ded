// Command ivschat-local runs a local Amazon IVS Chat.
package main

import (
	"context"
	"io"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
)

func main() { cli.Main(run) }

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

// run is the program without its process. It gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var line commandLine
	return cli.Program{
		Name:        "ivschat-local",
		Description: "A local Amazon IVS Chat. Every flag can be given as an environment variable too; the flag wins.",
		Variables:   "IVSCHAT",
		Grammar:     &line,
		Options:     []kong.Option{kong.Vars{"data": defaultData()}},
		Check:       func() error { return line.Settings.check() },
		Do: func(command *kong.Context) error {
			command.BindTo(ctx, (*context.Context)(nil))
			return command.Run(terminal{out: stdout, err: stderr}, line.Settings)
		},
	}.Run(args, stdout, stderr)
}
