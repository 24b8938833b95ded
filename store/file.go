package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"
)

// What happens to the file while it is in use
//
// A user can delete, replace, truncate or overwrite the file while the program runs (decision D48).
// bbolt does not notice: it keeps the file open and has it in memory. A deleted file takes writes that
// are then lost, and memory of a truncated file cannot be read.
//
// So the file is checked before each write, and after each commit, before that is acknowledged. Reads are
// answered from memory. Most of them check it, too, so that they fail in the same way, see Store.view.
//
// checkContent is about what was opened: its size, and whether its newest meta page is that of our last
// commit. If it fails, the store is broken for good: only a start checks everything. checkPath is about the
// name: whether it still is that of the open file. A file that was moved can come back, so this is checked
// again each time.
//
// What is damaged between a check and a transaction makes that panic: see begin and store.

// A file is the file of an open database. Its zero value is for a store without a file. Only a shared one can be
// broken.
type file struct {
	// Static.
	path     string // "" without a file
	open     *os.File
	info     fs.FileInfo // of open
	pageSize int

	committed atomic.Uint64             // the last transaction that was committed
	unwritten atomic.Pointer[FileError] // why the last commit failed, nil if it did not
	broken    atomic.Pointer[FileError] // set once; in a shared store until the log was loaded again
}

// A FileError says why a database cannot be used any more.
type FileError struct {
	Path    string
	Problem string // without the path
	advice  string
}

const changed = "was changed by another program while it was in use" // a problem

// What a user can do about a FileError.
const (
	startAgain = "start ivschat-local again, which checks the data directory"
	saveFirst  = "put it back, or take a snapshot to keep its rooms and start ivschat-local again " +
		"with an empty database"
)

// Error returns the path, the problem and what to do.
func (e *FileError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Path, e.Problem, e.advice)
}

// withoutPath returns the reason for an error of the system.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// newFile returns the file of a database, which bbolt has opened.
func newFile(path string, opened *os.File, db *bolt.DB) (*file, error) {
	f := &file{open: opened}
	var err error
	if f.path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	if f.info, err = opened.Stat(); err != nil {
		return nil, err
	}
	f.pageSize = db.Info().PageSize
	return f, db.View(func(tx *bolt.Tx) error {
		f.committed.Store(uint64(tx.ID()))
		return nil
	})
}

// The number of intact meta pages that a check demands. While a commit writes one, the other one is intact.
// Between two commits both are, unless the file was overwritten, perhaps during the last commit, which has
// written only one of them.
const (
	atAnyTime      = 1
	betweenCommits = 2
)

// check returns an error if what is written now would be lost.
func (f *file) check(when int) error {
	if err := f.checkContent(when); err != nil {
		return err
	}
	return f.checkPath()
}

func (f *file) checkPath() error {
	if f.path == "" {
		return nil
	}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{f.path, "was deleted while it was in use", saveFirst}
	case err != nil:
		return &FileError{f.path, fmt.Sprintf("cannot be found any more (%v)", withoutPath(err)), startAgain}
	case !os.SameFile(f.info, info):
		return &FileError{f.path, "was replaced by another file while it was in use", startAgain}
	}
	return nil
}

func (f *file) checkContent(when int) error {
	if broken := f.broken.Load(); broken != nil {
		return broken
	}
	if f.path == "" {
		return nil
	}
	first := f.committed.Load()
	newest, intact, err := f.newestMeta()
	// The size is read after the meta page, and the file grows before that is written.
	info, statErr := f.open.Stat()
	switch err := cmp.Or(err, statErr); {
	case errors.Is(err, fs.ErrClosed):
		return nil // bbolt says so
	case err != nil:
		return f.fail(fmt.Sprintf("cannot be read any more (%v)", withoutPath(err)))
	case intact < when:
		return f.fail(changed)
	case uint64(info.Size()) < newest.pages*uint64(f.pageSize):
		return f.fail("was truncated while it was in use")
	case newest.transaction < first || newest.transaction > f.committed.Load()+1:
		return f.fail(changed)
	}
	return nil
}

// newestMeta reads the newest intact meta page, and counts how many are intact. The result is zero if none
// is.
func (f *file) newestMeta() (newest metaBlock, intact int, err error) {
	for id := range 2 {
		var block [metaSize]byte
		if _, err := f.open.ReadAt(block[:], int64(id*f.pageSize+pageHeader)); err != nil {
			return newest, intact, err
		}
		meta, ok := parseMeta(block[:])
		if !ok {
			continue
		}
		if intact++; meta.transaction >= newest.transaction {
			newest = meta
		}
	}
	return newest, intact, nil
}

// fail marks the file as broken, and returns the first reason for that.
func (f *file) fail(problem string) error {
	f.broken.CompareAndSwap(nil, &FileError{f.path, problem, startAgain})
	return f.broken.Load()
}

// panicked returns the error for a panic of bbolt or of what it called.
func (f *file) panicked(p any) error {
	_ = f.checkContent(atAnyTime) // what it finds says more, and is the first reason
	return f.fail(fmt.Sprintf("was damaged while it was in use (%v)", p))
}

// failed returns the error of a commit, with the path, and whether the commit was written, but the system
// does not say that it is on the disk. Later commits can succeed again.
func (f *file) failed(err error) (written bool, _ error) {
	if newest, _, err := f.newestMeta(); err == nil && newest.transaction == f.committed.Load()+1 {
		f.committed.Store(newest.transaction)
		written = true
	}
	failed := &FileError{
		f.path, fmt.Sprintf("cannot be written (%v)", err),
		"the change was not stored; free space, for instance, and try again",
	}
	f.unwritten.Store(failed)
	return written, failed
}

// wrote notes that a transaction was committed.
func (f *file) wrote(transaction uint64) {
	f.committed.Store(transaction)
	f.unwritten.Store(nil)
}
