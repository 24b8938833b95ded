package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A diskStore is a store on disk with a hundred rooms.
type diskStore struct {
	*Store
	t    *testing.T
	path string // of the file
}

func newDiskStore(t *testing.T) *diskStore {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var rooms []ivschat.Room
	for i := range 100 {
		rooms = append(rooms, roomOf(someOwner, fmt.Sprint("room", i)))
	}
	if err := s.Replace(t.Context(), "", ivschat.Resources{Rooms: rooms}); err != nil {
		t.Fatal(err)
	}
	return &diskStore{s, t, filepath.Join(dir, File)}
}

// do fails the test at an error.
func (s *diskStore) do(errs ...error) {
	s.t.Helper()
	if err := errors.Join(errs...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *diskStore) read() error {
	_, err := s.Resources(s.t.Context(), "")
	return err
}

func (s *diskStore) write() error {
	return s.DeleteRoom(s.t.Context(), roomOf(someOwner, "room50").ARN)
}

// put writes over the file from the offset on.
func (s *diskStore) put(offset int, content []byte) error {
	file, err := os.OpenFile(s.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(content, int64(offset))
	return errors.Join(err, file.Close())
}

// content returns the bytes of the file.
func (s *diskStore) content() []byte {
	s.t.Helper()
	all, err := os.ReadFile(s.path)
	s.do(err)
	return all
}

// used returns the number of bytes until the end of the last page.
func (s *diskStore) used() int64 {
	s.t.Helper()
	newest, _, err := s.file.newestMeta()
	s.do(err)
	return int64(newest.pages) * int64(s.file.pageSize)
}

// check fails the test unless the error is about the file and begins with this problem.
func (s *diskStore) check(what string, err error, problem string) {
	s.t.Helper()
	want := s.path + " " + problem
	if _, ok := errors.AsType[*FileError](err); !ok || !strings.HasPrefix(err.Error(), want) {
		s.t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

const (
	wasChanged   = "was changed by another program while it was in use: " + startAgain
	wasTruncated = "was truncated while it was in use: " + startAgain
)

func TestAReadOfADamagedFileReturnsAnErrorAndTheFileStaysBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		damage func(s *diskStore) error
		want   string
	}{
		"emptied": {
			func(s *diskStore) error { return os.Truncate(s.path, 0) },
			"cannot be read any more (EOF): " + startAgain,
		},
		"only the meta pages are left": {
			func(s *diskStore) error { return os.Truncate(s.path, 2*int64(s.file.pageSize)) }, wasTruncated,
		},
		"the last byte is missing": {
			func(s *diskStore) error { return os.Truncate(s.path, s.used()-1) }, wasTruncated,
		},
		"no meta page is left": {
			func(s *diskStore) error { return s.put(0, make([]byte, 2*s.file.pageSize)) }, wasChanged,
		},
		"an older state": {
			func(s *diskStore) error {
				older := s.content()
				return errors.Join(s.write(), s.put(0, older))
			}, wasChanged,
		},
		"a newer state": {
			func(s *diskStore) error {
				empty := func(*bolt.Tx) error { return nil }
				return errors.Join(s.db.Update(empty), s.db.Update(empty))
			}, wasChanged,
		},
		"no page but the meta pages, which a write finds": {
			func(s *diskStore) error {
				data := bytes.Repeat([]byte{0xff}, int(s.used())-2*s.file.pageSize)
				err := s.put(2*s.file.pageSize, data)
				s.do(s.read())
				s.check("the write", s.write(), "was damaged while it was in use (")
				return err
			}, "was damaged while it was in use (",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDiskStore(t)
			before := s.content()
			s.do(s.Check(), test.damage(s))
			s.check("a read", s.read(), test.want)
			_, err := s.Room(t.Context(), roomOf(someOwner, "room7").ARN)
			s.check("another read", err, test.want)
			s.do(os.Truncate(s.path, int64(len(before))), s.put(0, before))
			s.check("a read after the repair", s.read(), test.want)
			s.check("a write after the repair", s.write(), test.want)
			s.check("the check", s.Check(), test.want)
		})
	}
}

func TestAFileThatWasCutBehindItsLastPageIsIntact(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	s.do(os.Truncate(s.path, s.used()), s.Check(), s.read(), s.write())
}

// While a commit is written, only the other meta page is intact.
func TestAReadNeedsOneIntactMetaPageAndAWriteNeedsBoth(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	older := int(s.file.committed.Load()+1) % 2
	s.do(s.put(older*s.file.pageSize, make([]byte, s.file.pageSize)), s.read(), s.Check())
	s.check("a write", s.write(), wasChanged)
	s.check("the check after the write", s.Check(), wasChanged)
}

// A read can find a commit that has not been acknowledged yet.
func TestACommitThatHasJustBeenWrittenIsNoDamage(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	s.do(s.db.Update(func(*bolt.Tx) error { return nil }), s.Check(), s.read())
}

// The system may report only at the end that what was written is not on the disk.
func TestAfterACommitThatWasWrittenButFailedOthersSucceed(t *testing.T) {
	t.Parallel()
	for _, written := range []bool{false, true} {
		s := newDiskStore(t)
		for range 2 {
			if written {
				s.do(s.db.Update(func(*bolt.Tx) error { return nil }))
			}
			const want = "cannot be written (the disk is broken): " +
				"the change was not stored; free space, for instance, and try again"
			isWritten, err := s.file.failed(errRead)
			s.check("the commit", err, want)
			if isWritten != written {
				t.Errorf("it is written: %t, want %t", isWritten, written)
			}

			s.check("the check", s.Check(), want)
		}
		s.do(s.read(), s.write(), s.Check())
	}
}

func TestAFileThatIsOverwrittenDuringACommitThatFailsIsBroken(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	older := s.content()
	s.do(s.write(), s.put(0, older))
	_, err := s.file.failed(errRead)
	s.check("the commit", err, "cannot be written (the disk is broken)")
	s.check("a read", s.read(), wasChanged)
}

func TestAFileThatIsGoneIsAnErrorThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(s *diskStore) error{
		"was deleted while it was in use: put it back, or take a snapshot to keep its rooms and " +
			"start ivschat-local again with an empty database": func(s *diskStore) error {
			return os.Rename(s.path, s.path+"-moved")
		},
		"was replaced by another file while it was in use: " +
			"start ivschat-local again, which checks the data directory": func(s *diskStore) error {
			other := s.content()
			return errors.Join(os.Remove(s.path), os.WriteFile(s.path, other, 0o600))
		},
	} {
		s := newDiskStore(t)
		moved := s.path + "-open" // so that the system does not give its number to the new file
		s.do(os.Link(s.path, moved), change(s), s.read())
		s.check("a write", s.write(), want)
		s.check("the check", s.Check(), want)
		s.do(os.Rename(moved, s.path), s.Check(), s.write())
	}
}

