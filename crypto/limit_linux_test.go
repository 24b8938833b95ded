package crypto_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/internal/limits"
)

// longestPath is how many bytes a path has on Linux at most, with the zero byte after it.
const longestPath = 4096

// longDirectory returns a directory in which the keyset file and its lock can be made, but the names of
// temporary files are too long.
func longDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	length := longestPath - len("/"+crypto.KeysetFile+".lock") - 1
	for length-len(dir) > 250 { // a name has at most 255 bytes
		dir += "/" + strings.Repeat("d", 200)
	}
	dir += "/" + strings.Repeat("d", length-len(dir)-1)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A new keyset file has a temporary name first. An interrupted write is recognized by it.
func TestKeysThatCannotBeWrittenAreAFailure(t *testing.T) {
	t.Parallel()
	dir := longDirectory(t)
	_, opening := crypto.OpenKeyring(dir, silent)
	_, creating := crypto.CreateKeyring(dir, silent)
	writeKeyset(t, dir, knownKeyset)
	k := openKeyring(t, dir)
	_, rotating := k.Rotate(ctx)
	want := regexp.MustCompile(`^write the keys: open DIR/token-keys\.json\.[0-9]+\.tmp: file name too long$`)
	for name, err := range map[string]error{
		"OpenKeyring": opening, "CreateKeyring": creating, "Rotate": rotating,
	} {
		if err == nil || !want.MatchString(strings.ReplaceAll(err.Error(), dir, "DIR")) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if list, primary := keysOf(t, k); len(list) != 1 || primary != 7 {
		t.Errorf("after a rotation that failed, the keys are %v", list)
	}
}

func TestKeysThatCannotBeWrittenOrLockedForALimitOfTheSystemAreAFailure(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	for limit, want := range map[int]string{
		syscall.RLIMIT_FSIZE:  `write the keys: .*write DIR/token-keys\.json\.[0-9]+\.tmp: file too large`,
		syscall.RLIMIT_NOFILE: `lock the keys: open DIR/token-keys\.json\.lock: too many open files`,
	} {
		dir := t.TempDir()
		var err error
		limits.With(t, limit, 0, func() { _, err = crypto.OpenKeyring(dir, silent) })
		got := strings.ReplaceAll(fmt.Sprint(err), dir, "DIR")
		if !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("the error is\n%s, want\n%s", got, want)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 1 { // at most the lock
			t.Errorf("after %q the directory has %v (%v)", got, files, err)
		}
	}
}

// openFiles returns the open files of this process that are in a directory, or the directory itself.
func openFiles(t *testing.T, dir string) (found []string) {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Skip(err)
	}
	for _, entry := range entries {
		name, err := os.Readlink(filepath.Join(descriptors, entry.Name()))
		if err == nil && (name == dir || strings.HasPrefix(name, dir+"/")) {
			found = append(found, name)
		}
	}
	return found
}

func TestNoFileStaysOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rotate(t, openKeyring(t, dir))
	if found := openFiles(t, dir); len(found) > 0 {
		t.Errorf("after a rotation, these are open: %q", found)
	}
	if err := os.MkdirAll(filepath.Join(dir, crypto.KeysetFile+".1.tmp", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(dir, silent); err == nil {
		t.Error("a temporary file that cannot be removed is no error")
	}
	if found := openFiles(t, dir); len(found) > 0 {
		t.Errorf("after a failure, these are open: %q", found)
	}
	open, err := os.Open(dir)
	if err = errors.Join(err, open.Sync()); err != nil || len(openFiles(t, dir)) != 1 {
		t.Errorf("this test does not find an open directory (%v)", err)
	}
	if err := open.Close(); err != nil {
		t.Error(err)
	}
}
