package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/certificates"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

type execCommand struct {
	Settings
	Journal     string   `default:"ivschat-journal.json" complete:"file" help:"File for the emulator's journal, which is written if the command fails. An empty name writes none."`
	KeepJournal bool     `env:"-" help:"Write the journal also if the command succeeds, for instance for policy suggest."`
	Command     []string `arg:"" optional:"" passthrough:"" help:"The command with its arguments, after --."`
}

// isolateExec makes the emulator of exec independent of others. Where it listens and what it stores is
// only up to the flags, because the variables describe the emulator of another exec, or of the user.
func isolateExec(parser *kong.Kong) error {
	for _, command := range parser.Model.Children {
		if command.Name != "exec" {
			continue
		}
		command.Flags = slices.DeleteFunc(command.Flags, func(flag *kong.Flag) bool {
			return slices.Contains(clusterFlags, flag.Name) // an emulator of its own is not a node of a cluster
		})
		for _, flag := range command.Flags {
			switch flag.Name {
			case "listen":
				flag.Default, flag.Tag.Envs = "localhost:0", nil
				flag.Help = "Address to listen on, as HOST:PORT. By default, a free port, whatever IVSCHAT_LISTEN is."
			case "data":
				flag.Default, flag.Tag.Envs = inMemory, nil
				flag.Help = "Directory for the database, the keys and chat logs. By default, everything is in " +
					"memory, whatever IVSCHAT_DATA is."
			case "admin-listen":
				flag.Tag.Envs = nil
			case "log-level":
				flag.Default = "warn"
			}
		}
	}
	return nil
}

// args returns the command with its arguments, without the first --.
func (c execCommand) args() []string {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		return c.Command[1:]
	}
	return c.Command
}

func (c execCommand) check() error {
	err := c.Settings.check()
	if c.KeepJournal && c.Journal == "" {
		err = errors.Join(err, cli.Wrongf("keep-journal", "needs a file: give its name with --journal"))
	}
	if len(c.args()) == 0 {
		err = errors.Join(err, errors.New("exec needs a command to run, for example: ivschat-local exec -- npm test"))
	}
	return err
}

// Exit codes of shells for a command that was not run.
const (
	notExecutable = 126
	notFound      = 127
)

// Run runs a command with an emulator of its own. Its exit code is that of the command.
func (c execCommand) Run(ctx context.Context, terminal terminal) error {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, stopSignals()...)
	defer signal.Stop(signals)
	prepared := endOnSecondSignal()
	defer prepared()
	settings, began := c.normal(), time.Now()
	e, err := create(ctx, terminal, settings)
	if err != nil {
		return cmp.Or(stopped(signals), err)
	}
	// The command may reset the emulator, which empties its journal.
	evidence := journal.New(settings.JournalBytes)
	e.Journal().Listen(evidence.Add)
	if err := start(ctx, e, settings); err != nil {
		return err
	}
	trusted, forget, err := trustInFiles(terminal, e)
	defer forget()
	if err != nil {
		return errors.Join(err, e.Close())
	}
	command := newCommand(terminal, c.args(), slices.Concat(
		variables(e.URL(), settings.Region, keyFor(e, settings)), trusted, ownVariables(e, settings)))
	prepared()
	if err := stopped(signals); err != nil {
		_ = e.Close() // nothing has used it
		return err
	}
	if err := command.Start(); err != nil {
		return errors.Join(startFailure(c.args()[0], err), e.Close())
	}
	supervise(command, signals, stopTimeout)
	code := exitCode(command.ProcessState)
	switch {
	case code != 0:
		err = c.writeJournal(terminal, e, evidence, began)
	case c.KeepJournal:
		err = c.saveJournal(e, evidence)
	default:
		err = removeStaleJournal(c.Journal, began)
	}
	if err := errors.Join(err, e.Close()); err != nil {
		terminal.messages.Error(err) // and keep the command's exit code
	}
	return cli.Exit(code)
}

// endOnSecondSignal makes a second signal end the program at once, until prepared is called. This may be never: a file
// that a flag or a variable names can be a pipe to which no one writes.
func endOnSecondSignal() (prepared func()) {
	signals, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, stopSignals()...)
	go func() {
		var code cli.Exit
		for range 2 {
			select {
			case sent := <-signals:
				code = codeOf(sent)
			case <-done:
				return
			}
		}
		os.Exit(int(code))
	}()
	return sync.OnceFunc(func() {
		signal.Stop(signals)
		close(done)
	})
}

// stopped returns the exit code for a signal that came before the command was started, nil without one.
func stopped(signals <-chan os.Signal) error {
	select {
	case sent := <-signals:
		return codeOf(sent)
	default:
		return nil
	}
}

// codeOf returns the exit code for a signal, as in shells.
func codeOf(sent os.Signal) cli.Exit {
	if number, ok := sent.(syscall.Signal); ok {
		return cli.Exit(128 + int(number))
	}
	return cli.Exit(cli.Failed)
}

