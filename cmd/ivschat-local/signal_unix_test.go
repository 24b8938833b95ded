//go:build unix

package main

import (
	"bufio"
	"io"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

func TestASignalToExecAloneIsForwarded(t *testing.T) {
	for _, sent := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sent.String(), func(t *testing.T) {
			command := execChild(t, nil, "signals")
			command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
			in, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			child := conversation{t, bufio.NewScanner(out)}
			child.await("ready")
			if err := command.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			child.await("received " + sent.String())
			in.Close()
			_ = command.Wait()
			if code := command.ProcessState.ExitCode(); code != 101 {
				t.Errorf("exit code %d, want 101 for one signal", code)
			}
		})
	}
}

func TestCtrlCReachesTheCommandOnceAndExecWaitsForIt(t *testing.T) {
	command := execChild(t, nil, "signals")
	terminal, err := pty.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	child := conversation{t, bufio.NewScanner(terminal)}
	child.await("ready")
	const ctrlC = "\x03"
	for range 2 {
		if _, err := io.WriteString(terminal, ctrlC); err != nil {
			t.Fatal(err)
		}
		child.await("received interrupt")
	}
	if _, err := io.WriteString(terminal, "end\n"); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != 102 {
		t.Errorf("exit code %d, want 102 for two signals", code)
	}
}
