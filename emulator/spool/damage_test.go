package spool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// smallSpool writes a spool with two rooms in one file, of which some records were removed. It returns the directory,
// the path of the file, and the records that each room has.
func smallSpool(t testing.TB) (dir, path string, rooms map[string][]string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, maximum)
	rooms = map[string][]string{}
	for n := range 10 {
		for _, room := range []string{"a", "b"} {
			text := fmt.Sprintf(`{"room":%q,"n":%d}`, room, n)
			s.add(batch("configuration", room), text)
			rooms[room] = append(rooms[room], text)
		}
		if n == 5 {
			s.Remove(batch("configuration", "a"), s.through(batch("configuration", "a")))
			rooms["a"] = nil
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("there are the files %q: %v", files, err)
	}
	return dir, files[0], rooms
}

// write replaces the content of a file.
func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// readAll opens a spool and returns the texts of all records, by room.
func readAll(t *testing.T, dir string) (s *spoolTest, rooms map[string][]string) {
	t.Helper()
	s, rooms = open(t, dir, maximum), map[string][]string{}
	for _, p := range s.Pending() {
		records, _, _ := s.Read(p.Batch, everything)
		for _, r := range records {
			rooms[p.Room] = append(rooms[p.Room], string(r.Text))
		}
	}
	return s, rooms
}

// isPart reports whether texts are some of all, in their order.
func isPart(texts, all []string) bool {
	for _, text := range texts {
		i := slices.Index(all, text)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// all returns the texts of a room of smallSpool, also those that were removed.
func all(room string) (texts []string) {
	for n := range 10 {
		texts = append(texts, fmt.Sprintf(`{"room":%q,"n":%d}`, room, n))
	}
	return texts
}

func TestOneWrongByteCostsAtMostOneRecord(t *testing.T) {
	dir, path, want := smallSpool(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	headerEnd := strings.Index(string(content), `"}`) + 2
	for at := range content {
		for _, change := range []byte{0x01, 0x80} {
			damaged := slices.Clone(content)
			damaged[at] ^= change
			write(t, path, damaged)
			s, rooms := readAll(t, dir)
			if at < headerEnd {
				if len(rooms) > 0 || !strings.Contains(s.logged(), "left alone") {
					t.Errorf("with another byte %d, there are %v, and the log is %s", at, rooms, s.logged())
				}
				if now, err := os.ReadFile(path); err != nil || !slices.Equal(now, damaged) {
					t.Errorf("with another byte %d, the file was changed: %v", at, err)
				}
				_ = s.Close()
				continue
			}
			missing := 0
			for room := range want {
				if !isPart(rooms[room], all(room)) {
					t.Errorf("with another byte %d, room %s has %q", at, room, rooms[room])
				}
				for _, text := range want[room] {
					if !slices.Contains(rooms[room], text) {
						missing++
					}
				}
			}
			lost := s.lost[": "+spool.Damaged]
			if missing > 1 || lost != 1 && !strings.Contains(s.logged(), "not written completely") {
				t.Errorf("with another byte %d, %d records are missing, and %d are lost: %s", at, missing, lost,
					s.logged())
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAFileThatEndsTooEarlyHasTheRecordsBeforeItsEnd(t *testing.T) {
	dir, path, _ := smallSpool(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := 0
	for size := range content {
		write(t, path, content[:size])
		s, rooms := readAll(t, dir)
		texts := len(rooms["a"]) + len(rooms["b"])
		for room := range rooms {
			if !isPart(rooms[room], all(room)) {
				t.Errorf("with %d bytes, room %s has %q", size, room, rooms[room])
			}
		}
		if texts != before && texts != before+1 && texts != before-6 { // the acknowledgement removes six
			t.Errorf("with %d bytes, there are %d records, and with one less %d", size, texts, before)
		}
		before = texts
		s.expectLost(map[string]int{})
		if size%20 == 0 { // what is appended later is read after a restart, too
			for _, room := range []string{"a", "b"} {
				s.add(batch("configuration", room), "later")
				s.Remove(batch("configuration", room), s.through(batch("configuration", room))-1)
			}
			s.reopen()
			for _, room := range []string{"a", "b"} {
				s.expect(batch("configuration", room), "later")
			}
		}
		_ = s.Close()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageInTheMiddleIsCountedExactly(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, maximum)
	b := batch("configuration", "room")
	s.add(b, numbers(0, 300)...)
	_ = s.Close()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	copy(content[20000:], make([]byte, 8192)) // as if blocks of a disk were lost
	copy(content[40000:], make([]byte, 4096))
	write(t, files[0], content)
	s, rooms := readAll(t, dir)
	if !isPart(rooms["room"], numbers(0, 300)) {
		t.Errorf("the room has %s", summary(rooms["room"]))
	}
	s.expectLost(map[string]int{": " + spool.Damaged: 300 - len(rooms["room"])})
	if n := strings.Count(s.logged(), "is damaged"); n != 1 || !strings.Contains(s.logged(), filepath.Base(files[0])) {
		t.Errorf("the log is %s", s.logged())
	}
}
