package crypto

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// The system does not let anyone change the mode of a file in /proc.
func TestKeysWhoseModeCannotBeChangedAreUsedAndTheLogSaysSo(t *testing.T) {
	t.Parallel()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	var log bytes.Buffer
	k := &Keyring{path: f.Name(), logger: slog.New(slog.NewTextHandler(&log, nil))}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	k.protect(f, info)
	const want = `level=WARN msg="others can read the keys of chat tokens, and this cannot be changed" ` +
		`file=/proc/self/status mode=-r--r--r-- error="chmod /proc/self/status: operation not permitted"` + "\n"
	if _, line, _ := strings.Cut(log.String(), " "); line != want {
		t.Errorf("the log is\n%swant\n%s", line, want)
	}
}
