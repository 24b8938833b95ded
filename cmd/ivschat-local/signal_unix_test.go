//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestASignalToExecAloneIsForwarded(t *testing.T) {
	handleHangup(t)
	for _, sent := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sent.String(), func(t *testing.T) {
			command := execChild(t, nil, "signals")
			command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal
			in, child := startChild(t, command)
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

// handleHangup handles SIGHUP during a test. Otherwise child processes would ignore it if this process does,
// as under nohup.
func handleHangup(t *testing.T) {
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(received) })
}

// The program is stopped while the command receives the signal, so that a second one would not be merged
// with it. When the command has received SIGHUP, it has received everything that the program sent before.
func TestCtrlCReachesTheCommandOnceAndExecWaitsForIt(t *testing.T) {
	handleHangup(t)
	command := execChild(t, nil, "signals")
	terminal, err := pty.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	child := conversation{t, bufio.NewScanner(terminal)}
	child.await("ready")
	send := func(sent syscall.Signal) {
		if err := command.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
	}
	write := func(text string) {
		if _, err := io.WriteString(terminal, text); err != nil {
			t.Fatal(err)
		}
	}
	const ctrlC = "\x03"
	for range 2 {
		send(syscall.SIGSTOP)
		write(ctrlC)
		child.await("received interrupt")
		send(syscall.SIGCONT)
		send(syscall.SIGHUP)
		child.await("received hangup")
	}
	write("end\n")
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != 104 {
		t.Errorf("exit code %d, want 104 for two interrupts and two hangups", code)
	}
}

// The pipe is open for writing, but nothing is written, so that the program waits for its content.
func TestASecondSignalEndsExecWhileItWaitsForAFile(t *testing.T) {
	for _, flags := range [][]string{{"--auth", "iam", "--credentials"}, {"--seed"}, {"--tls"}} {
		path := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		value := path
		if flags[0] == "--tls" {
			value += "," + path
		}
		command := self(t, nil, append(append([]string{"exec"}, flags...), value, "--", "true")...)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		pipe, err := os.OpenFile(path, os.O_WRONLY, 0) // waits until the program reads it
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- command.Wait() }()
		for running := true; running; {
			_ = command.Process.Signal(syscall.SIGTERM) // fails after its end; two that are sent at once can become one
			select {
			case <-ended:
				running = false
			case <-time.After(10 * time.Millisecond):
			}
		}
		pipe.Close()
		if code := command.ProcessState.ExitCode(); code != 128+int(syscall.SIGTERM) {
			t.Errorf("%v: exit code %d", flags, code)
		}
	}
}
