package program

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"testing"
)

// A process is a program that runs.
type process struct {
	*exec.Cmd
	url    string
	killed bool
	ended  chan struct{} // closed when it has ended
	err    error         // of its end; readable once ended is closed
}

// launch starts the program with data in memory and on a free port, and waits until it is ready.
func launch(t testing.TB, stderr io.Writer, flags ...string) (*process, error) {
	t.Helper()
	p := &process{ended: make(chan struct{})}
	p.Cmd = exec.Command(Path(t), append([]string{
		"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--stop-with-stdin",
	}, flags...)...)
	p.Stderr = stderr
	if _, err := p.StdinPipe(); err != nil { // its end is that of this process, also if it is killed
		return nil, err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	go func() { // ends with the program
		_, _ = io.Copy(io.Discard, lines)
		p.err = p.Wait()
		close(p.ended)
	}()
	var ready struct{ Endpoint string }
	if err == nil {
		err = json.Unmarshal(first, &ready)
	}
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("the program's first line is %q: %w", first, err)
	}
	p.url = ready.Endpoint
	return p, nil
}

// kill kills the program with a signal that it cannot handle, and waits for its end.
func (p *process) kill() {
	p.killed = true
	_ = p.Process.Kill()
	<-p.ended
}

// stop asks the program to end, unless it was killed, and waits for it. The error says that it ended with one, or
// before.
func (p *process) stop() error {
	if p.killed {
		return nil
	}
	err := p.Process.Signal(syscall.SIGTERM)
	<-p.ended
	if err := errors.Join(err, p.err); err != nil {
		return fmt.Errorf("the program ended: %w", err)
	}
	return nil
}
