package invoke

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// programs are the programs that the test binary can run as. They return their exit codes.
var programs = map[string]func(args []string) int{
	"echo": func(args []string) int {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			answer, _ := json.Marshal(fmt.Sprintf("%s %q", lines.Text(), args))
			fmt.Println(string(answer))
		}
		return 0
	},
	"exit": func([]string) int {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		return 3
	},
	// stubborn does not end by itself, and holds a connection to the address as long as it lives. It ends with the
	// other side of the connection, so that nothing is left if the test does not kill it.
	"stubborn": func(args []string) int {
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		connection, err := net.Dial("tcp", args[0])
		if err != nil {
			return 1
		}
		defer connection.Close()
		_, _ = io.WriteString(connection, "here\n")
		_, _ = io.Copy(io.Discard, connection)
		return 1
	},
	// parent starts stubborn with its own pipes, and ends after an event.
	"parent": func(args []string) int {
		child := exec.Command(os.Args[0], asProgram, "stubborn", args[0])
		child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 1
		}
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		return 4
	},
	// loud writes 10 MiB to standard error before each answer.
	"loud": func([]string) int {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			for range 10 << 10 {
				_, _ = os.Stderr.WriteString(strings.Repeat("x", 1023) + "\n")
			}
			fmt.Println(lines.Text())
		}
		return 0
	},
	"environment": func([]string) int {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			fmt.Printf("%q\n", os.Getenv("PYTHONUNBUFFERED"))
		}
		return 0
	},
}

// lineOf returns the command line that runs the test binary as a program.
func lineOf(name string, args ...string) string {
	return fmt.Sprintf("'%s' %s %s %s", os.Args[0], asProgram, name, strings.Join(args, " "))
}

// runProgram starts the test binary as a program, and returns its log, too.
func runProgram(t *testing.T, name string, args ...string) (Invoker, *lockedBuffer) {
	t.Helper()
	log := &lockedBuffer{}
	program, err := newCommand(lineOf(name, args...), 0, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.Close)
	return program, log
}

func invokeProgram(t *testing.T, program Invoker, event string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := program.Invoke(ctx, Call{Event: []byte(event)})
	if err != nil {
		return "error: " + err.Error()
	}
	return textOfAnswer(answer)
}

func TestAProgramAnswersEvents(t *testing.T) {
	program, log := runProgram(t, "echo", `"two words"`, `''`, `'$HOME'`, `a\ b`)
	for _, event := range []string{`{"Content":"a"}`, `{}`, strings.Repeat("x", 60_000)} {
		want := event + ` ["two words" "" "$HOME" "a b"]`
		if runtime.GOOS == "windows" {
			want = event + ` ["two words" "" "$HOME" "a\\" "b"]`
		}
		if got := invokeProgram(t, program, event); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	program.Close()
	if text := log.String(); strings.Contains(text, "WARN") || !strings.Contains(text, `reason="it was stopped"`) {
		t.Error(text)
	}
}

func TestTheStatusOfAProgramIsTold(t *testing.T) {
	program, _ := runProgram(t, "exit")
	if got := invokeProgram(t, program, "{}"); !strings.Contains(got, "it ended (exit status 3)") {
		t.Error(got)
	}
}

// connections accepts connections until the end of the test.
func connections(t *testing.T) (address string, accept func() *bufio.Reader) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String(), func() *bufio.Reader {
		connection, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { connection.Close() })
		_ = connection.SetDeadline(time.Now().Add(time.Minute))
		reader := bufio.NewReader(connection)
		if _, err := reader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return reader
	}
}

// expectEnd waits until the process with the connection has ended.
func expectEnd(t *testing.T, connection *bufio.Reader) {
	t.Helper()
	if _, err := connection.ReadByte(); err == nil || os.IsTimeout(err) {
		t.Errorf("the process still runs: %v", err)
	}
}

