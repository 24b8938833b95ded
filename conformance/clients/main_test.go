package clients_test

import (
	"os/exec"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

func TestMain(m *testing.M) {
	browser.Main()
	program.Main(m)
}

// succeeds reports whether a command succeeds.
func succeeds(name string, args ...string) bool {
	return exec.Command(name, args...).Run() == nil
}
