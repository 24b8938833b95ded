package crypto

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A directory in place of the file makes the rename fail.
func TestAFailedRenameOfTheKeysIsAFailureAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, KeysetFile)
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	created, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	k := &Keyring{path: path, logger: slog.New(slog.DiscardHandler)}
	err = k.write(created.keys.Load().handle)
	if err == nil || !strings.HasPrefix(err.Error(), "write the keys: rename ") {
		t.Errorf("the error is %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the directory has %v (%v)", entries, err)
	}
}
