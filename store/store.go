package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// File is the name of the database inside the data directory.
const File = "ivschat.db"

// lockPatience is how long Open waits for another process to let go of the
// database: long enough for one that is just ending.
const lockPatience = 500 * time.Millisecond

// A Store keeps what the service must not forget. It is safe for concurrent
// use.
type Store struct {
	db     *bolt.DB
	writer writer
	rooms  roomCache
}

// Open opens the database in the directory and makes both first if they are
// not there. It fails, and changes nothing, when another process has the
// database open or when it is damaged.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	path := filepath.Join(dir, File)
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, fmt.Errorf("make the database: %w", err)
		}
	case err == nil && info.Size() == 0:
		return nil, damaged(path, errors.New("it is empty"))
	}
	s, err := open(path, &bolt.Options{Timeout: lockPatience})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("the data directory %s is in use by another process: stop that one or choose another directory", dir)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open the database: %w", err)
	case errors.Is(err, errNewer):
		return nil, fmt.Errorf("%s was %w", path, err)
	case err != nil:
		return nil, damaged(path, err)
	}
	return s, nil
}

// create makes an empty database under another name and then links it to the
// path, so that no other process, and no crash, meets half of one. Where there
// are no links it leaves the file to be made in place.
func create(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), File+".new*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := file.Close(); err != nil {
		return err
	}
	s, err := open(file.Name(), nil)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	_ = os.Link(file.Name(), path) // fails, too, when another process was faster
	return nil
}

// OpenInMemory makes a store that is gone with the process.
func OpenInMemory() (*Store, error) {
	s, err := open("", &bolt.Options{
		NoSync:         true,
		NoFreelistSync: true,
		NoGrowSync:     true,
		OpenFile:       func(string, int, os.FileMode) (*os.File, error) { return anonymousFile("ivschat-local") },
	})
	if err != nil {
		return nil, fmt.Errorf("make a database in memory: %w", err)
	}
	return s, nil
}

func damaged(path string, why error) error {
	return fmt.Errorf("%s is damaged or no database of ivschat-local (%w); it was left as it is: restore it, or move it away to start afresh", path, why)
}

// open opens the file (or, without a path, what options have) and reads it
// through. In a damaged file bbolt panics or reads beyond the end, which is
// turned into an error here, before anything is served from it.
func open(path string, options *bolt.Options) (s *Store, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var db *bolt.DB
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
		if err != nil && db != nil {
			_ = db.Close() // what is wrong with it is known already
		}
	}()
	if db, err = bolt.Open(path, 0o600, options); err != nil {
		return nil, err
	}
	if err := db.View(func(tx *bolt.Tx) error { return inspect(tx, path) }); err != nil {
		return nil, err
	}
	return &Store{db: db}, db.Update(migrate)
}

// view runs read in a transaction that changes nothing, unless the context has ended.
func (s *Store) view(ctx context.Context, read func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.View(read)
}

// Close closes the database once what is under way has ended.
func (s *Store) Close() error { return s.db.Close() }
