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

// variables returns the environment variables that point AWS SDKs and chat clients to an emulator.
// The credentials are not real, and replace real ones that may be set.
func variables(endpoint string, settings Settings) [][2]string {
	return [][2]string{
		{"AWS_ENDPOINT_URL_IVSCHAT", endpoint},
		{"IVSCHAT_MESSAGING_URL", strings.Replace(endpoint, "http", "ws", 1)},
		{"AWS_ACCESS_KEY_ID", settings.Account},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		{"AWS_SESSION_TOKEN", ""}, // SDKs treat an empty value as unset
		{"AWS_REGION", settings.Region},
		{"AWS_DEFAULT_REGION", settings.Region},
	}
}

type envCommand struct{}

// Run prints the variables as commands for a shell.
func (envCommand) Run(terminal terminal, settings Settings) error {
	for _, variable := range variables(emulator.EndpointURL(settings.Listen), settings) {
		fmt.Fprintf(terminal.out, "export %s='%s'\n", variable[0], variable[1])
	}
	return nil
}

type execCommand struct {
	Journal string   `help:"File for the emulator's journal. It is written if the command fails." default:"ivschat-journal.json"`
	Command []string `arg:"" passthrough:"" help:"The command with its arguments, after --."`
}

// Run runs a command with an emulator of its own. Its exit code is that of the command.
func (c execCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	args := c.Command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("exec needs a command to run, for example: ivschat-local exec -- npm test")
	}
	e, err := start(ctx, terminal, settings.isolated())
	if err != nil {
		return err
	}
	command := newCommand(ctx, terminal, args, variables(e.URL(), settings))
	if err = command.Run(); command.ProcessState == nil { // the command could not be started
		return errors.Join(err, e.Close())
	}
	code := exitCode(command.ProcessState)
	err = nil
	if code != 0 {
		err = c.writeJournal(terminal, e)
	}
	err = errors.Join(err, e.Close())
	if err != nil && code == 0 {
		return err
	}
	if err != nil {
		fmt.Fprintf(terminal.err, "ivschat-local: %s\n", cli.OneLine(err)) // and keep the command's exit code
	}
	return cli.Exit(code)
}

// stopTimeout is how long the command may run after it was asked to stop.
const stopTimeout = 10 * time.Second

// newCommand returns a command with the variables added to its environment. When the context ends,
// it gets SIGTERM, and is killed after stopTimeout.
func newCommand(ctx context.Context, terminal terminal, args []string, variables [][2]string) *exec.Cmd {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, terminal.out, terminal.err
	command.Env = os.Environ()
	for _, variable := range variables {
		command.Env = append(command.Env, variable[0]+"="+variable[1])
	}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTimeout
	return command
}

// isolated returns settings for an emulator that cannot conflict with another one: on a free port, in
// memory, and without log lines below a warning. Settings that differ from their defaults stay.
func (s Settings) isolated() Settings {
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

// exitCode returns the exit code of a process as shells do: 128 and the signal's number if a signal
// ended it.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// writeJournal writes what happened in the emulator to a file, and prints where it is.
func (c execCommand) writeJournal(terminal terminal, e *emulator.Emulator) error {
	latest := e.Journal().Latest(journal.Capacity, journal.Filter{})
	text, err := json.MarshalIndent(map[string]any{
		"version":    emulator.Version,
		"randomSeed": e.RandomSeed(),
		"items":      append([]journal.Entry{}, latest...), // [] and not null if there are none
	}, "", "  ")
	if err == nil {
		err = os.WriteFile(c.Journal, append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	fmt.Fprintf(terminal.err,
		"ivschat-local: the command failed; %s has the journal, and --random-seed %d repeats the IDs and random faults\n",
		c.Journal, e.RandomSeed())
	return nil
}
