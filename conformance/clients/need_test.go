package clients_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

func TestMain(m *testing.M) { program.Main(m) }

// need skips a test for want of a client, or fails it where none may be
// wanting.
func need(t *testing.T, found bool, client, how string) {
	t.Helper()
	if found {
		return
	}
	text := fmt.Sprintf("%s (%s)", client, how)
	if os.Getenv("REQUIRE_CLIENTS") != "" {
		t.Fatal("wanting: ", text)
	}
	if path := os.Getenv("SKIPPED_CLIENTS"); path != "" { // where make test looks
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := fmt.Fprintln(file, text); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip("wanting: ", text)
}

// have reports whether a command succeeds.
func have(name string, args ...string) bool { return exec.Command(name, args...).Run() == nil }
