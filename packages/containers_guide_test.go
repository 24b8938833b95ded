package packages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// A block of commands that starts containers begins without containers, as a reader does who skips parts.
func TestTheCommandsOfTheGuideToContainers(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/containers.md", "sh", "yaml")
	m := newComposeMachine(t)
	compose := filepath.Join(m.dir, "examples/compose")
	if err := os.MkdirAll(filepath.Dir(compose), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(compose, os.DirFS("../examples/compose")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(m.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	m.variables = append(m.variables, "CURL_HOME="+m.dir)
	if err := os.WriteFile(filepath.Join(m.dir, ".curlrc"), []byte("silent\nshow-error\nfail\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	manifest := guide.Block("yaml", "kind: Deployment")
	if err := os.WriteFile(filepath.Join(m.dir, "ivschat.yaml"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, block := range guide.Blocks("sh") {
		switch {
		case strings.Contains(block.Code, "--detach") || strings.Contains(block.Code, "kube play"):
			m.await("podman rm --all --force --time 0")
			m.run(block.Code)
			m.await(healthy + " || curl localhost:4701/health")
		case strings.Contains(block.Code, "--network"): // podman's DNS server knows no names for a moment at the start
			m.await(block.Code)
		default:
			m.run(block.Code)
		}
	}
}
