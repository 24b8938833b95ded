package packages

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// If this test fails, no other test with containers can succeed.
func TestPodmanRunsTheImageAndAnswersAsDocker(t *testing.T) {
	e := engine(t)
	id := e.run(t, "run", "--detach", "--publish", "127.0.0.1::4700", e.image)
	defer e.run(t, "rm", "--force", "--time", "0", id)
	e.awaitReady(t, id)
	answer, err := http.Get("http://" + e.run(t, "port", id, "4700/tcp"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()

	docker := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(e.host, "unix://"))
		},
		DisableKeepAlives: true,
	}}
	answer, err = docker.Get("http://docker/v1.41/containers/" + id + "/json")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("Docker's API answers %s", answer.Status)
	}
}

// The service ends with its input, which the kernel closes if the test process is killed.
func TestPodmanEndsWithTheTestProcess(t *testing.T) {
	t.Parallel()
	tools, dir := t.TempDir(), filepath.Join(t.TempDir(), "engine")
	writeFile(t, filepath.Join(dir, "file"), "", 0o644)
	writeProgram(t, tools, "podman", `echo "$@" >> '`+tools+`/calls'
		[ "$1" != system ] || { echo started; exec sleep 600; }`)
	service := exec.Command("sh", "-c", runService, "sh", dir, filepath.Join(tools, "podman"))
	input, noInput := service.StdinPipe()
	output, noOutput := service.StdoutPipe()
	if err := errors.Join(noInput, noOutput, service.Start()); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "started\n" {
		t.Errorf("the service said %q: %v", line, err)
	}
	input.Close()
	if rest, err := io.ReadAll(output); err != nil || len(rest) > 0 { // its end is that of all processes
		t.Errorf("%q, %v", rest, err)
	}
	if err := service.Wait(); err != nil {
		t.Error(err)
	}
	calls, err := os.ReadFile(filepath.Join(tools, "calls"))
	want := "system service --time 0\nrm --all --force --time 0\nnetwork prune --force\n"
	if err != nil || string(calls) != want {
		t.Errorf("podman was called with %q, want %q: %v", calls, want, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
}
