package packages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestTheExampleInPython(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(pythonEnvironment(t), "bin")
	guide := guides.Open(t, "examples/python/README.md", "sh")
	install := `make -C ../.. python platforms=linux/amd64    # until ivschat-local is published
pip install ../../dist/python/ivschat_local-` + emulator.Version + `-*linux*_x86_64.whl -r requirements.txt
pytest
`
	if got := guide.Block("sh", "pip"); got != install {
		t.Errorf("the README says %q, want %q", got, install)
	}
	// Everything is in the virtual environment, also the wheel.
	installed := append(os.Environ(), "PIP_NO_INDEX=1", "PIP_PYTHON="+bin+"/python")
	runPython(t, "../examples/python", installed, pythonTools+"/bin/pip", "install", "-q", "-r", "requirements.txt")
	runPython(t, "../examples/python", os.Environ(), bin+"/python", "-m", "pytest", "-q", "-p", "no:cacheprovider",
		"--ivschat-timeout", "1m")
	runBackend(t, "python", guide.Block("sh", "backend.py"), bin)
}
