package packages

import (
	"os/exec"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

var downloads sync.Map // a func() error for each directory

// needModules downloads what a Go module of its own requires, once. It skips the test if that is missing and there is
// no network.
func needModules(t testing.TB, dir string) {
	t.Helper()
	download, _ := downloads.LoadOrStore(dir, sync.OnceValue(func() error {
		return execute(exec.Command("go", "mod", "download", "-C", dir))
	}))
	err := download.(func() error)()
	if err != nil {
		t.Log(err)
	}
	need.Client(t, err == nil, "the modules of packages/"+dir, "cd packages/"+dir+" && go mod download")
}
