package limits

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

const isAlone = "IVSCHAT_TEST_ALONE" // is set in a process that runs one test

// Alone returns true in a process that runs only this test. Otherwise it runs the test in such a process,
// because the test changes what all tests of a process share.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(isAlone) != "" {
		// The first call starts a goroutine of package signal, which must not belong to a bubble of synctest.
		With(t, syscall.RLIMIT_NOFILE, 100, func() {})
		return true
	}
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=1m")
	command.Env = append(os.Environ(), isAlone+"=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
	return false
}

// With calls a function while the process has a lower limit of a resource, such as syscall.RLIMIT_FSIZE. The
// process should run only this test, see Alone.
func With(t *testing.T, resource int, limit uint64, call func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(resource, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // which would end the program when a file becomes too large
	defer signal.Reset(syscall.SIGXFSZ)
	defer func() {
		if err := syscall.Setrlimit(resource, &before); err != nil {
			t.Fatal(err)
		}
	}()
	if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	call()
}
