package packages

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTheTestcontainersModuleForGo(t *testing.T) {
	t.Parallel()
	testModule(t, "testcontainers-go", engine(t).variables())
}

func TestTheTestcontainersModuleForGoHasTheImageOfThisVersion(t *testing.T) {
	text, err := os.ReadFile("testcontainers-go/container.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := `const DefaultImage = "` + imageName + `"`; !strings.Contains(string(text), want) {
		t.Errorf("container.go does not have: %s", want)
	}
}

// testModule runs the tests of a Go module of its own, none of which may be skipped. It skips the test if the modules
// that it needs are missing and there is no network.
func testModule(t *testing.T, dir string, environment []string) {
	t.Helper()
	needModules(t, dir)
	test := exec.Command("go", "test", "-count=1", "-v", "./...")
	test.Dir, test.Env = dir, environment
	output, err := test.CombinedOutput()
	if err != nil || bytes.Contains(output, []byte("--- SKIP")) {
		t.Errorf("%v: %v\n%s", test, err, output)
	}
}
