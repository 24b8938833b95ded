package clients_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestTheConsole tests the console in Chromium, with the files of js/console.
func TestTheConsole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("js/console/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("the tests are %v: %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.mjs"), func(t *testing.T) {
			t.Parallel()
			runNode(t, filepath.Join("console", filepath.Base(file)), "PROGRAM="+program.Path(t), "CHROMIUM="+browser.Chromium(t))
		})
	}
}