func TestCloseKillsAProgramThatIgnoresSignalsAndTheEndOfItsInput(t *testing.T) {
	address, accept := connections(t)
	program, log := runProgram(t, "stubborn", address)
	connection := accept()
	program.Close()
	expectEnd(t, connection)
	if !strings.Contains(log.String(), "it was killed, because it did not end within 1s") {
		t.Error(log.String())
	}
}

func TestWhatAProgramHasStartedEndsWithIt(t *testing.T) {
	address, accept := connections(t)
	program, _ := runProgram(t, "parent", address)
	connection := accept()
	if got := invokeProgram(t, program, "{}"); !strings.Contains(got, "it ended (exit status 4)") {
		t.Error(got)
	}
	expectEnd(t, connection)
}

// An event of 10 MiB does not fit into a pipe.
func TestAProgramThatDoesNotReadBlocksNeitherInvokeNorClose(t *testing.T) {
	address, accept := connections(t)
	program, _ := runProgram(t, "stubborn", address)
	accept()
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := program.Invoke(ctx, Call{Event: make([]byte, 10<<20)}); err == nil {
			t.Error("no error")
		}
		cancel()
	}
	program.Close()
}

func TestAProgramThatFloodsItsStandardErrorStillAnswers(t *testing.T) {
	program, log := runProgram(t, "loud")
	if got := invokeProgram(t, program, "{}"); got != "{}" {
		t.Error(got)
	}
	program.Close()
	text := log.String()
	if len(text) > 5<<20 || !strings.Contains(text, "lines_left_out") {
		t.Errorf("the log has %d bytes: %.2000s", len(text), text)
	}
}

func TestPythonDoesNotBufferAnswersUnlessTheUserSaysSo(t *testing.T) {
	t.Setenv("PYTHONUNBUFFERED", "")
	own, _ := runProgram(t, "environment")
	if got := invokeProgram(t, own, "{}"); got != "" {
		t.Errorf("got %s for the user's own value", got)
	}
	_ = os.Unsetenv("PYTHONUNBUFFERED") // until the end of the test
	program, _ := runProgram(t, "environment")
	if got := invokeProgram(t, program, "{}"); got != "1" {
		t.Errorf("got %s", got)
	}
}

func TestAProgramThatCannotRunIsAnErrorThatSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return "'" + path + "'"
	}
	cases := map[string]string{
		"":                    "write command:PROGRAM ARGUMENTS, as in command:node handler.js",
		" ''":                 "the command has no program",
		"no-such-program":     `the program "no-such-program" cannot be started: exec: "no-such-program"`,
		"~/handler":           "~ and variables are not expanded",
		dir:                   "cannot be started",
		"node 'handler.js":    "close each quote",
		"node a.js | tee log": "for what only a shell can do, write sh -c '…'",
		"node a.js; true":     "cannot be split into words",
		"node $(which a.js":   "cannot be split into words",
		"node\x00":            "without NUL",
		"node \xFF":           "write it in UTF-8",
	}
	if runtime.GOOS != "windows" {
		cases[write("not-executable", "#!/bin/sh\n", 0o600)] = "permission denied"
		cases[write("no-interpreter", "#!/no/such/interpreter\n", 0o700)] = `the program "no-interpreter" does not run: it cannot be started`
		cases[write("wrong-interpreter", "#!/no/such/interpreter\n", 0o700)] = "its first line names an interpreter"
		cases[write("not-a-program", "text", 0o700)] = "check that it may be executed"
	}
	for line, want := range cases {
		_, err := newCommand(line, 0, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestOnWindowsABackslashIsPartOfAPath(t *testing.T) {
	words, err := splitLine(`"C:\Program Files\nodejs\node.exe" .\new\test.js 'a\b' \\server\x\`, "windows")
	want := []string{`C:\Program Files\nodejs\node.exe`, `.\new\test.js`, `a\b`, `\\server\x\`}
	if err != nil || fmt.Sprintf("%q", words) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q, %v", words, err)
	}
	if _, err := splitLine(`"C:\x`, "windows"); err == nil || !strings.Contains(err.Error(), `\"C:\\x`) {
		t.Errorf("got %v", err)
	}
}
