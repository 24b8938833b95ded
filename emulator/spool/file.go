package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"syscall"
)

// maxOpen is how many files are open for writing at most. The others are opened when they are written.
const maxOpen = 64

// temporary is added to the name of a file while it is written. A file with such a name is never read.
const temporary = ".new"

var errNotRegular = errors.New("it is not a regular file")

// openDir opens the directory, and makes it if it is missing. It refuses a symbolic link, with which files could be
// somewhere else.
func (s *Spool) openDir() (*os.Root, error) {
	path := s.config.Dir
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a %s: replace it by a directory", path, describe(info.Mode()))
	}
	if err := os.Chmod(path, 0o700); err != nil { // it can be older, or from a backup
		s.config.Logger.Warn("others may be able to read chat logs that are not delivered yet",
			"dir", path, "error", err)
	}
	return os.OpenRoot(path)
}

func describe(mode fs.FileMode) string {
	if mode&fs.ModeSymlink != 0 {
		return "symbolic link"
	}
	return "file"
}

// openFile opens a regular file. It refuses symbolic links.
func openFile(root *os.Root, name string, flag int) (*os.File, error) {
	before, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return root.OpenFile(name, flag, 0)
}

// isMissing reports whether an error of openFile says that a file is not there any more.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotRegular)
}

// A source is where the content of a segment can be read.
type source struct {
	memory *memory  // or
	root   *os.Root // and
	name   string
}

// sourceLocked returns where a segment can be read. What is appended later cannot be read there.
func (s *Spool) sourceLocked(seg *segment) source {
	if seg.inFile {
		return source{root: s.root, name: fileName(seg.number)}
	}
	snapshot := seg.memory
	return source{memory: &snapshot}
}

// open returns a reader. The caller closes it.
func (s source) open() (reader interface {
	io.ReaderAt
	io.Closer
}, err error) {
	if s.memory != nil {
		return s.memory, nil
	}
	return openFile(s.root, s.name, os.O_RDONLY)
}

// createLocked makes the file of a new segment. Its header is written together with the first record.
func (s *Spool) createLocked(seg *segment) error {
	file, err := s.root.OpenFile(fileName(seg.number), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	s.openedLocked(seg, file)
	s.names = true
	return nil
}

// openedLocked notes the open file of a segment, and closes the one that was not used for the longest time if there
// are too many.
func (s *Spool) openedLocked(seg *segment, file *os.File) {
	if len(s.writers) >= maxOpen {
		oldest := s.writers[0]
		for _, other := range s.writers {
			if other.used < oldest.used {
				oldest = other
			}
		}
		s.closeLocked(oldest)
	}
	seg.file = file
	s.writers = append(s.writers, seg)
}

// closeLocked closes the file of a segment, if it is open. What was written is in the cache of the system.
func (s *Spool) closeLocked(seg *segment) {
	if seg.file != nil {
		_ = seg.file.Close()
		seg.file = nil
		s.writers = slices.DeleteFunc(s.writers, func(other *segment) bool { return other == seg })
	}
}

// writeLocked writes at the end of the file of a segment. Nothing is written if it returns an error.
func (s *Spool) writeLocked(seg *segment, data []byte) error {
	if seg.file == nil {
		file, err := openFile(s.root, fileName(seg.number), os.O_RDWR)
		if err != nil {
			return err
		}
		s.openedLocked(seg, file)
	}
	s.uses++
	seg.used = s.uses
	if _, err := seg.file.WriteAt(data, int64(seg.size)); err != nil {
		if seg.file.Truncate(int64(seg.size)) != nil {
			seg.damaged = true // a later entry would be followed by the rest of this one
		}
		return err
	}
	s.dirtyLocked(seg)
	return nil
}

// dirtyLocked lets the background goroutine wait until a segment is on the disk.
func (s *Spool) dirtyLocked(seg *segment) {
	if !seg.dirty {
		seg.dirty = true
		s.dirty = append(s.dirty, seg)
		s.wakeUp()
	}
}

// writeFile writes a file, also to the disk. It replaces an older one.
func writeFile(root *os.Root, name string, content []byte) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// renameFile gives a file another name. It replaces what has that name only if it may.
func renameFile(root *os.Root, from, to string, replace bool) error {
	if _, err := root.Lstat(to); err == nil && !replace {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	}
	return root.Rename(from, to)
}

// syncFile waits until a file is on the disk. The file is opened for that, so that closing the one that is written
// needs no care.
func syncFile(root *os.Root, name string) error {
	file, err := openFile(root, name, os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// syncDir waits until the names of files are on the disk. Windows and some file systems have no such operation.
func syncDir(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}
