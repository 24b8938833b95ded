package spool_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// Records of one room are read and removed while the files that have them are replaced by copies without the records
// of another room.
func TestRecordsAreReadWhileTheirFilesAreRewritten(t *testing.T) {
	s := open(t, t.TempDir(), maximum/2) // files are rewritten from a quarter of 1 MiB on
	stuck, other := batch("configuration", "stuck"), batch("configuration", "other")
	const rounds, records = 40, 10
	first := 0 // that was not removed
	for round := range rounds {
		for n := range records {
			s.add(stuck, numbers(round*records+n, round*records+n+1)...)
			s.add(other, numbers(0, 20)...)
		}
		s.Remove(other, s.through(other))
		want := numbers(first, (round+1)*records)
		var both sync.WaitGroup
		both.Go(s.Maintain)
		both.Go(func() {
			for range 5 {
				s.expect(stuck, want...)
			}
			limits := everything
			limits.Records = 3
			_, through, _ := s.Read(stuck, limits)
			s.Remove(stuck, through)
		})
		both.Wait()
		first += 3
		s.expect(stuck, numbers(first, (round+1)*records)...)
		if round%10 == 9 {
			s.reopen()
			s.expect(stuck, numbers(first, (round+1)*records)...)
		}
	}
	s.expectLost(map[string]int{})
}

// A copy that is not complete is never read, and does not stay.
func TestAFileThatWasBeingRewrittenIsStillThereAfterARestart(t *testing.T) {
	dir, path, want := smallSpool(t)
	write(t, path+".new", []byte("IVSCHATL"))
	foreign := filepath.Join(dir, "readme.txt.new")
	write(t, foreign, nil)
	_, rooms := readAll(t, dir)
	if len(rooms["b"]) != len(want["b"]) {
		t.Errorf("there are the records %q", rooms)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("the copy is still there")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("a foreign file was removed")
	}
}

func TestFilesAfterARestartHaveHigherNumbers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum)
	b := batch("configuration", "room")
	for n := range 10 {
		s.add(b, numbers(n, n+1)...)
		s.reopen()
		s.expect(b, numbers(0, n+1)...)
	}
	names := files(t, dir)
	if len(names) != 10 || !strings.HasSuffix(names[9], "00000000000000000010.spool") {
		t.Errorf("there are the files %q", names)
	}
}

// A file with damage is not rewritten, and Read says which of its records are lost.
func TestDamagedFilesAreNotRewritten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum/8)
	b, other := batch("configuration", "room"), batch("configuration", "other")
	for n := range 4 {
		s.add(b, numbers(n, n+1)...)
		s.add(other, numbers(0, 40)...)
	}
	for _, path := range files(t, dir) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if at := strings.Index(string(content), numbers(2, 3)[0]); at >= 0 {
			content[at] = '?'
			write(t, path, content)
		}
	}
	s.Remove(other, s.through(other))
	for range 3 {
		s.Maintain()
	}
	s.Remove(b, s.expect(b, numbers(0, 2)...))
	s.expect(b, numbers(3, 4)...)
	s.expectLost(map[string]int{"room: " + spool.Damaged: 1})
}

// The file is another one when it is opened. What is in it has moved, and is not lost.
func TestARecordIsReadAgainWhenItsFileWasRewrittenMeanwhile(t *testing.T) {
	s := open(t, t.TempDir(), maximum/8)
	b, other := batch("configuration", "room"), batch("configuration", "other")
	for n := range 4 {
		s.add(other, numbers(0, 40)...)
		s.add(b, numbers(n, n+1)...)
	}
	s.Remove(other, s.through(other))
	records, again := s.ReadOnce(b, everything, s.Maintain)
	if records != 0 || !again {
		t.Errorf("%d records were read, and Read reads again: %v", records, again)
	}
	s.expect(b, numbers(0, 4)...)
	s.expectLost(map[string]int{})
}

func TestWhatIsRemovedWhileItsFileIsRewrittenStaysRemoved(t *testing.T) {
	for _, removed := range []int{0, 1, 9, 10} {
		dir := t.TempDir()
		s := open(t, dir, maximum)
		b, other := batch("configuration", "room"), batch("configuration", "other")
		s.add(b, numbers(0, 10)...)
		if removed < 10 {
			s.add(other, numbers(0, 10)...)
		}
		limits := everything
		limits.Records = removed
		_, through, _ := s.Read(b, limits)
		if err := s.Rewrite(func() {
			if removed > 0 {
				s.Remove(b, through)
			}
			s.add(b, numbers(10, 12)...)
		}); err != nil {
			t.Error(err)
		}
		for range 2 {
			s.expect(b, numbers(removed, 12)...)
			s.reopen()
		}
		s.Remove(b, s.through(b))
		s.Remove(other, s.through(other))
		s.reopen()
		if found := files(t, dir); len(found) != 0 || s.Bytes() != 0 {
			t.Errorf("there are the files %q and %d bytes", found, s.Bytes())
		}
		s.expectLost(map[string]int{})
	}
}
