package packages

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestTheExampleInGo(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "examples/go/README.md", "sh")
	if got, want := strings.TrimSpace(guide.Block("sh", "go test")), "go test ./..."; got != want {
		t.Errorf("the README says %q, want %q", got, want)
	}
	testModule(t, filepath.Join("..", "examples", "go"), engine(t).variables())
	runBackend(t, "go", guide.Block("sh", "go run"), filepath.Dir(releaseProgram(t)))
}

// runBackend runs the back end of an example with its own command, which begins with variables of the environment. The
// program of that path is the first in PATH. It fails the test if the back end does not answer what the emulator says.
func runBackend(t *testing.T, example, command, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "sh", "-c", "exec env "+command)
	run.Dir = filepath.Join("..", "examples", example)
	run.Env = append(os.Environ(), "LISTEN=127.0.0.1:0", "PATH="+path+":"+os.Getenv("PATH"),
		"IVSCHAT_JOURNAL="+filepath.Join(t.TempDir(), "journal.json")) // of exec, which this test interrupts
	output, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	checkExample(t, run, output)
}

// checkExample runs a command that starts the back end of an example, until that has said in the output where it
// listens and has answered.
func checkExample(t *testing.T, run *exec.Cmd, output io.Reader) {
	t.Helper()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = run.Process.Signal(os.Interrupt)
		_ = run.Wait()
	}()
	var log []string
	for lines := bufio.NewScanner(output); lines.Scan(); {
		log = append(log, lines.Text())
		if _, url, listens := strings.Cut(lines.Text(), "listens at "); listens {
			checkBackend(t, url)
			return
		}
	}
	t.Errorf("the back end does not start:\n%s", strings.Join(log, "\n"))
}

// checkBackend fails the test if the back end of an example does not answer what the emulator says. The emulator has no
// rooms.
func checkBackend(t *testing.T, url string) {
	t.Helper()
	body := `{"room": "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12", "user": "anna"}`
	answer, err := http.Post(url+"/join", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("to join a room that does not exist answers %s, want 404", answer.Status)
	}
}
