// Package program runs ivschat-local as its users do: as a program in its own process. The program
// is built once per test binary.
package program

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

const mainPackage = "github.com/ivschat-local/ivschat-local/cmd/ivschat-local"

var dir string // the directory of the program; "" before it is built

// build builds the program and returns its path.
var build = sync.OnceValues(func() (path string, err error) {
	if dir, err = os.MkdirTemp("", "ivschat-local"); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "ivschat-local")
	command := exec.Command("go", "build", "-o", path, mainPackage)
	command.Stderr = os.Stderr
	return path, command.Run()
})

// Main runs the tests of a package and removes the program that they built. Call it in TestMain.
func Main(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// Path returns the path of the program, for tests that start it themselves.
func Path(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Start starts the program with the flags, with data in memory and a free port, and stops it at
// the end of the test. It returns the program's URL as soon as the program is ready.
func Start(t testing.TB, flags ...string) (url string) {
	t.Helper()
	command := exec.Command(Path(t), append([]string{
		"--listen", "127.0.0.1:0", "--data", ":memory:",
		"--log-format", "json", "--log-level", "error",
	}, flags...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the program exited with an error: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the program exited before it was ready: %v", err)
	}
	var ready struct{ Endpoint string }
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatalf("the program's first line is %s: %v", line, err)
	}
	return ready.Endpoint
}
