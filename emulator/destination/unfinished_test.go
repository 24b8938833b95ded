package destination

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhatAKilledProgramLeftBesideAnObjectIsRemoved(t *testing.T) {
	to := deliverer(t, Config{Folder: t.TempDir()})
	where := deliver(t, to, deliveryOf(S3, "bucket", "1"))
	unfinished := filepath.Join(filepath.Dir(where), "another"+objectExtension+unfinishedExtension)
	users := filepath.Join(filepath.Dir(where), "notes.txt.tmp")
	for _, path := range []string{unfinished, users} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	deliver(t, to, deliveryOf(S3, "bucket", "1", "2"))
	if _, err := os.Stat(unfinished); !os.IsNotExist(err) {
		t.Errorf("the unfinished object is still there: %v", err)
	}
	if _, err := os.Stat(users); err != nil {
		t.Errorf("a file that is not ours is gone: %v", err)
	}
}
