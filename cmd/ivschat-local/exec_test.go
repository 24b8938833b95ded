package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// asChild is an environment variable that makes the test binary run as the command of exec with that name.
const asChild = "RUN_AS_CHILD"

// children are commands for exec. They return their exit code.
var children = map[string]func() int{
	// signals prints each signal that it receives. When its input ends or has a line, it ends with 100
	// and the number of the signals.
	"signals": func() int {
		received := make(chan os.Signal, 100)
		signal.Notify(received, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
		end := make(chan struct{})
		go func() {
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
			close(end)
		}()
		fmt.Println("ready")
		for count := 0; ; count++ {
			select {
			case sent := <-received:
				fmt.Println("received", sent)
			case <-end:
				return 100 + count
			}
		}
	},
	// reset creates a room, and resets the emulator before and after that. Then it fails.
	"reset": func() int {
		for _, path := range []string{"/_ivschat/v1/reset", "/CreateRoom", "/_ivschat/v1/reset"} {
			response, err := http.Post(os.Getenv("AWS_ENDPOINT_URL_IVSCHAT")+path, "application/json", nil)
			if err != nil || response.StatusCode >= 300 {
				fmt.Fprintln(os.Stderr, path, response, err)
				return 99
			}
		}
		return 1
	},
}

// A journalFile is what exec writes if its command fails.
type journalFile struct {
	Document   string          `json:"document"`
	Version    string          `json:"version"`
	RandomSeed uint64          `json:"randomSeed"`
	Items      []journal.Entry `json:"items"`
}

// execChild returns a command that runs the child with exec.
func execChild(t *testing.T, environment []string, child string, flags ...string) *exec.Cmd {
	t.Helper()
	args := append(append([]string{"exec"}, flags...), "--", "env", asChild+"="+child, os.Args[0])
	return self(t, append(environment, "PATH="+os.Getenv("PATH")), args...)
}

func TestTheJournalOfAFailedRunSurvivesItsResets(t *testing.T) {
	command := execChild(t, nil, "reset")
	if err := command.Run(); command.ProcessState.ExitCode() != 1 {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(command.Dir, "ivschat-journal.json"))
	if err != nil {
		t.Fatal(err)
	}
	var journal journalFile
	if err := json.Unmarshal(text, &journal); err != nil {
		t.Fatal(err)
	}
	if len(journal.Items) != 1 || journal.Items[0].Operation != "CreateRoom" {
		t.Errorf("the journal has %s", text)
	}
}

func TestTheLogLevelOfExecCanBeInfo(t *testing.T) {
	for _, c := range []struct {
		variable string
		flags    []string
		want     bool
	}{
		{"X=", nil, false},
		{"X=", []string{"--log-level", "info"}, true},
		{"IVSCHAT_LOG_LEVEL=info", nil, true},
		{"IVSCHAT_LOG_LEVEL=info", []string{"--log-level", "warn"}, false},
	} {
		var stderr strings.Builder
		command := execChild(t, []string{c.variable}, "reset", c.flags...)
		command.Stderr = &stderr
		_ = command.Run()
		if strings.Contains(stderr.String(), "operation=CreateRoom") != c.want {
			t.Errorf("%s %v: it logged %s", c.variable, c.flags, &stderr)
		}
	}
}

// A conversation is with a command that prints lines and waits for one.
type conversation struct {
	t     *testing.T
	lines *bufio.Scanner
}

// await reads lines until one ends with the text. It fails the test if there is none. A terminal may
// show a key, such as ^C, before the text.
func (c conversation) await(text string) {
	c.t.Helper()
	for c.lines.Scan() {
		if strings.HasSuffix(strings.TrimSpace(c.lines.Text()), text) {
			return
		}
	}
	c.t.Fatalf("it did not print %q", text)
}

func TestASignalBeforeTheCommandIsStartedEndsExec(t *testing.T) {
	signals := make(chan os.Signal, 1)
	if err := stopped(signals); err != nil {
		t.Errorf("without a signal: %v", err)
	}
	signals <- syscall.SIGHUP
	if err := stopped(signals); err != cli.Exit(129) {
		t.Errorf("after SIGHUP: %v", err)
	}
}

// childAlone returns a command that runs the child without exec.
func childAlone(child string) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), asChild+"="+child)
	return command
}

// startChild starts a command with a child that says when it is ready, and waits for that. The child's
// input ends when in is closed.
func startChild(t *testing.T, command *exec.Cmd) (in io.Closer, child conversation) {
	t.Helper()
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
	child = conversation{t, bufio.NewScanner(out)}
	child.await("ready")
	return in, child
}

func TestACommandThatDoesNotEndAfterSIGTERMIsKilled(t *testing.T) {
	command := childAlone("signals")
	in, _ := startChild(t, command)
	defer in.Close()
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	supervise(command, signals, time.Millisecond)
	if code := exitCode(command.ProcessState); code != 128+int(syscall.SIGKILL) {
		t.Errorf("exit code %d", code)
	}
}

// Some programs read their configuration again at SIGHUP.
func TestACommandThatDoesNotEndAfterSIGHUPIsNotKilled(t *testing.T) {
	command := childAlone("signals")
	in, child := startChild(t, command)
	signals, ended := make(chan os.Signal), make(chan struct{})
	go func() {
		supervise(command, signals, 0)
		close(ended)
	}()
	const count = 20
	for range count {
		signals <- syscall.SIGHUP
		child.await("received hangup")
	}
	in.Close()
	<-ended
	if code := exitCode(command.ProcessState); code != 100+count {
		t.Errorf("exit code %d", code)
	}
}

func TestAStaleJournalThatCannotBeRemovedDoesNotChangeTheExitCode(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("skipped: root and Windows ignore the mode of the directory")
	}
	dir, path := t.TempDir(), []string{"PATH=" + os.Getenv("PATH")}
	file := filepath.Join(dir, "journal.json")
	if got := runSelf(t, path, "exec", "--journal", file, "--", "false"); got.code != 1 {
		t.Fatalf("got %+v", got)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // for the removal of the directory
	got := runSelf(t, path, "exec", "--journal", file, "--", "true")
	if got.code != 0 || !strings.Contains(got.stderr, "remove the journal of an earlier run: ") {
		t.Errorf("got %+v", got)
	}
}
