package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestTheTestcontainersPackageForNode(t *testing.T) {
	t.Parallel()
	environment := engine(t).variables()
	dir := npmInstalled(t)
	files := []string{"testcontainers.test.mjs", "testcontainers.require.test.cjs"}
	suite, err := os.ReadFile(filepath.Join(dir, files[0]))
	if err != nil {
		t.Fatal(err)
	}
	readme := guides.Open(t, "packages/testcontainers-node/README.md", "js")
	guide := guides.Open(t, "docs/testcontainers.md", "js")
	for i, block := range append(readme.Blocks("js"), guide.Blocks("js")...) {
		if !strings.Contains(block.Code, "import ") { // a few lines, which the suite has
			checkLines(t, block.Code, string(suite))
			continue
		}
		name := "guide" + string(rune('0'+i)) + ".test.mjs"
		write(t, dir, name, block.Code)
		files = append(files, name)
	}

	test := exec.Command("node", append([]string{"--test"}, files...)...)
	test.Dir, test.Env = dir, environment
	mustExecute(t, test)
}

// checkLines fails the test if a line of code is not in a file.
func checkLines(t *testing.T, code, file string) {
	t.Helper()
	lines := map[string]bool{}
	for line := range strings.Lines(file) {
		lines[withoutComment(line)] = true
	}
	for line := range strings.Lines(code) {
		if !lines[withoutComment(line)] {
			t.Errorf("no test has the line %q", line)
		}
	}
}

func withoutComment(line string) string {
	code, _, _ := strings.Cut(line, " // ")
	return strings.TrimSpace(code)
}

func TestTheTestcontainersPackageForNodeHasWhatItShould(t *testing.T) {
	t.Parallel()
	files := readTarball(t, npmTarballs(t), "ivschat-local-testcontainers-"+emulator.Version+".tgz", mainPackageLimit)
	readManifest(t, files)
	for _, file := range files {
		if !npmFile.MatchString(file.Name) {
			t.Errorf("the package has %s", file.Name)
		}
	}
	if container := content(t, files, "dist/container.js"); !strings.Contains(string(container), `"`+imageName+`"`) {
		t.Errorf("the package does not have the image %s", imageName)
	}
}