func TestTheReasonForAFailedReadIsGivenWithoutThePath(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	directory, err := os.Open(t.TempDir())
	s.do(err)
	defer directory.Close()
	_, err = directory.ReadAt(make([]byte, 1), 0)
	reason, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		t.Fatal(err)
	}
	s.file.open = directory
	s.check("a read", s.read(), fmt.Sprintf("cannot be read any more (%v): %s", reason.Err, startAgain))
}

// The file is truncated after it was checked.
func TestAFileThatIsTruncatedDuringAWriteIsAnError(t *testing.T) {
	t.Parallel()
	truncate := func(s *diskStore) func(*bolt.Tx) error {
		return func(*bolt.Tx) error { return os.Truncate(s.path, 2*int64(s.file.pageSize)) }
	}
	s := newDiskStore(t)
	err := s.update(t.Context(), func(d *draft) error {
		d.inFile(truncate(s))
		return remove(d, rooms, roomOf(someOwner, "room50").ARN)
	})
	s.check("a write", err, wasTruncated)
	s = newDiskStore(t)
	err = s.update(t.Context(), func(d *draft) error {
		err := remove(d, rooms, roomOf(someOwner, "room50").ARN)
		d.inFile(truncate(s))
		return err
	})
	s.check("a commit", err, "was truncated while it was in use")
}

func TestACallAfterTheEndOfAStoreReturnsAnError(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		disk, memory := newDiskStore(t).Store, smallMemoryStore(t)
		for _, s := range []*Store{disk, memory} {
			if err := errors.Join(s.Close(), s.Check()); err != nil {
				t.Fatal(err)
			}
			if err := call(t, s); !errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
	}
}

// The file is replaced between the check of its pages and the opening.
func TestAFileThatChangesDuringTheOpeningIsAnErrorAndIsClosed(t *testing.T) {
	t.Parallel()
	for want, root := range map[string]func(meta metaBlock) uint64{
		"runtime error: ":     func(meta metaBlock) uint64 { return meta.pages }, // which is behind the end
		"invalid page type: ": func(meta metaBlock) uint64 { return meta.freelist },
	} {
		whole, other := newDiskStore(t), newDiskStore(t)
		f, id := pageFile{file: other.content()[:other.used()]}, other.file.committed.Load()%2
		block := f.page(id).bytes[pageHeader:]
		meta, _ := parseMeta(block)
		binary.NativeEndian.PutUint64(block[16:], root(meta))
		f.sign(id)
		whole.do(whole.Close(), other.Close(), os.WriteFile(other.path, f.file, 0o600))
		var opened *os.File
		s, err := open(whole.path, bolt.Options{
			OpenFile: func(_ string, flag int, mode os.FileMode) (file *os.File, err error) {
				opened, err = os.OpenFile(other.path, flag, mode)
				return opened, err
			},
		})
		if s != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := opened.Stat(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: the file is not closed (%v)", want, err)
		}
	}
}

func TestANewDatabaseIsTheOnlyFileInItsDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	for range 2 { // the second time, another process was faster
		if err := create(path); err != nil {
			t.Fatal(err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || files[0].Name() != File {
			t.Errorf("the directory has %v (%v)", files, err)
		}
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if run, err := s.NextRun(t.Context()); err != nil || run > 1 {
			t.Errorf("the run is %d (%v)", run, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// As on a file system without links.
func TestAFileThatBboltCreatesIsOnlyForItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), File)
	s, err := open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o177 != 0 && os.PathSeparator == '/' {
		t.Errorf("the mode is %v (%v)", info.Mode(), err)
	}
}

func TestAnEmptyFileIsRefusedAsDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	want := path + " is damaged or not a database of ivschat-local (the file is empty); the file was not changed: " +
		"restore it from a backup, or move it away to start with an empty database"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestALockOfBboltWithAnotherTypeIsNotTaken(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	defer func() {
		if p, want := recover(), "bbolt's mmaplock is a sync.RWMutex"; p != want {
			t.Errorf("got the panic %v, want %s", p, want)
		}
	}()
	lockOf(s.db, "mmaplock")
}
