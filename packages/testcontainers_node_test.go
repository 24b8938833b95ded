package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
		if err := os.WriteFile(filepath.Join(dir, name), []byte(block.Code), 0o666); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}

	test := exec.Command("node", append([]string{"--test"}, files...)...)
	test.Dir, test.Env = dir, environment
	if output, err := test.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", test, err, output)
	}
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
	allowed := regexp.MustCompile(`^package/(package\.json|README\.md|LICENSE|dist/[a-z]+(\.js|\.mjs|\.d\.ts|\.d\.mts))$`)
	for _, file := range files {
		if !allowed.MatchString(file.Name) {
			t.Errorf("the package has %s", file.Name)
		}
	}
	if container := content(t, files, "dist/container.js"); !strings.Contains(string(container), `"`+imageName+`"`) {
		t.Errorf("the package does not have the image %s", imageName)
	}
}
