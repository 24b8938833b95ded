package spool_test

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// pass lets two seconds pass in a bubble of synctest, so that the background goroutine does what it does every second.
func pass() {
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

// files returns the paths of the files in a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestADirectoryThatIsDeletedIsMadeAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, maximum)
		b, other := batch("configuration", "room"), batch("other", "room")
		s.add(b, numbers(0, 10)...)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		s.add(other, numbers(0, 10)...) // which is the first record of a configuration, so it needs a new file
		s.expect(other, numbers(0, 10)...)
		pass()
		s.add(b, numbers(10, 20)...)
		s.add(other, numbers(10, 20)...)
		s.expectLost(map[string]int{"room: " + spool.Deleted: 10})
		s.reopen()
		s.expect(b, numbers(10, 20)...)
		s.expect(other, numbers(0, 20)...)
		if !strings.Contains(s.logged(), "was deleted or replaced") {
			t.Errorf("the log is %s", s.logged())
		}
		_ = s.Close()
	})
}

func TestADirectoryThatIsReplacedByAFileIsMadeAgainWhenThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		write(t, dir, nil)
		s.add(b, numbers(0, 10)...)
		pass()
		s.expect(b, numbers(0, 10)...)
		if !strings.Contains(s.logged(), "cannot be used") {
			t.Errorf("the log is %s", s.logged())
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		pass()
		s.reopen()
		s.expect(b, numbers(0, 10)...)
		s.expectLost(map[string]int{})
		_ = s.Close()
	})
}

func TestRecordsOfAFileThatIsDeletedAreLost(t *testing.T) {
	for name, wait := range map[string]bool{"before it is read": false, "before it is written to the disk": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir, maximum)
				b, other := batch("configuration", "room"), batch("configuration", "other")
				s.add(b, numbers(0, 10)...)
				s.add(other, numbers(0, 10)...)
				for _, path := range files(t, dir) {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				}
				if wait {
					pass()
				}
				s.expect(b)
				s.expect(other)
				s.expectLost(map[string]int{"room: " + spool.Deleted: 10, "other: " + spool.Deleted: 10})
				if n := strings.Count(s.logged(), "was deleted"); n != 1 {
					t.Errorf("the log is %s", s.logged())
				}
				s.add(b, numbers(10, 20)...)
				s.expect(b, numbers(10, 20)...)
				s.reopen()
				s.expect(b, numbers(10, 20)...)
				_ = s.Close()
			})
		})
	}
}

func TestRecordsThatAreDamagedWhileTheSpoolIsOpenAreLost(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum)
	b := batch("configuration", "room")
	s.add(b, numbers(0, 100)...)
	path := files(t, dir)[0]
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 50, 99} { // of each record, one byte
		at := strings.Index(string(content), numbers(n, n+1)[0])
		if _, err := file.WriteAt([]byte{'?'}, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	through := s.expect(b, numbers(2, 50)...)
	s.expectLost(map[string]int{"room: " + spool.Damaged: 2})
	s.Remove(b, through)
	through = s.expect(b, numbers(51, 99)...)
	s.Remove(b, through)
	s.expect(b)
	s.expectLost(map[string]int{"room: " + spool.Damaged: 4})
}

func TestRecordsOfAFileThatIsTruncatedWhileTheSpoolIsOpenAreLost(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum)
	b := batch("configuration", "room")
	s.add(b, numbers(0, 100)...)
	if err := os.Truncate(files(t, dir)[0], 0); err != nil {
		t.Fatal(err)
	}
	s.expect(b)
	s.expectLost(map[string]int{"room: " + spool.Damaged: 100})
	s.add(b, numbers(100, 110)...)
	s.expect(b, numbers(100, 110)...)
	s.reopen()
	s.expect(b, numbers(100, 110)...)
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	dir, path, _ := smallSpool(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newer := append([]byte("IVSCHATL\x02\x00"), content[10:]...)
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, content)
	for name, content := range map[string][]byte{
		"readme.txt":                     []byte("mine"),
		"00000000000000000002.spool":     []byte("not ours"),
		"00000000000000000003.spool":     content, // a copy
		"00000000000000000004.spool":     newer,
		"99999999999999999999.spool":     []byte("a number that is too large"),
		"00000000000000000005.spool.bak": content,
		"5.spool":                        content,
	} {
		write(t, filepath.Join(dir, name), content)
	}
	if err := os.Mkdir(filepath.Join(dir, "00000000000000000006.spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	links := os.Symlink(outside, filepath.Join(dir, "00000000000000000007.spool")) == nil
	before := files(t, dir)
	s, rooms := readAll(t, dir)
	if len(rooms["a"]) != 4 || len(rooms["b"]) != 10 {
		t.Errorf("there are the records %q", rooms)
	}
	s.add(batch("other", "room"), "text")
	s.Remove(batch("other", "room"), math.MaxUint64)
	for room := range rooms {
		s.Remove(batch("configuration", room), math.MaxUint64)
	}
	_ = s.Close()
	after := files(t, dir)
	if len(after) != len(before)-1 { // without path
		t.Errorf("there are the files %q, before there were %q", after, before)
	}
	for _, reason := range []string{
		"no file of a spool", "a copy of 00000000000000000001.spool", "version 2 of the format",
		"00000000000000000006.spool", "not a regular file",
	} {
		if !strings.Contains(s.logged(), reason) {
			t.Errorf("the log does not have %q: %s", reason, s.logged())
		}
	}
	if now, err := os.ReadFile(outside); links && (err != nil || string(now) != string(content)) {
		t.Errorf("a file outside was changed: %v", err)
	}
}

func TestAFileThatIsAlreadyThereIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum)
	path := filepath.Join(dir, "00000000000000000001.spool")
	write(t, path, []byte("mine"))
	b := batch("configuration", "room")
	s.add(b, "text")
	s.reopen()
	s.expect(b, "text")
	if now, err := os.ReadFile(path); err != nil || string(now) != "mine" {
		t.Errorf("it is now %q: %v", now, err)
	}
}

