package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASeedFileThatIsTooLongOrDoesNotEndIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"rooms":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := readFile(path, 12); err != nil || len(text) != 12 {
		t.Errorf("a file of the maximum length: %q (%v)", text, err)
	}
	long := map[string]int64{path: 11}
	if _, err := os.Stat("/dev/zero"); err == nil {
		long["/dev/zero"] = 1000
	}
	for path, maximum := range long {
		if _, err := readFile(path, maximum); err == nil || !strings.Contains(err.Error(), "which is the maximum") {
			t.Errorf("%s: the error is %v", path, err)
		}
	}
}
