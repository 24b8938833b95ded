// Package program runs ivschat-local as its users do: the program, built once,
// in a process of its own.
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

var dir string // where the program is, "" before it is built

var build = sync.OnceValues(func() (path string, err error) {
	if dir, err = os.MkdirTemp("", "ivschat-local"); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "ivschat-local")
	command := exec.Command("go", "build", "-o", path, "github.com/ivschat-local/ivschat-local/cmd/ivschat-local")
	command.Stderr = os.Stderr
	return path, command.Run()
})

// Main runs a package's tests and removes the program that they built. Call it
// in TestMain.
func Main(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// Start starts the program with the flags, in memory and on a free port, for as
// long as the test, and gives its URL once it is ready.
func Start(t testing.TB, flags ...string) (url string) {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, append([]string{"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "error"}, flags...)...)
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
			t.Errorf("the program ended with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the program ended before it was ready: %v", err)
	}
	var ready struct{ Endpoint string }
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return ready.Endpoint
}
