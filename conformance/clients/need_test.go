package clients_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

func TestMain(m *testing.M) { program.Main(m) }

// need skips a test if a client is not installed, or fails it if REQUIRE_CLIENTS is set. It
// appends the client to the file SKIPPED_CLIENTS, which make test reads. install says how to
// install the client.
func need(t *testing.T, installed bool, client, install string) {
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

// succeeds reports whether a command succeeds.
func succeeds(name string, args ...string) bool {
	return exec.Command(name, args...).Run() == nil
}
