// Package secretfile reads and writes files with secrets, which only their owner may read (decision D49), and files
// that belong to them.
package secretfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// A File is a file with a secret.
type File struct {
	Path    string
	Secret  string // what it has, for messages, such as: the access key
	Renew   string // how to get another secret when the emulator is stopped, for messages
	Maximum int64  // how many bytes it may have
	Public  bool   // there is no secret in it: everyone may read it
	Logger  *slog.Logger
}

// Read returns the content. If there is no such file, the error is fs.ErrNotExist. A symbolic link is refused: with
// one, the emulator could read a file somewhere else.
func (s File) Read() ([]byte, error) {
	text, err := s.read()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Secret, err)
	}
	return text, nil
}

func (s File) read() ([]byte, error) {
	if err := CheckRegular(s.Path); err != nil {
		return nil, err
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s.Protect(f, info)
	return shortfile.ReadAll(f, s.Maximum)
}

// CheckRegular refuses a path that is something else than a file (decision D49). A symbolic link could make the
// emulator use or replace a file somewhere else.
func CheckRegular(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode().Type() == fs.ModeSymlink:
		return fmt.Errorf("%s is a symbolic link: replace it with the file itself", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file, but has the mode %s: move it away", path, info.Mode())
	}
	return nil
}

// Protect makes sure that only the owner can read the file, which is open, and says so if others could. Some file
// systems have no modes.
func (s File) Protect(f *os.File, before fs.FileInfo) {
	const others = 0o077
	if s.Public || before.Mode()&others == 0 || runtime.GOOS == "windows" {
		return
	}
	err := f.Chmod(before.Mode().Perm() &^ others)
	after, statErr := f.Stat()
	if statErr != nil || after.Mode()&others != 0 {
		s.Logger.Warn("others can read "+s.Secret+", and this cannot be changed",
			"file", s.Path, "mode", before.Mode().String(), "error", cmp.Or(err, statErr))
		return
	}
	s.Logger.Warn("others could read "+s.Secret+", so the mode of the file was changed: if someone may have copied it, "+
		"stop the emulator, "+s.Renew,
		"file", s.Path, "mode", after.Mode().String(), "before", before.Mode().String())
}

// Write replaces the file in one step: a reader gets the old content or the new one, and so does the next start after a
// crash. Only one process may write it at a time.
func (s File) Write(text []byte) error {
	if err := s.write(text); err != nil {
		return fmt.Errorf("write %s: %w", s.Secret, err)
	}
	return nil
}

func (s File) write(text []byte) error {
	temporary := s.Path + ".tmp"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) { // a crash has left it
		return err
	}
	mode := fs.FileMode(0o600)
	if s.Public {
		mode = 0o644
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temporary) // fails after the rename, when no such file exists
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return Rename(temporary, s.Path)
}

// Rename renames a file in its directory. A power failure does not undo that, except on systems that cannot sync a
// directory.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	_ = dir.Sync()
	return dir.Close()
}
