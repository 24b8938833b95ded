package spool_test

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

const maximum = 1 << 20 // segments of 128 KiB

// bytesOnDisk returns the size of the files in a directory, in whole blocks.
func bytesOnDisk(t *testing.T, dir string) (bytes int64) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		bytes += (info.Size() + 4095) / 4096 * 4096
	}
	return bytes
}

// records returns how many records a batch has.
func (s *spoolTest) records(b spool.Batch) int {
	records, _, _ := s.Read(b, everything)
	return len(records)
}

func TestTheMaximumCostsTheOldestRecordsOfTheConfigurationWithTheMost(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, maximum)
		working, dead := batch("working", "a"), batch("dead", "b")
		s.add(working, numbers(0, 100)...)
		const total = 20000 // several times the maximum
		for n := range total {
			s.add(dead, numbers(n, n+1)...)
			if bytes := s.Bytes(); bytes > maximum {
				t.Fatalf("%d bytes are kept", bytes)
			}
		}
		s.expect(working, numbers(0, 100)...)
		kept := s.records(dead)
		s.expect(dead, numbers(total-kept, total)...)
		s.expectLost(map[string]int{"b: " + spool.Full: total - kept})
		if bytes := s.Bytes(); bytes < maximum*3/4 {
			t.Errorf("only %d bytes are kept", bytes)
		}
		if dir != "" {
			_ = s.Close()
			if bytes := bytesOnDisk(t, dir); bytes > maximum {
				t.Errorf("%d bytes are on the disk", bytes)
			}
			s.open()
			s.expect(working, numbers(0, 100)...)
			s.expect(dead, numbers(total-kept, total)...)
		}
	})
}

// Many small records of many rooms need more memory than their bytes.
func TestBatchesCountForTheMaximum(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, maximum)
		for room := range 10000 {
			s.add(batch("configuration", fmt.Sprint("room", room)), "{}")
		}
		if n := len(s.Pending()); n < 1000 || n > maximum/512 {
			t.Errorf("%d batches are kept", n)
		}
	})
}

func TestPositionsCountAlsoAfterRecordsWereDropped(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		s.add(b, numbers(0, 2000)...)
		limits := everything
		limits.Records = 1000
		_, through, _ := s.Read(b, limits)
		s.add(b, numbers(2000, 10000)...) // so that those which were read are dropped
		kept := s.records(b)
		s.Remove(b, through)
		s.expect(b, numbers(10000-kept, 10000)...)
	})
}

func TestOneRecordThatIsLargerThanTheMaximumIsLost(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1)
		s.add(batch("configuration", "room"), "{}", "{}")
		s.expectLost(map[string]int{"room: " + spool.Full: 2})
		if n := s.Bytes(); n != 0 {
			t.Errorf("%d bytes are kept", n)
		}
	})
}

func TestASmallerMaximumAfterARestartIsObeyed(t *testing.T) {
	s := open(t, t.TempDir(), maximum)
	b := batch("configuration", "room")
	s.add(b, numbers(0, 2000)...)
	s.config.Bytes = maximum / 4
	s.reopen()
	kept := s.records(b)
	s.expect(b, numbers(2000-kept, 2000)...)
	s.expectLost(map[string]int{"room: " + spool.Full: 2000 - kept})
	if bytes := s.Bytes(); bytes > maximum/4 || bytes < maximum/16 {
		t.Errorf("%d bytes are kept", bytes)
	}
}

// Records of one room are never delivered. Those of 499 others are, in the same segments.
func TestRecordsOfOneRoomAreKeptWhileThoseOfOthersPassThrough(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, dir, maximum)
			defer s.Close()
			stuck := batch("configuration", "stuck")
			const windows, rooms = 100, 20
			for window := range windows {
				s.add(later(stuck, window), numbers(window, window+1)...)
				for room := range rooms {
					s.add(later(batch("configuration", fmt.Sprint("room", room)), window), numbers(0, 20)...)
				}
				for room := range rooms {
					b := later(batch("configuration", fmt.Sprint("room", room)), window)
					s.Remove(b, s.through(b))
				}
				time.Sleep(2 * time.Second) // the background goroutine works meanwhile
				synctest.Wait()
			}
			for window := range windows {
				s.expect(later(stuck, window), numbers(window, window+1)...)
			}
			s.expectLost(map[string]int{})
			if dir == "" {
				return
			}
			if bytes := bytesOnDisk(t, dir); bytes > maximum {
				t.Errorf("%d bytes are on the disk", bytes)
			}
			s.reopen()
			for window := range windows {
				s.expect(later(stuck, window), numbers(window, window+1)...)
			}
			if n := len(s.Pending()); n != windows {
				t.Errorf("%d batches are pending, want %d", n, windows)
			}
			_ = s.Close()
		})
	})
}

// A segment is deleted when all of its records were removed, and windows of a destination that works do not stay.
func TestAConfigurationWhoseRecordsAreDeliveredNeedsLittleSpace(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		for window := range 200 {
			s.add(later(b, window), numbers(0, 10)...)
			s.Remove(later(b, window-1), s.through(later(b, window-1))) // which is always over
			if bytes := s.Bytes(); bytes > 20<<10 {
				t.Fatalf("%d bytes are kept", bytes)
			}
		}
		s.expectLost(map[string]int{})
	})
}

func TestManyWindowsThatAreNotDeliveredShareFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 4*maximum)
	for window := range 500 {
		s.add(later(batch("configuration", "room"), window), "{}")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("there are %d files: %v", len(files), err)
	}
}
