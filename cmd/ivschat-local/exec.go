package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// variables are what programs need to find an emulator and be let in. The
// credentials are made up, so that real ones are not used by mistake.
func variables(endpoint string, settings Settings) [][2]string {
	return [][2]string{
		{"AWS_ENDPOINT_URL_IVSCHAT", endpoint},
		{"IVSCHAT_MESSAGING_URL", strings.Replace(endpoint, "http", "ws", 1)},
		{"AWS_ACCESS_KEY_ID", settings.Account},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		{"AWS_SESSION_TOKEN", ""}, // empty is none
		{"AWS_REGION", settings.Region},
		{"AWS_DEFAULT_REGION", settings.Region},
	}
}

type envCommand struct{}

// Run prints the variables for a shell to evaluate.
func (envCommand) Run(terminal terminal, settings Settings) error {
	for _, variable := range variables(emulator.EndpointURL(settings.Listen), settings) {
		fmt.Fprintf(terminal.out, "export %s='%s'\n", variable[0], variable[1])
	}
	return nil
}

type execCommand struct {
	Journal string   `help:"File for what happened, written when the command fails." default:"ivschat-journal.json"`
	Command []string `arg:"" passthrough:"" help:"The command with its arguments, after --."`
}

// graceful is how long the command may take to end when it is asked to.
const graceful = 10 * time.Second

// Run runs a command beside an emulator of its own. The exit code is the
// command's.
func (c execCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	args := c.Command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("there is no command to run: ivschat-local exec -- npm test")
	}
	e, err := start(ctx, terminal, settings.alone())
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, terminal.out, terminal.err
	command.Env = os.Environ()
	for _, variable := range variables(e.URL(), settings) {
		command.Env = append(command.Env, variable[0]+"="+variable[1])
	}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = graceful
	if err = command.Run(); command.ProcessState == nil { // it did not even begin
		return errors.Join(err, e.Close())
	}
	code := exitCode(command.ProcessState)
	err = nil
	if code != 0 {
		err = c.writeJournal(terminal, e)
	}
	if err := errors.Join(err, e.Close()); err != nil && code != 0 {
		fmt.Fprintf(terminal.err, "ivschat-local: %s\n", cli.OneLine(err)) // the command's exit code matters more
	} else if err != nil {
		return err
	}
	return cli.Exit(code)
}

// alone gives settings for an emulator that gets in nobody's way: on a free
// port and in memory, unless it was told otherwise, and without a word.
func (s Settings) alone() Settings {
	if s.Listen == defaultListen {
		s.Listen = "127.0.0.1:0"
	}
	if s.Data == defaultData() {
		s.Data = inMemory
	}
	if s.LogLevel == "info" {
		s.LogLevel = "warn"
	}
	return s
}

// exitCode gives the code with which a command ended, as shells do.
func exitCode(ended *os.ProcessState) int {
	if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return ended.ExitCode()
}

func (c execCommand) writeJournal(terminal terminal, e *emulator.Emulator) error {
	entries := append([]journal.Entry{}, e.Journal().Latest(journal.Capacity, journal.Filter{})...) // an array even without any
	text, err := json.MarshalIndent(map[string]any{"version": emulator.Version, "randomSeed": e.RandomSeed(), "entries": entries}, "", "  ")
	if err == nil {
		err = os.WriteFile(c.Journal, append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	fmt.Fprintf(terminal.err, "ivschat-local: what happened is in %s; --random-seed %d repeats its chance\n", c.Journal, e.RandomSeed())
	return nil
}
