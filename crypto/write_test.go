package crypto

import (
	"log/slog"
	"os"
	"path/filepath"
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
	if err := k.write(created.keys.Load().handle); err == nil {
		t.Error("it succeeds")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the directory has %v (%v)", entries, err)
	}
}
