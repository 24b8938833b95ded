// Package program runs ivschat-local as its users do: as a program in its own process. The program
// is built once per test binary.
package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/testcache"
)

const mainPackage = "github.com/ivschat-local/ivschat-local/cmd/ivschat-local"

var dir string // the directory of the program; "" before it is built

// build builds the program and returns its path.
var build = sync.OnceValues(func() (path string, err error) {
	if dir, err = os.MkdirTemp("", "ivschat-local"); err != nil {
		return "", err
	}
	if err := testcache.Program(mainPackage); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "ivschat-local")
	command := exec.Command("go", "build", "-o", path, mainPackage)
	command.Stderr = os.Stderr
	return path, command.Run()
})

// Main runs the tests of a package, calls the functions, and removes the program that was built. Call it in TestMain.
func Main(m *testing.M, after ...func()) {
	code := m.Run()
	for _, f := range after {
		f()
	}
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
	p, err := launch(t, os.Stderr, append([]string{"--log-level", "error"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	return p.url
}
