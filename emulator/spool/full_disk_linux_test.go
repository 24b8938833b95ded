package spool_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
	"github.com/ivschat-local/ivschat-local/internal/limits"
)

// A file can be written only up to a size, as if the disk were full then.
func TestRecordsAreKeptInMemoryWhileTheDiskIsFull(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	for _, size := range []uint64{0, 1, 100, 10000} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := open(t, dir, maximum)
			b, other := batch("configuration", "room"), batch("other", "room")
			s.add(b, numbers(0, 10)...)
			limits.With(t, syscall.RLIMIT_FSIZE, size, func() {
				s.add(b, numbers(10, 100)...)
				s.add(other, numbers(0, 10)...)
				s.expect(b, numbers(0, 100)...)
				time.Sleep(150 * time.Second)
				synctest.Wait()
				s.add(b, numbers(100, 110)...)
				s.expect(b, numbers(0, 110)...)
			})
			if n := strings.Count(s.logged(), "cannot be used"); n < 2 || n > 3 {
				t.Errorf("in 150 seconds, the log says %d times that files cannot be written: %s", n, s.logged())
			}
			s.add(b, numbers(110, 120)...)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			s.add(b, numbers(120, 130)...)
			s.expect(b, numbers(0, 130)...)
			limits := everything
			limits.Records = 5
			_, through, _ := s.Read(b, limits)
			s.Remove(b, through) // which is noted where a record was written only in part

			killed := t.TempDir() // what is there if the process is killed now
			if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{killed, dir} {
				_ = s.Close()
				s.config.Dir = dir
				s.open()
				s.expect(b, numbers(5, 130)...)
				s.expect(other, numbers(0, 10)...)
			}
			s.expectLost(map[string]int{})
			_ = s.Close()
		})
	}
}

func TestRecordsThatCannotBeWrittenAreLostWhenTheSpoolIsClosed(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	s := open(t, dir, maximum)
	b := batch("configuration", "room")
	s.add(b, numbers(0, 10)...)
	limits.With(t, syscall.RLIMIT_FSIZE, 0, func() {
		s.add(b, numbers(10, 30)...)
		_ = s.Close()
	})
	s.expectLost(map[string]int{"room: " + spool.Closed: 20})
	if !strings.Contains(s.logged(), "file too large") {
		t.Errorf("the log is %s", s.logged())
	}
	s.open()
	s.expect(b, numbers(0, 10)...)
}

func TestRecordsAreKeptInMemoryWhileTooManyFilesAreOpen(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, maximum)
		b, other := batch("configuration", "room"), batch("other", "room")
		s.add(b, numbers(0, 10)...)
		limits.With(t, syscall.RLIMIT_NOFILE, 0, func() {
			s.add(b, numbers(10, 20)...)
			s.add(other, numbers(0, 10)...)
			s.expect(other, numbers(0, 10)...)
			s.expect(b) // for the moment
		})
		s.expect(b, numbers(0, 20)...)
		s.reopen()
		s.expect(b, numbers(0, 20)...)
		s.expect(other, numbers(0, 10)...)
		s.expectLost(map[string]int{})
		_ = s.Close()
	})
}
