package store_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// sample gives the file of a store with a hundred rooms, in their order.
func sample(t *testing.T) (file []byte, rooms []ivschat.Room) {
	t.Helper()
	b := onDisk(t)
	for i, id := range names("room", 100) {
		r := fullRoom(id)
		r.Name, r.UpdateTime = fmt.Sprint("number ", i), room(id, i).UpdateTime
		rooms = append(rooms, r)
	}
	b.createRooms(rooms...)
	// bbolt can do without the latest of its two meta pages, at the price of
	// the latest change. Opening once more makes that a change of no matter.
	b.reopen()
	must(t, b.Close())
	slices.Reverse(rooms)
	return contentOf(t, b.dir), rooms
}

// intact reports whether every room is there and as it was, also in the list.
func intact(s *store.Store, rooms []ivschat.Room) error {
	for _, want := range rooms {
		if got, err := s.Room(ctx, want.ARN); err != nil || !reflect.DeepEqual(got, want) {
			return fmt.Errorf("a room is %+v (%w), not %+v", got, err, want)
		}
	}
	if listed, _, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: plenty}); err != nil || !reflect.DeepEqual(listed, rooms) {
		return fmt.Errorf("the list has %d rooms (%w): %s", len(listed), err, idsOf(listed))
	}
	return nil
}

// tryOpen opens a copy of the damaged file, which must either pass the check
// or be refused by its name and left as it is.
func tryOpen(t *testing.T, what string, damaged []byte, check func(*store.Store) error) (refused bool) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(database(dir), damaged, 0o600))
	s, err := store.Open(dir)
	if err == nil {
		if err := check(s); err != nil {
			t.Errorf("%s: it opens, but %v", what, err)
		}
		must(t, s.Close())
		return false
	}
	if !strings.Contains(err.Error(), database(dir)) {
		t.Errorf("%s: the error does not name the file: %v", what, err)
	}
	if !bytes.Equal(contentOf(t, dir), damaged) {
		t.Errorf("%s: the file was refused (%v) and changed", what, err)
	}
	return true
}

func TestWhatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"an empty file":   "",
		"a line of text":  "these are my rooms\n",
		"much text":       strings.Repeat("these are my rooms\n", 9000),
		"nothing but 0":   string(make([]byte, 1<<16)),
		"nothing but 255": strings.Repeat("\xff", 1<<16),
	} {
		if !tryOpen(t, name, []byte(content), func(*store.Store) error { return nil }) {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestAFileThatIsCutOffIsRefusedUnlessNothingIsMissing(t *testing.T) {
	t.Parallel()
	file, rooms := sample(t)
	all := func(s *store.Store) error { return intact(s, rooms) }
	if tryOpen(t, "the whole file", file, all) {
		t.Error("the whole file does not open")
	}
	refused := 0
	for size := 1; size < len(file); size += 4096 / 2 {
		for _, size := range []int{size - 1, size, size + 100} {
			if size < len(file) && tryOpen(t, fmt.Sprint("the first ", size, " bytes"), file[:size], all) {
				refused++
			}
		}
	}
	if refused < 20 {
		t.Errorf("only %d cuts were refused", refused)
	}
}

func TestAFlippedByteInARecordIsFoundAtTheStart(t *testing.T) {
	t.Parallel()
	file, rooms := sample(t)
	var records []int // where each starts; some are former ones, which do not matter
	for at := 0; ; {
		i := bytes.Index(file[at:], []byte(`{"arn":"arn:aws:ivschat`))
		if i < 0 {
			break
		}
		records = append(records, at+i)
		at += i + 1
	}
	random, refused := rand.New(rand.NewPCG(1, 2)), 0
	for i := range 150 {
		at := records[len(records)*i/150] + random.IntN(200) - 5 // the header is in front
		damaged := bytes.Clone(file)
		damaged[at] ^= byte(1 + random.IntN(255))
		if tryOpen(t, fmt.Sprint("byte ", at), damaged, func(s *store.Store) error { return intact(s, rooms) }) {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("only %d flips were refused", refused)
	}
}

func TestAFlippedByteAnywhereNeverMakesARoomWrong(t *testing.T) {
	t.Parallel()
	file, rooms := sample(t)
	var used []int // much of the file is empty
	for at, b := range file {
		if b != 0 {
			used = append(used, at)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		at := used[len(used)*i/200+random.IntN(len(used)/200)]
		damaged := bytes.Clone(file)
		damaged[at] ^= byte(1 + random.IntN(255))
		tryOpen(t, fmt.Sprint("byte ", at), damaged, func(s *store.Store) error { return intact(s, rooms) })
	}
}
