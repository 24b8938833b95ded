package shortfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

func TestAFileThatIsTooLongOrDoesNotEndIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"rooms":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := shortfile.Read(path, 12); err != nil || len(text) != 12 {
		t.Errorf("a file of the maximum length: %q (%v)", text, err)
	}
	long := map[string]int64{path: 11}
	if _, err := os.Stat("/dev/zero"); err == nil {
		long["/dev/zero"] = 1000
	}
	for path, maximum := range long {
		text, err := shortfile.Read(path, maximum)
		if text != nil || err == nil || !strings.Contains(err.Error(), path+" has more than") {
			t.Errorf("%s: %d bytes, the error is %v", path, len(text), err)
		}
	}
}