// trustInFiles returns the variables with which the command trusts the certificate authority of an emulator, if it has
// one. The files that they name are in a directory for temporary files, because a bundle depends on the environment,
// and so can be those of several commands. forget removes it.
func trustInFiles(terminal terminal, e *emulator.Emulator) (variables [][2]string, forget func(), err error) {
	certificate := e.CertificateAuthority()
	if certificate == nil {
		return nil, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "ivschat-local-")
	if err != nil {
		return nil, func() {}, fmt.Errorf("write the certificate authority for the command: %w", err)
	}
	forget = func() {
		if err := os.RemoveAll(dir); err != nil {
			terminal.messages.Warn(err.Error())
		}
	}
	path := filepath.Join(dir, certificates.CertificateFile)
	var files trust
	if err = os.WriteFile(path, certificate, 0o644); err == nil {
		files, err = newTrust(path, dir)
	}
	if err != nil {
		return nil, forget, fmt.Errorf("write the certificate authority for the command: %w", err)
	}
	if warning := files.warning(); warning != "" {
		terminal.messages.Warn(warning)
	}
	return files.variables(), forget, nil
}

// ownVariables returns the variables that make commands of this program, such as env and health, use the
// emulator.
func ownVariables(e *emulator.Emulator, settings Settings) [][2]string {
	data := settings.Data
	if data != inMemory {
		data = absolute(data)
	}
	credentials := "" // an emulator that verifies nothing does not use them
	if settings.Credentials != "" && e.Callers() != nil {
		credentials = absolute(settings.Credentials)
	}
	admin := settings.AdminListen
	if admin != "" && admin != emulator.AdminOff {
		_, admin, _ = strings.Cut(e.AdminURL(), "://") // with the port that was picked
	}
	return [][2]string{
		{"IVSCHAT_LISTEN", e.Addr().String()},
		{"IVSCHAT_DATA", data},
		{"IVSCHAT_ACCOUNT", settings.Account},
		{"IVSCHAT_AUTH", settings.Auth},
		{"IVSCHAT_CREDENTIALS", credentials},
		{"IVSCHAT_REGION", settings.Region},
		{"IVSCHAT_ADMIN_LISTEN", admin},
		{"IVSCHAT_TLS", absoluteFiles(settings.TLS)},
	}
}

// absoluteFiles returns the value of --tls with names of files that do not depend on the working directory.
func absoluteFiles(tls string) string {
	certificate, key, areFiles := strings.Cut(tls, ",")
	if !areFiles {
		return tls
	}
	return absolute(certificate) + "," + absolute(key)
}

// newCommand returns a command with the variables added to its environment, and without the AWS profile, which the SDK
// for JavaScript prefers to an access key.
func newCommand(terminal terminal, args []string, variables [][2]string) *exec.Cmd {
	command := exec.Command(args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, terminal.out, terminal.err
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, profileVariable+"=")
	})
	for _, variable := range variables {
		command.Env = append(command.Env, variable[0]+"="+variable[1])
	}
	return command
}

// startFailure returns the error for a command that could not be started.
func startFailure(name string, err error) error {
	code, reason := notExecutable, err
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code = notFound
	}
	if named, ok := errors.AsType[*exec.Error](err); ok {
		reason = named.Err
	}
	if named, ok := errors.AsType[*fs.PathError](err); ok {
		reason = named.Err
	}
	if code == notFound && strings.Contains(name, " ") {
		reason = fmt.Errorf("%w: the quotes make one word of the program and its arguments; leave them out, "+
			"or run sh -c %q", reason, name)
	}
	return &cli.Failure{Code: code, Err: fmt.Errorf("cannot run %q: %w", name, reason)}
}

// stopTimeout is how long the command may run after it was asked to stop.
const stopTimeout = 10 * time.Second

// supervise waits for the end of a command that was started. It forwards signals to the command, and
// kills it if it runs for longer than the timeout after it was asked to stop.
func supervise(command *exec.Cmd, signals <-chan os.Signal, timeout time.Duration) {
	ended := make(chan struct{}) // closed by the goroutine when the command has ended
	go func() {
		defer close(ended)
		_ = command.Wait() // the process state has the result
	}()
	var expired <-chan time.Time
	for {
		select {
		case <-ended:
			return
		case sent := <-signals:
			if !reachesGroup(sent) && command.Process.Signal(sent) != nil {
				_ = command.Process.Kill() // a system without this signal
			}
			if expired == nil && sent != syscall.SIGHUP { // which asks some programs to reload
				expired = time.After(timeout)
			}
		case <-expired:
			_ = command.Process.Kill()
		}
	}
}

// exitCode returns the exit code of a process as shells do: 128 and the signal's number if a signal
// ended it.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
