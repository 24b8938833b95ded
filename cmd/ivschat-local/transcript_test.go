package main

import (
	"bytes"
	"flag"
	"io"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

var transcriptWait = flag.Duration("transcript-wait", time.Minute, "how long a test waits for what a program writes")

// A transcript is what a program has written so far.
type transcript struct {
	mu   sync.Mutex // guards what follows
	text bytes.Buffer
	more chan struct{} // closed and replaced when there is more
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

// Write adds text.
func (s *transcript) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	return s.text.Write(text)
}

// String returns everything so far.
func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// wait waits until the pattern matches what was written, and returns the match with its groups. It fails the test
// after a minute.
func (s *transcript) wait(t *testing.T, pattern string) []string {
	t.Helper()
	expression, timeout := regexp.MustCompile(pattern), time.After(*transcriptWait)
	for {
		s.mu.Lock()
		match, more := expression.FindStringSubmatch(s.text.String()), s.more
		s.mu.Unlock()
		if match != nil {
			return match
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("it has not written %s, but:\n%s", pattern, s)
		}
	}
}

// A runningVerb is a verb that runs until it is ended.
type runningVerb struct {
	command        *exec.Cmd
	stdin          io.WriteCloser
	stdout, stderr *transcript
}

// runVerb starts a verb for an emulator. It is killed at the end of the test.
func runVerb(t *testing.T, endpoint string, args ...string) *runningVerb {
	t.Helper()
	v := &runningVerb{
		command: self(t, []string{"AWS_ENDPOINT_URL_IVSCHAT=" + endpoint}, args...),
		stdout:  newTranscript(), stderr: newTranscript(),
	}
	v.command.Stdout, v.command.Stderr = v.stdout, v.stderr
	var err error
	if v.stdin, err = v.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := v.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.command.Process.Kill() })
	return v
}

// end ends the verb as Ctrl-C does, and returns its exit code.
func (v *runningVerb) end() (code int) {
	_ = v.command.Process.Signal(syscall.SIGINT)
	return v.exit()
}

// exit waits for the end of the verb, and returns its exit code.
func (v *runningVerb) exit() (code int) {
	_ = v.command.Wait()
	return v.command.ProcessState.ExitCode()
}
