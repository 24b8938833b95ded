package main

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// In a comment of the commands, a line break would begin a line that a shell runs.
func TestTrustPrintsNoCommandsForADirectoryWithALineBreakInItsName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	for _, name := range []string{"a\ntouch b\n#", "a\x1b[2J"} {
		for _, verb := range [][]string{nil, {"curl"}, {"uninstall"}} {
			dir := filepath.Join(t.TempDir(), name)
			got := runSelf(t, nil, append([]string{"trust", "--data", dir}, verb...)...)
			if got.code == 0 || got.stdout != "" || !strings.Contains(got.stderr, "has control characters in its name") {
				t.Errorf("%q %v: %+v", name, verb, got)
			}
		}
	}
}
