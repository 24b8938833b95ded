package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// The long example is the test of a new module, as the guide says. The other lines are in the tests of the module.
func TestTheGuideToTestcontainersInGo(t *testing.T) {
	t.Parallel()
	environment := engine(t).variables()
	root, dir := guides.Root(t), filepath.Join(t.TempDir(), "chat")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(dir, "..", "ivschat-local")); err != nil {
		t.Fatal(err)
	}
	guide := guides.Open(t, "docs/testcontainers.md", "go", "sh")
	example := guide.Block("go", "package chat_test")
	write(t, dir, "go.mod", "module chat\n")
	write(t, dir, "chat_test.go", example)
	prepare := exec.Command("sh", "-e", "-c", guide.Block("sh", "go mod edit"))
	prepare.Dir = dir
	mustExecute(t, prepare)
	testModule(t, dir, environment)

	tests, err := os.ReadFile("testcontainers-go/container_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range guide.Blocks("go") {
		if block.Code != example {
			checkLines(t, block.Code, string(tests))
		}
	}
}
