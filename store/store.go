package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// File is the name of the database inside the data directory.
const File = "ivschat.db"

// lockTimeout is how long Open waits for another process to close the database. That is long
// enough for a process that is just ending.
const lockTimeout = 500 * time.Millisecond

// A Store holds the data that outlives a request. It is safe for concurrent use.
type Store struct {
	db     *bolt.DB // nil in memory
	file   *file
	writer writer
	index  atomic.Pointer[index] // nil after Close
	used   usedTokens
	log    Log                                                // nil unless the store is shared
	began  atomic.Pointer[func(ivschat.LoggingConfiguration)] // see OnTransition
}

// ErrInUse is the reason if another process has the database open.
var ErrInUse = errors.New("is in use by another process")

// Open opens the database in the directory, and makes both if they do not exist. It fails, and
// changes nothing, when another process has the database open or the database is damaged.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	path := filepath.Join(dir, File)
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, fmt.Errorf("create the database: %w", err)
		}
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("open the database: %s is not a regular file", path)
	case err == nil && info.Size() == 0:
		return nil, damagedError(path, errors.New("the file is empty"))
	}
	s, err := open(path, bolt.Options{Timeout: lockTimeout})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("the data directory %s %w: stop it or choose another directory", dir, ErrInUse)
	case isSystemError(err):
		return nil, fmt.Errorf("open the database: %w", err)
	case errors.Is(err, errNewer):
		return nil, fmt.Errorf("%s was %w", path, err)
	case err != nil:
		return nil, damagedError(path, err)
	}
	removeUnfinished(dir)
	return s, nil
}

// unfinished is the beginning of the names under which create makes a database.
const unfinished = File + ".unfinished"

// removeUnfinished removes the empty databases of first starts that were interrupted. Another process that
// is just creating one does not need it any more, because the caller has the database open.
func removeUnfinished(dir string) {
	entries, _ := os.ReadDir(dir) // what cannot be listed or removed does no harm
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// create makes an empty database under a temporary name and then links it to path. So another
// process never finds an unfinished database there, and neither does the next start after a crash.
// On a file system without links nothing is linked, and bbolt creates the file at path itself.
func create(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), unfinished)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := file.Close(); err != nil {
		return err
	}
	s, err := open(file.Name(), bolt.Options{})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	_ = os.Link(file.Name(), path) // also fails when another process created path first
	return nil
}

// OpenInMemory returns a new store that exists until it is closed or the process ends.
func OpenInMemory() *Store {
	s := &Store{file: &file{}}
	s.index.Store(&index{})
	s.used.used = map[string]bool{}
	return s
}

// isSystemError reports whether the system refused something, for instance to open a file, or to write it
// because its file system is read-only. That says nothing about what is in the file.
func isSystemError(err error) bool {
	_, ok := errors.AsType[syscall.Errno](err)
	return ok
}

func damagedError(path string, err error) error {
	return fmt.Errorf("%s is damaged or not a database of ivschat-local (%w); the file was not changed: "+
		"restore it from a backup, or move it away to start with an empty database", path, err)
}

// open opens the file at path, checks all of it, and reads it.
func open(path string, options bolt.Options) (s *Store, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var db *bolt.DB
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
		if err != nil && db != nil {
			_ = db.Close() // the first error says more
		}
	}()
	if info, statErr := os.Stat(path); statErr == nil && info.Size() > 0 {
		if err := checkPages(path); err != nil {
			return nil, err
		}
	}
	openFile := options.OpenFile
	if openFile == nil {
		openFile = os.OpenFile
	}
	var opened *os.File
	options.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		opened, err = openFile(name, flag, mode)
		return opened, err
	}
	if db, err = bolt.Open(path, 0o600, &options); err != nil {
		return nil, err
	}
	var all *index
	if err := db.View(func(tx *bolt.Tx) (err error) { all, err = load(tx); return err }); err != nil {
		return nil, err
	}
	if err := db.Update(func(tx *bolt.Tx) error { return migrate(tx, all) }); err != nil {
		return nil, err
	}
	s = &Store{db: db}
	s.index.Store(all)
	if err := db.View(s.used.load); err != nil {
		return nil, err
	}
	s.file, err = newFile(path, opened, db)
	return s, err
}

// Check returns a *FileError if what would be stored now would be lost, or if the last write failed
// because of the file. For a shared store, its path is that of no file, and its problem may be that of the log.
func (s *Store) Check() error {
	if err := s.file.check(atAnyTime); err != nil {
		return err
	}
	if unwritten := s.file.unwritten.Load(); unwritten != nil {
		return unwritten
	}
	if s.log != nil {
		return s.checkLog()
	}
	return nil
}

// begin begins a transaction that writes. The caller ends it.
func (s *Store) begin() (tx *bolt.Tx, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			release(s.db)
			err = s.file.panicked(p)
		}
	}()
	return s.db.Begin(true)
}

// view returns the index for a read, or an error if the context has ended or the file is broken.
func (s *Store) view(ctx context.Context) (*index, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.file.checkContent(atAnyTime); err != nil {
		return nil, err
	}
	return s.current()
}

// latest is view for reads that are frequent: it does not look at the file.
func (s *Store) latest(ctx context.Context) (*index, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if broken := s.file.broken.Load(); broken != nil {
		return nil, broken
	}
	return s.current()
}

// current returns the index, or an error if the store was closed.
func (s *Store) current() (*index, error) {
	if x := s.index.Load(); x != nil {
		return x, nil
	}
	return nil, bolterrors.ErrDatabaseNotOpen
}

// Close waits for the write in progress and closes the database. It does not close the log of a shared store.
func (s *Store) Close() error {
	defer s.index.Store(nil)
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}
