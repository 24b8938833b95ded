package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary be the program, so that tests can run it in
// a process of its own.
const asProgram = "BE_IVSCHAT_LOCAL"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"ivschat-local": main})
}

// A process is a running program.
type process struct {
	command  *exec.Cmd
	endpoint string
	stdout   string // up to the last line of the announcement

	mu     sync.Mutex
	stderr bytes.Buffer
	more   chan struct{} // closed and replaced when stderr has grown
}

// Write takes what the program says on standard error.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.more)
	p.more = make(chan struct{})
	return p.stderr.Write(text)
}

// says waits until the program has said the text, for at most ten seconds.
func (p *process) says(text string) bool {
	patience := time.After(10 * time.Second)
	for {
		p.mu.Lock()
		found, more := strings.Contains(p.stdout+p.stderr.String(), text), p.more
		p.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-patience:
			return false
		}
	}
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// launch starts a program and waits until it is ready.
func launch(dir string, environment []string, name string, args ...string) (*process, error) {
	p := &process{command: exec.Command(name, args...), more: make(chan struct{})}
	p.command.Dir, p.command.Env, p.command.Stderr = dir, environment, p
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.stdout += lines.Text() + "\n"
		if _, rest, found := strings.Cut(lines.Text(), "Endpoint: "); found {
			p.endpoint = rest
		}
		if _, rest, found := strings.Cut(lines.Text(), `"endpoint":"`); found {
			p.endpoint, _, _ = strings.Cut(rest, `"`)
		}
		if strings.Contains(lines.Text(), "Ready.") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p, nil
		}
	}
	_ = p.command.Wait()
	return nil, &notReadyError{p.log()}
}

type notReadyError struct{ said string }

func (e *notReadyError) Error() string { return "the program ended before it was ready: " + e.said }

// launchSelf starts this test binary as the program, in memory unless the arguments
// say otherwise, and kills it at the end of the test if it is still there.
func launchSelf(t testing.TB, args ...string) *process {
	t.Helper()
	p, err := launch(t.TempDir(), append(os.Environ(), asProgram+"=1"), os.Args[0],
		append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	})
	return p
}

// stop signals the program and gives its exit code and how long it took.
func (p *process) stop(signal os.Signal) (code int, took time.Duration) {
	start := time.Now()
	_ = p.command.Process.Signal(signal)
	_ = p.command.Wait()
	return p.command.ProcessState.ExitCode(), time.Since(start)
}

var signals = map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}