func TestRecordsBesideAFileWithTheHighestNumberSurvive(t *testing.T) {
	for _, name := range []string{"04611686018427387903.spool", "18446744073709551615.spool"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), []byte("mine"))
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		for i := range 3 {
			s.add(b, numbers(i, i+1)...)
			s.reopen()
			s.expect(b, numbers(0, i+1)...)
		}
	}
}

func TestASymbolicLinkIsRefusedAsDirectory(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Skip(err)
	}
	s := open(t, "", maximum)
	s.config.Dir = link
	if _, err := spool.Open(s.config); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("the error is %v", err)
	}
}

func TestOnlyTheOwnerCanReadFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, maximum)
	s.add(batch("configuration", "room"), "text")
	for path, want := range map[string]fs.FileMode{dir: 0o700, files(t, dir)[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has %v, want %v: %v", path, info.Mode(), want, err)
		}
	}
}

func TestFilesAreRemovedSoonAfterTheirRecords(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		s.add(b, "text")
		s.Remove(b, s.through(b))
		synctest.Wait()
		if found := files(t, dir); len(found) != 0 {
			t.Errorf("there are the files %q", found)
		}
		_ = s.Close()
	})
}

func TestManyConfigurationsNeedFewOpenFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 64<<20)
	name := func(n int) spool.Batch { return batch(strings.Repeat("c", n+1), "room") }
	for range 3 {
		for n := range 200 {
			s.add(name(n), "text")
		}
	}
	if runtime.GOOS == "linux" {
		open := 0
		for _, link := range files(t, "/proc/self/fd") {
			if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
				open++
			}
		}
		if open > 70 { // 64, the directory, and what the background goroutine opens
			t.Errorf("%d files are open", open)
		}
	}
	s.reopen()
	for n := range 200 {
		s.expect(name(n), "text", "text", "text")
	}
}

func TestAFileThatCannotBeRemovedIsRemovedLater(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		s.add(b, "text")
		path := files(t, dir)[0]
		if err := os.Remove(path); err != nil { // a directory that is not empty can be removed by no one
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(path, "a"), 0o700); err != nil {
			t.Fatal(err)
		}
		s.Remove(b, math.MaxUint64)
		synctest.Wait()
		if !strings.Contains(s.logged(), "cannot be removed") {
			t.Errorf("the log is %s", s.logged())
		}
		pass()
		if err := os.Remove(filepath.Join(path, "a")); err != nil {
			t.Fatal(err)
		}
		pass()
		if found := files(t, dir); len(found) != 0 {
			t.Errorf("there are the files %q", found)
		}
		_ = s.Close()
	})
}
