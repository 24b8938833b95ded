package invoke

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-shellwords"
)

// How long a program that has ended is not started again. The pause begins with shortestPause, doubles each
// time, and begins again once the program has answered.
const (
	shortestPause = 100 * time.Millisecond
	longestPause  = 10 * time.Second
)

// A command is the Invoker of the target command:PROGRAM ARGUMENTS. The program is started once and kept: it
// reads one event per line from standard input, and writes one answer per line to standard output, in the
// order of the events. Its standard error goes to the log. Starting it for each event would take longer than
// a review may.
type command struct {
	name        string // of the program, without its directory
	start       func() (*process, error)
	answerLimit time.Duration // how long an event may be without an answer, before the program is killed
	logger      *slog.Logger
	close       sync.Once
	stop        chan struct{} // closed by Close
	ended       chan struct{} // closed when supervise ends

	mu      sync.Mutex // guards what follows
	current *exchange  // nil while the program does not run
	why     error      // why it does not run
	again   time.Time  // when it is started again
}

// newCommand starts the program of a command line, and keeps it running. The line is split into words as a
// shell does, but nothing else of a shell happens: no variables, no patterns, no redirection. timeout is how long
// callers wait for an answer.
func newCommand(line string, timeout time.Duration, logger *slog.Logger) (Invoker, error) {
	words, err := splitLine(line, runtime.GOOS)
	if err != nil {
		return nil, err
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, fmt.Errorf("the program %q cannot be started: %w; write the path of a program, or the name of a "+
			"program in PATH (~ and variables are not expanded), as in command:node handler.js", words[0], err)
	}
	start := func() (*process, error) { return startProcess(path, words) }
	return keepRunning(filepath.Base(words[0]), start, timeout, logger)
}

// splitLine splits a command line into words. On Windows, a backslash separates the names in a path, so it
// does not change the meaning of the next character there.
func splitLine(line, system string) ([]string, error) {
	const backslash = "\x00" // no word has this character
	if strings.Contains(line, backslash) || !utf8.ValidString(line) {
		return nil, fmt.Errorf("the command %q is not a text: write it in UTF-8, without NUL", line)
	}
	if system == "windows" {
		line = strings.ReplaceAll(line, `\`, backslash)
	}
	parser := shellwords.NewParser()
	words, err := parser.Parse(line)
	for i, word := range words {
		words[i] = strings.ReplaceAll(word, backslash, `\`)
	}
	switch {
	case err != nil || parser.Position >= 0: // the position of an operator of a shell
		return nil, fmt.Errorf("the command %q cannot be split into words: close each quote, and put arguments "+
			"with ( ) ; & | < > ` into quotes; for what only a shell can do, write sh -c '…'",
			strings.ReplaceAll(line, backslash, `\`))
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("the command has no program: write command:PROGRAM ARGUMENTS, " +
			"as in command:node handler.js")
	}
	return words, nil
}

// keepRunning starts a program, and starts it again when it has ended, until Close. A program that a debugger has
// stopped must not be killed as long as someone waits for its answer, so the timeout can be the longer limit.
func keepRunning(
	name string, start func() (*process, error), timeout time.Duration, logger *slog.Logger,
) (*command, error) {
	c := &command{
		name: name, start: start, answerLimit: max(timeout, minimumAnswerLimit), logger: logger.With("program", name),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	first, err := c.begin()
	if err != nil {
		return nil, fmt.Errorf("the program %q does not run: %w", name, err)
	}
	go c.supervise(first)
	return c, nil
}

// Invoke sends the event to the program, and waits for its answer.
func (c *command) Invoke(ctx context.Context, call Call) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	current, why, again := c.current, c.why, c.again
	c.mu.Unlock()
	if current != nil {
		return current.ask(ctx, call.Event)
	}
	when := "it is being started again"
	if pause := time.Until(again); pause > 0 {
		when = "it is started again in " + pause.Round(time.Millisecond).String()
	}
	return nil, fmt.Errorf("the program %s does not run: %w; %s", c.name, why, when)
}

// Close closes the program's standard input, which asks it to end, and kills it with all that it has started
// if it does not.
func (c *command) Close() {
	c.close.Do(func() { close(c.stop) })
	<-c.ended
}

// supervise serves the exchange with the program, and starts the program again when it has ended.
func (c *command) supervise(current *exchange) {
	defer close(c.ended)
	pause := shortestPause
	for {
		why := current.serve(c.stop)
		if current.hasAnswered() {
			pause = shortestPause
		}
		logger := current.logger
		for current = nil; current == nil; pause = min(2*pause, longestPause) {
			c.mu.Lock()
			c.current, c.why, c.again = nil, why, time.Now().Add(pause)
			c.mu.Unlock()
			select {
			case <-c.stop:
				logger.Info("a program that reviews messages was stopped", "reason", why)
				return
			default:
				warn(logger, why, pause)
			}
			select {
			case <-c.stop:
				return
			case <-time.After(pause):
			}
			current, why = c.begin()
		}
	}
}

// warn logs that the program does not run. Why it has ended is often in what it wrote to standard error, which
// a log without the level info does not have.
func warn(logger *slog.Logger, why error, pause time.Duration) {
	if !logger.Enabled(context.Background(), slog.LevelInfo) {
		logger = logger.With("hint", "--log-level info shows what it wrote to standard error")
	}
	logger.Warn("a program that reviews messages does not run", "reason", why, "started_again_in", pause)
}

// begin starts the program.
func (c *command) begin() (*exchange, error) {
	p, err := c.start()
	if err != nil {
		return nil, fmt.Errorf("it cannot be started: %w; check that it may be executed and, if it is a script, "+
			"that its first line names an interpreter that exists, such as #!/usr/bin/env node", err)
	}
	logger := c.logger.With("process", p.id)
	logger.Info("a program that reviews messages was started")
	x := newExchange(p, c.name, c.answerLimit, logger)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = x
	return x, nil
}
