package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/program"
	"github.com/ivschat-local/ivschat-local/internal/testcache"
)

func TestMain(m *testing.M) {
	browser.Main()
	program.Main(m, func() { endEngine(); _ = os.RemoveAll(programsDir); _ = os.RemoveAll(imagesDir) })
}

// platform is that of the tests, as GOOS/GOARCH.
const platform = runtime.GOOS + "/" + runtime.GOARCH

var programsDir string // "" before the programs are built

// buildPrograms builds the program of this platform, as releases have it, once for all tests. It returns the directory
// of programs that the packages are made from: the program is GOOS-GOARCH/ivschat-local in it.
var buildPrograms = sync.OnceValues(func() (dir string, err error) {
	if programsDir, err = os.MkdirTemp("", "programs"); err != nil {
		return "", err
	}
	return programsDir, execute(exec.Command("make", "-C", "..", "programs", "platforms="+platform, "into="+programsDir))
})

// noticeChanges makes the tests depend on what they build and run as processes.
func noticeChanges(t testing.TB) {
	t.Helper()
	sourcesNoted.Do(func() {
		testcache.Tree(t, ".", "../examples")
		if err := testcache.Program("../cmd/ivschat-local"); err != nil {
			t.Fatal(err)
		}
	})
}

var sourcesNoted sync.Once

// programs returns the directory of programs that the packages are made from, with the program of this platform.
func programs(t testing.TB) string {
	t.Helper()
	noticeChanges(t)
	dir, err := buildPrograms()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// releaseProgram returns the path of the program of this platform, as releases have it.
func releaseProgram(t testing.TB) string {
	t.Helper()
	return filepath.Join(programs(t), runtime.GOOS+"-"+runtime.GOARCH, "ivschat-local")
}
