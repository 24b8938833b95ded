// Package need skips tests that need a program which is not installed, for tests.
package need

import (
	"fmt"
	"os"
	"testing"
)

// Client skips a test if a client or server that is not part of this project is not installed, or fails it if
// REQUIRE_CLIENTS is set. It appends the client to the file SKIPPED_CLIENTS, which make test reads. install says how
// to install the client.
func Client(t testing.TB, installed bool, client, install string) {
	t.Helper()
	if installed {
		return
	}
	text := fmt.Sprintf("%s (%s)", client, install)
	if os.Getenv("REQUIRE_CLIENTS") != "" {
		t.Fatal("not installed: ", text)
	}
	if path := os.Getenv("SKIPPED_CLIENTS"); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := fmt.Fprintln(file, text); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip("not installed: ", text)
}
