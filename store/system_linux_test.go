package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/limits"
)

// onFullDisk calls a function while no file can be written.
func onFullDisk(t *testing.T, call func()) {
	t.Helper()
	limits.With(t, syscall.RLIMIT_FSIZE, 0, call)
}

// checkError fails the test unless the error has exactly this text, in which PATH stands for the path.
func checkError(t *testing.T, what string, err error, path, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "PATH", path)
	if err == nil || err.Error() != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestAWriteOnAFullDiskFailsAndALaterOneSucceeds(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	s := openIn(t, dir)
	first, second := roomOf(someOwner, "first"), roomOf(someOwner, "second")
	if err := s.CreateRoom(t.Context(), first, 9); err != nil {
		t.Fatal(err)
	}
	const want = "PATH cannot be written (write PATH: file too large): " +
		"the change was not stored; free space, for instance, and try again"
	onFullDisk(t, func() {
		for range 2 {
			checkError(t, "a write", s.CreateRoom(t.Context(), second, 9), path, want)
			checkError(t, "the check", s.Check(), path, want)
		}
		if _, err := s.Room(t.Context(), first.ARN); err != nil {
			t.Errorf("a read fails: %v", err)
		}
	})
	checkError(t, "the check before the next write", s.Check(), path, want)
	if err := s.CreateRoom(t.Context(), second, 9); err != nil {
		t.Errorf("the next write fails: %v", err)
	}
	if err := s.Check(); err != nil {
		t.Errorf("the check after the next write fails: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rooms, _, err := openIn(t, dir).ListRooms(t.Context(), someOwner, ivschat.RoomFilter{}, ivschat.Page{Limit: 9})
	if err != nil || len(rooms) != 2 {
		t.Errorf("there are %d rooms (%v), want 2", len(rooms), err)
	}
}

func TestAFirstStartOnAFullDiskLeavesNoFile(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	onFullDisk(t, func() {
		_, err := Open(dir)
		const begin, end = "create the database: write PATH.unfinished", ": file too large"
		path := filepath.Join(dir, File)
		if err == nil || !strings.HasPrefix(err.Error(), strings.ReplaceAll(begin, "PATH", path)) ||
			!strings.HasSuffix(err.Error(), end) {
			t.Errorf("the error is %v", err)
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the directory has %v (%v)", left, err)
	}
}

func TestAStartThatTheSystemPreventsIsNotCalledDamage(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if err := openIn(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	onFullDisk(t, func() {
		_, err := Open(dir)
		checkError(t, "a full disk", err, path, "open the database: write PATH: file too large")
	})
	limits.With(t, syscall.RLIMIT_NOFILE, 0, func() {
		_, err := Open(dir)
		checkError(t, "too many open files", err, path, "open the database: open PATH: too many open files")
	})
	_, err := Open(filepath.Join(path, "below"))
	checkError(t, "a file in place of the directory", err, path,
		"create the data directory: mkdir PATH: not a directory")
	if _, err := Open("/proc"); err == nil ||
		!strings.HasPrefix(err.Error(), "create the database: open /proc/ivschat.db.unfinished") {
		t.Errorf("a directory in which no file can be made: the error is %v", err)
	}
	removed := t.TempDir()
	t.Chdir(removed)
	relative, err := filepath.Rel(removed, dir)
	if err := errors.Join(err, os.Remove(removed)); err != nil {
		t.Fatal(err)
	}
	_, err = Open(relative)
	checkError(t, "a directory that was removed", err, "", "open the database: getwd: no such file or directory")
}

func TestAStoreInMemoryNeedsNeitherADiskNorAnOpenFile(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	onFullDisk(t, func() {
		limits.With(t, syscall.RLIMIT_NOFILE, 0, func() {
			s := smallMemoryStore(t)
			if err := errors.Join(s.CreateRoom(t.Context(), roomOf(someOwner, "new"), 9), s.Check()); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestNoFileStaysOpenAfterAStart(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the garbage collector would close it
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	dir, damaged := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, File), make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	before := open()
	for range 2 { // the first start creates the database
		s := openIn(t, dir)
		if during := open(); during != before+1 {
			t.Errorf("%d files are open while the store is, want 1", during-before)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(damaged); err == nil {
		t.Error("a damaged database opens")
	}
	if after := open(); after != before {
		t.Errorf("%d files were open before, and %d are after", before, after)
	}
}

func TestAPathThatCannotBeFollowedAnyMoreIsNoDeletion(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := openIn(t, dir)
	if err := errors.Join(os.Rename(dir, dir+"-moved"), os.Symlink(dir, dir)); err != nil {
		t.Fatal(err)
	}
	checkError(t, "a write", s.CreateRoom(t.Context(), roomOf(someOwner, "r"), 9), filepath.Join(dir, File),
		"PATH cannot be found any more (too many levels of symbolic links): "+
			"start ivschat-local again, which checks the data directory")
}
