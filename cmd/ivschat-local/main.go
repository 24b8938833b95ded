// Command ivschat-local runs a local emulator of Amazon IVS Chat.
//
// settings.go has the settings with their flags and environment variables. Each command has a file that is named for
// it. The commands that talk to a running IVS Chat share target.go, and style.go has their colours. log.go makes the
// log, journal.go is the file that exec writes, and trouble.go and proc.go say why the emulator cannot start.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/internal/build"
)

func main() { cli.Main(run) }

// A commandLine is the grammar of the command line. The default command is serve.
type commandLine struct {
	Serve serveCommand `cmd:"" group:"run" default:"withargs" help:"Run the emulator (the default)."`
	Exec  execCommand  `cmd:"" group:"run" help:"Run a command with an emulator of its own, on a free port and in memory."`

	Room  roomCommand  `cmd:"" group:"chat" help:"Create, list, show and delete rooms."`
	Token tokenCommand `cmd:"" group:"chat" help:"Create a chat token, and print it."`
	Chat  chatCommand  `cmd:"" group:"chat" help:"Chat in a room."`

	Tail   tailCommand   `cmd:"" group:"look" help:"Print what happens as it happens: calls, frames, handshakes, connections, faults, reviews."`
	Policy policyCommand `cmd:"" group:"look" help:"Explain what policies of IAM decide, and suggest one for a run."`

	Clock    clockCommand    `cmd:"" group:"steer" help:"Show, move, stop or speed up the emulator's clock."`
	Fault    faultCommand    `cmd:"" group:"steer" help:"Add, list and remove faults: what goes wrong on purpose."`
	Reset    resetCommand    `cmd:"" group:"steer" help:"Remove everything, or go back to the seed."`
	Snapshot snapshotCommand `cmd:"" group:"steer" help:"Save or load all rooms, logging configurations and tags."`

	Env        envCommand        `cmd:"" group:"setup" help:"Print the environment variables that point SDKs to the emulator at --listen, as shell commands."`
	Health     healthCommand     `cmd:"" group:"setup" help:"Exit with code 0 if the emulator at --listen answers, otherwise with 1."`
	Doctor     doctorCommand     `cmd:"" group:"setup" help:"Check the set-up: variables, which endpoint SDKs use, what answers there, proxies, TLS, pages, the clock and faults."`
	Trust      trustCommand      `cmd:"" group:"setup" help:"Say how clients trust the certificates of --tls auto."`
	Keys       keysCommand       `cmd:"" group:"setup" help:"List, rotate or create the keys that encrypt chat tokens."`
	Completion completionCommand `cmd:"" group:"setup" help:"Print a script that completes command lines in bash, zsh or fish."`
	Complete   completeCommand   `cmd:"" group:"setup" name:"__complete" hidden:"" help:"Print what a command line can be completed to, for the scripts."`
	Version    versionCommand    `cmd:"" group:"setup" help:"Print the version."`
	HelpFor    struct{}          `cmd:"" group:"setup" name:"help" help:"Print the help of the program, or of the command that follows."`
}

// groups are the subjects by which --help lists the commands, and the flags of fault add.
var groups = []kong.Group{
	{Key: "run", Title: "Run an emulator:"},
	{Key: "chat", Title: "Chat:"},
	{Key: "look", Title: "Look at what happens:"},
	{Key: "steer", Title: "Steer a running emulator:"},
	{Key: "setup", Title: "Set up:"},

	{Key: "where", Title: "Where it fires:"},
	{Key: "often", Title: "How often, by default always:"},
	{Key: "what", Title: "What happens:"},
	{Key: "detail", Title: "Details of what happens:"},
}

// A terminal is where commands read and write.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	messages cli.Messages // to err
}

// A checker is a command that checks its settings.
type checker interface{ check() error }

// newProgram returns the program that reads its command line into line.
func newProgram(line *commandLine) cli.Program {
	return cli.Program{
		Name: "ivschat-local",
		Description: "A local emulator of Amazon IVS Chat. " +
			"A flag can also be set as the environment variable after its help text. The flag takes precedence.",
		Version:        build.Text("ivschat-local"),
		Variables:      "IVSCHAT",
		OtherVariables: []string{messagingVariable, renamedVariable, programVariable, imageVariable, "IVSCHAT_LOAD_*"},
		Hints:          hints,
		FormatFlag:     "log-format",
		Reporter:       "doctor",
		Grammar:        line,
		Options: []kong.Option{
			kong.Vars{"data": defaultData(), "listen": defaultListen}, kong.PostBuild(isolateExec),
			kong.ExplicitGroups(groups),
			kong.ConfigureHelp(kong.HelpOptions{FlagsLast: true}), // there are too many to read past
		},
		Check: func(command *kong.Context) error {
			var wrong []error
			for node := command.Selected(); node != nil; node = node.Parent {
				if c, ok := node.Target.Addr().Interface().(checker); ok {
					wrong = append(wrong, c.check())
				}
			}
			return errors.Join(wrong...)
		},
	}
}

// run runs the program with the arguments and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	program := newProgram(new(commandLine))
	program.Do = func(command *kong.Context, messages cli.Messages) error {
		command.BindTo(ctx, (*context.Context)(nil))
		return command.Run(terminal{os.Stdin, stdout, stderr, messages})
	}
	return program.Run(args, stdout, stderr)
}
