// Package browser finds Chromium, for tests.
//
// Chromium ends its requests with net::ERR_NETWORK_CHANGED whenever the machine gets another address
// (https://issues.chromium.org/issues/41465264), such as when other tests start a container at the same time. A page
// then misses its scripts. So this Chromium cannot open netlink sockets, with which it would learn about that.
package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// variable has the path of the program that a test binary becomes.
const variable = "IVSCHAT_TEST_BROWSER"

// Chromium returns the path of a program that starts Chromium. The test is skipped if there is none. Main has to be
// called in TestMain.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	need.Client(t, err == nil, "Chromium", "apt-get install chromium")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n%s=%s exec %s \"$@\"\n", variable, quoted(path), quoted(self))
	wrapper := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return wrapper
}

// quoted returns a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Main makes this process the browser if Chromium's program has started it. Otherwise it does nothing.
func Main() {
	path := os.Getenv(variable)
	if path == "" {
		return
	}
	err := os.Unsetenv(variable)
	if err == nil {
		err = become(path)
	}
	fmt.Fprintf(os.Stderr, "start %s: %v\n", path, err)
	os.Exit(1)
}
