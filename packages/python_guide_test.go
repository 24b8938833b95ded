package packages

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// installWheel is how the guide installs the wheel of this platform. It is run in the directory above dist.
const installWheel = "pip install dist/python/ivschat_local-" + emulator.Version + "-*linux*_x86_64.whl"

// TestPythonGuide runs the blocks of the guide and of the README of the package, which is on PyPI.
func TestPythonGuide(t *testing.T) {
	t.Parallel()
	python := filepath.Join(pythonEnvironment(t), "bin/python")
	guide := guides.Open(t, "docs/python.md", "python", "ini", "sh")
	if got, want := guide.Block("sh", "pip"), "make python platforms=linux/amd64\n"+installWheel+"\n"; got != want {
		t.Errorf("the guide installs the package with %q, and this test with %q", got, want)
	}

	dir, programs := t.TempDir(), 0
	readme := guides.Open(t, "packages/python/README.md", "python")
	for i, block := range append(guide.Blocks("python"), readme.Blocks("python")...) {
		path := fmt.Sprintf("test_%d.py", i)
		switch {
		case strings.Contains(block.Code, "def test_"):
		case strings.Contains(block.Code, "def ivschat_options"):
			options := t.TempDir()
			write(t, options, "conftest.py", block.Code)
			write(t, options, "test_options.py", "def test(ivschat): assert ':eu-west-1:' in ivschat.room().arn\n")
			runPython(t, options, os.Environ(), python, "-m", "pytest", "-q", "--ivschat-timeout", "1m")
			continue
		default:
			path = fmt.Sprintf("program_%d.py", i)
			programs++
		}
		write(t, dir, path, block.Code)
	}
	if programs != 2 {
		t.Errorf("%d blocks are programs, and not tests, want 2", programs)
	}
	write(t, dir, "test_programs.py", `import pathlib, subprocess, sys
def test_programs():
    for path in pathlib.Path(__file__).parent.glob("program_*.py"):
        subprocess.run([sys.executable, path], check=True)
`)
	runPython(t, dir, os.Environ(), python, "-m", "pytest", "-q", "-W", "error", "--ivschat-timeout", "1m")

	configured := t.TempDir()
	write(t, configured, "pytest.ini", guide.Block("ini", "[pytest]"))
	write(t, configured, "test_configured.py", `
def test_configured(ivschat_emulator, ivschat_options):
    assert (ivschat_emulator.random_seed, ivschat_options["timeout"]) == (42, "30s")
    assert ivschat_emulator.client_options()["aws_secret_access_key"] != "local"  # because of --auth
    ivschat_emulator.room()
`)
	runPython(t, configured, os.Environ(), python, "-m", "pytest", "-q")
}
