package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An outcome is the result of a program that has ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// self returns a command that runs this test binary as the program. Its environment has the given
// variables and little else, and its home directory is empty.
func self(t *testing.T, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	// The timeout ends a program that serves where it should have failed.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0], args...)
	command.Dir = home
	command.Env = append([]string{
		asProgram + "=1", endAtOnce, "HOME=" + home, "XDG_STATE_HOME=" + home, "TMPDIR=" + home,
	}, environment...)
	return command
}

// runSelf runs the program until it ends by itself.
func runSelf(t *testing.T, environment []string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := self(t, environment, args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

var endpoint = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// runWhile starts the program, calls use once it is ready, and ends it with SIGTERM. The outcome has
// everything that the program wrote, also after it was ready.
func runWhile(t *testing.T, command *exec.Cmd, use func(url string)) outcome {
	t.Helper()
	var stderr bytes.Buffer
	got := runWhileTo(t, command, &stderr, use)
	got.stderr = stderr.String()
	return got
}

// runWhileTo does what runWhile does, with that as the standard error of the program.
func runWhileTo(t *testing.T, command *exec.Cmd, stderr io.Writer, use func(url string)) outcome {
	t.Helper()
	command.Stderr = stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill() // has an effect only if the test failed before the program ended
		_ = command.Wait()
	}()
	var stdout strings.Builder
	lines := bufio.NewReader(out)
	for !strings.Contains(stdout.String(), "Ready.") {
		line, err := lines.ReadString('\n')
		stdout.WriteString(line)
		if err != nil {
			_ = command.Wait()
			t.Fatalf("it ended before it was ready: %s%s", &stdout, stderr)
		}
	}
	use(endpoint.FindString(stdout.String()))
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(&stdout, lines); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	return outcome{code: command.ProcessState.ExitCode(), stdout: stdout.String()}
}
