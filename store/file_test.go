package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// overwrite writes the content over the file from the offset on, and keeps the rest.
func overwrite(path string, offset int64, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, offset)
	return errors.Join(err, f.Close())
}

// overwriteData overwrites everything but the meta pages with a byte.
func overwriteData(path string, with byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	const metaPages = 2 * 4096
	return overwrite(path, metaPages, bytes.Repeat([]byte{with}, int(info.Size()-metaPages)))
}

// A damageTest is something that can happen to the database of a running program, and what the error says.
type damageTest struct {
	do   func(dir string) error
	want string
}

func damageTests(t *testing.T) map[string]damageTest {
	other := onDisk(t)
	other.createRooms(newRoom("other", 0))
	must(t, other.Close())
	otherFile := readDatabase(t, other.dir)
	return map[string]damageTest{
		"the directory is deleted": {os.RemoveAll, "was deleted"},
		"the directory is moved away": {
			func(dir string) error { return os.Rename(dir, dir+"-moved") }, "was deleted",
		},
		"the file is deleted": {func(dir string) error { return os.Remove(databasePath(dir)) }, "was deleted"},
		"the file is replaced": {
			func(dir string) error {
				path := filepath.Join(dir, "other")
				return errors.Join(os.WriteFile(path, otherFile, 0o600), os.Rename(path, databasePath(dir)))
			}, "was replaced",
		},
		"the file is emptied": {
			func(dir string) error { return os.Truncate(databasePath(dir), 0) }, "cannot be read any more (EOF)",
		},
		"the file is truncated": {
			func(dir string) error { return os.Truncate(databasePath(dir), 3*4096) }, "was truncated",
		},
		"the file is emptied and filled with zeros": {
			func(dir string) error {
				return errors.Join(os.Truncate(databasePath(dir), 0), os.Truncate(databasePath(dir), 1<<20))
			}, "was changed",
		},
		"another database is copied over the file": {
			func(dir string) error { return os.WriteFile(databasePath(dir), otherFile, 0) }, "",
		},
		"the file is overwritten": {
			func(dir string) error { return overwrite(databasePath(dir), 0, make([]byte, 1<<16)) }, "was changed",
		},
		"all but the meta pages is overwritten": {
			func(dir string) error { return overwriteData(databasePath(dir), 0) }, "was damaged",
		},
		"all but the meta pages is overwritten with ones": {
			func(dir string) error { return overwriteData(databasePath(dir), 0xff) }, "was damaged",
		},
	}
}

// createManyRooms creates a hundred rooms in one transaction.
func (s *testStore) createManyRooms() {
	s.t.Helper()
	var rooms []ivschat.Room
	for _, id := range numberedIDs("room", 100) {
		rooms = append(rooms, newFullRoom(id))
	}
	must(s.t, s.Replace(ctx, "", ivschat.Resources{Rooms: rooms}))
}

// checkBroken fails the test unless the error says what happened to the file, with its path.
func checkBroken(t *testing.T, what string, err error, dir, want string) {
	t.Helper()
	failed, ok := errors.AsType[*store.FileError](err)
	if !ok || !strings.Contains(err.Error(), databasePath(dir)) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: the error is %v, want %s", what, err, want)
		return
	}
	if strings.Contains(failed.Problem, dir) {
		t.Errorf("%s: the problem has the path: %s", what, failed.Problem)
	}
}

func TestNothingIsAcknowledgedThatADamagedFileWouldLose(t *testing.T) {
	t.Parallel()
	for name, test := range damageTests(t) {
		for _, read := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, with reads: %t", name, read), func(t *testing.T) {
				t.Parallel()
				s := onDisk(t)
				s.createManyRooms()
				s.use("used", start, start.Add(time.Hour), true)
				must(t, s.Check())
				must(t, test.do(s.dir))
				if read { // is answered with what is stored, or with an error
					_, _ = s.Resources(ctx, "")
					_, _ = s.Room(ctx, newRoom("room050", 0).ARN)
					_, _ = s.TokenUsed(ctx, "used", start.Add(time.Hour))
				}
				for range 2 {
					checkBroken(t, "a write", s.CreateRoom(ctx, newRoom("new", 0), largeLimit), s.dir, test.want)
					_, err := s.UseToken(ctx, "token", start, start.Add(time.Hour))
					checkBroken(t, "the use of a token", err, s.dir, test.want)
					checkBroken(t, "the check", s.Check(), s.dir, test.want)
				}
				_ = s.Close() // returns
			})
		}
	}
}

func TestAFileThatComesBackIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	must(t, os.Rename(s.dir, s.dir+"-moved"))
	checkBroken(t, "a write", s.CreateRoom(ctx, newRoom("a", 0), largeLimit), s.dir, "was deleted")
	must(t, os.Rename(s.dir+"-moved", s.dir))
	must(t, s.Check())
	s.createRooms(newRoom("b", 0))
	s.reopen()
	checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "b")
}

// The damage comes at any moment of a read or a write.
func TestDamageDuringReadsAndWritesEndsNeitherTheProgramNorARequest(t *testing.T) {
	t.Parallel()
	for name, test := range damageTests(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onDisk(t)
			s.createManyRooms()
			stop, enough := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var all sync.WaitGroup
			for worker := range 3 {
				all.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						if i == 5 {
							once.Do(func() { close(enough) })
						}
						_ = s.CreateRoom(ctx, newRoom(fmt.Sprintf("new%d-%d", worker, i), i), 10*largeLimit)
					}
				})
				all.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						_, _, _ = s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: largeLimit})
						_, _ = s.TokenUsed(ctx, "token", start)
					}
				})
			}
			<-enough
			must(t, test.do(s.dir))
			created := 0
			for s.CreateRoom(ctx, newRoom(fmt.Sprint("last", created), 0), 10*largeLimit) == nil {
				created++
			}
			if created > 0 && test.want != "was damaged" { // damage that only a read can notice
				t.Errorf("%d rooms were created after the damage", created)
			}
			close(stop)
			all.Wait()
			_ = s.Close() // returns
		})
	}
}
