// Command ivschat-local runs a local emulator of Amazon IVS Chat.
//
// settings.go has the settings with their flags and environment variables. Each command has a file:
// serve.go, exec.go (also env), health.go, keys.go and version.go.
package main

import (
	"context"
	"io"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
)

func main() { cli.Main(run) }

// A commandLine is the grammar of the command line. The default command is serve.
type commandLine struct {
	Settings

	Serve   serveCommand   `cmd:"" default:"1" help:"Run the emulator (the default)."`
	Exec    execCommand    `cmd:"" help:"Run a command with an emulator of its own, on a free port and in memory."`
	Env     envCommand     `cmd:"" help:"Print the environment variables that point SDKs to the emulator at --listen, as shell commands."`
	Health  healthCommand  `cmd:"" help:"Exit with code 0 if the emulator at --listen answers, otherwise with 1."`
	Keys    keysCommand    `cmd:"" help:"List or rotate the keys that encrypt chat tokens."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// A terminal is where commands write.
type terminal struct{ out, err io.Writer }

// run runs the program with the arguments and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var line commandLine
	return cli.Program{
		Name: "ivschat-local",
		Description: "A local emulator of Amazon IVS Chat. " +
			"Every flag can also be set as an environment variable. The flag takes precedence.",
		Variables: "IVSCHAT",
		Grammar:   &line,
		Options:   []kong.Option{kong.Vars{"data": defaultData()}},
		Check:     func() error { return line.Settings.check() },
		Do: func(command *kong.Context) error {
			command.BindTo(ctx, (*context.Context)(nil))
			return command.Run(terminal{out: stdout, err: stderr}, line.Settings)
		},
	}.Run(args, stdout, stderr)
}
