package store_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// sampleDatabase returns the content of a database file with a hundred rooms, and the rooms in the
// order of their list.
func sampleDatabase(t *testing.T) (file []byte, rooms []ivschat.Room) {
	t.Helper()
	s := onDisk(t)
	for i, id := range numberedIDs("room", 100) {
		r := newFullRoom(id)
		r.Name, r.UpdateTime = fmt.Sprint("number ", i), newRoom(id, i).UpdateTime
		rooms = append(rooms, r)
	}
	s.createRooms(rooms...)
	must(t, s.Close())
	slices.Reverse(rooms)
	return readDatabase(t, s.dir), rooms
}

// checkRooms returns an error unless the store has exactly these rooms, one by one and in the list.
func checkRooms(s *store.Store, rooms []ivschat.Room) error {
	for _, want := range rooms {
		if got, err := s.Room(ctx, want.ARN); err != nil || !reflect.DeepEqual(got, want) {
			return fmt.Errorf("a room is %+v (%w), want %+v", got, err, want)
		}
	}
	listed, _, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: largeLimit})
	if err != nil || !reflect.DeepEqual(listed, rooms) {
		return fmt.Errorf("the list has %d rooms (%w): %s", len(listed), err, idsOf(listed))
	}
	return nil
}

// openDamaged opens a copy of the damaged file. Either the store passes the check, or Open returns an
// error that names the file, and does not change the file.
func openDamaged(t *testing.T, what string, damaged []byte, check func(*store.Store) error) (refused bool) {
	t.Helper()
	return openDamagedIn(t, t.TempDir(), what, damaged, check)
}

// openDamagedIn is openDamaged in a directory that can be used many times.
func openDamagedIn(
	t *testing.T, dir, what string, damaged []byte, check func(*store.Store) error,
) (refused bool) {
	t.Helper()
	must(t, os.WriteFile(databasePath(dir), damaged, 0o600))
	s, err := store.Open(dir)
	if err == nil {
		if err := check(s); err != nil {
			t.Errorf("%s: it opens, but %v", what, err)
		}
		must(t, s.Close())
		return false
	}
	if !strings.Contains(err.Error(), databasePath(dir)) {
		t.Errorf("%s: the error does not name the file: %v", what, err)
	}
	if !bytes.Equal(readDatabase(t, dir), damaged) {
		t.Errorf("%s: the file was refused (%v), but changed", what, err)
	}
	return true
}

func TestAFileThatIsNotADatabaseIsRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"an empty file":  "",
		"a line of text": "these are my rooms\n",
		"much text":      strings.Repeat("these are my rooms\n", 9000),
		"only 0":         string(make([]byte, 1<<16)),
		"only 255":       strings.Repeat("\xff", 1<<16),
	} {
		if !openDamaged(t, name, []byte(content), func(*store.Store) error { return nil }) {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestATruncatedFileIsRefusedUnlessNothingIsMissing(t *testing.T) {
	t.Parallel()
	file, rooms := sampleDatabase(t)
	check := func(s *store.Store) error { return checkRooms(s, rooms) }
	if openDamaged(t, "the whole file", file, check) {
		t.Error("the whole file does not open")
	}
	refused := 0
	for size := 1; size < len(file); size += 4096 / 2 {
		for _, size := range []int{size - 1, size, size + 100} {
			if size < len(file) && openDamaged(t, fmt.Sprint("the first ", size, " bytes"), file[:size], check) {
				refused++
			}
		}
	}
	if refused < 20 {
		t.Errorf("only %d truncated files were refused", refused)
	}
}
