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

// asProgram is an environment variable that makes the test binary run as the program, so that tests
// can start it in a process of its own.
const asProgram = "RUN_AS_IVSCHAT_LOCAL"

// endAtOnce is a variable for programs with the race detector, which otherwise sleep for a second when
// they end.
const endAtOnce = "GORACE=atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv(asChild)]; ok {
		os.Exit(child())
	}
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"ivschat-local": main})
}

// A process is a running program.
type process struct {
	command  *exec.Cmd
	stdin    io.WriteCloser // open until the program has ended, unless a test closes it
	endpoint string
	stdout   string // the banner; static once started

	mu     sync.Mutex // guards what follows
	stderr bytes.Buffer
	more   chan struct{} // closed and replaced when stderr has grown
}

// Write receives the standard error of the program.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.more)
	p.more = make(chan struct{})
	return p.stderr.Write(text)
}

// prints waits until the program has printed the text, for at most ten seconds, and reports whether it
// has.
func (p *process) prints(text string) bool {
	timeout := time.After(10 * time.Second)
	for {
		p.mu.Lock()
		found, more := strings.Contains(p.stdout+p.stderr.String(), text), p.more
		p.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-timeout:
			return false
		}
	}
}

// log returns what the program has written to standard error so far.
func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// launch starts a program and waits until it is ready.
func launch(dir string, environment []string, name string, args ...string) (*process, error) {
	p := &process{command: exec.Command(name, args...), more: make(chan struct{})}
	p.command.Dir, p.command.Env, p.command.Stderr = dir, environment, p
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = in
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

type notReadyError struct{ log string }

func (e *notReadyError) Error() string { return "the program ended before it was ready: " + e.log }

// launchSelf starts this test binary as the program, on a free port, and kills it at the end of the
// test if it still runs.
func launchSelf(t testing.TB, args ...string) *process {
	t.Helper()
	p, err := launch(t.TempDir(), append(os.Environ(), asProgram+"=1", endAtOnce), os.Args[0],
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

// stop sends the program a signal and waits for its end. It returns its exit code and how long that
// took.
func (p *process) stop(signal os.Signal) (code int, took time.Duration) {
	start := time.Now()
	_ = p.command.Process.Signal(signal)
	_ = p.command.Wait()
	return p.command.ProcessState.ExitCode(), time.Since(start)
}

var signals = map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}
