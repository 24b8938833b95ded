package packages

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// The example is in a folder of the directory with the installed packages.
func TestTheExampleInJavaScript(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "examples/javascript/README.md", "sh")
	example := filepath.Join(npmInstalled(t), "example")
	mustExecute(t, exec.Command("cp", "-r", "../examples/javascript", example))
	// TestTheGuideToJavaScriptInstallsThePackages installs both files in the same way.
	install, tests, _ := strings.Cut(guide.Block("sh", "npm test"), ".tgz\nnpm test")
	tests = "npm test" + tests
	folder, ours := "../../dist/npm/ivschat-local-", emulator.Version+".tgz "
	if want := "make -C ../.. npm platforms=linux/amd64    # until ivschat-local is published, and the next line\n" +
		"npm install --no-save " + folder + ours + folder + "linux-x64-" + emulator.Version; install != want {
		t.Errorf("the README says %q, want %q", install, want)
	}
	if _, err := runInstalled(t, nil, "sh", "-c", "cd example && "+tests); err != nil {
		t.Error(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	// timeout passes the signal that ends the test on to all programs that it has started.
	run := exec.CommandContext(ctx, "timeout", "120", "sh", "-c", guide.Block("sh", "npm start"))
	run.Dir = example
	run.Env = append(os.Environ(), "PORT=0", "IVSCHAT_JOURNAL="+filepath.Join(t.TempDir(), "journal.json"))
	output, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	checkExample(t, run, output)
}

func TestTheExampleInJavaScriptDependsOnWhatItIsTestedWith(t *testing.T) {
	read := func(name string) (m packageManifest) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	example, tested := read("../examples/javascript/package.json"), read("npm/package.json")
	const sdk = "@aws-sdk/client-ivschat"
	if got, want := example.Dependencies[sdk], tested.DevDependencies[sdk]; got != want {
		t.Errorf("the example depends on %s of %s, want %s", sdk, got, want)
	}
	if got := example.DevDependencies["ivschat-local"]; got != emulator.Version {
		t.Errorf("the example depends on ivschat-local %s, want %s", got, emulator.Version)
	}
}
