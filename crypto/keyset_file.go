package crypto

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/tink/go/insecurecleartextkeyset"
	"github.com/google/tink/go/keyset"
	"github.com/rogpeppe/go-internal/lockedfile"
)

// KeysetFile is the name of the file that holds the keys. It is in the data directory, like the
// database.
const KeysetFile = "token-keys.json"

// A new keyset file is written under a name with this prefix and suffix first.
const (
	temporaryPrefix = KeysetFile + "."
	temporarySuffix = ".tmp"
)

// read reads the file and makes its keys the current ones.
func (k *Keyring) read() error {
	if err := checkRegular(k.path); err != nil {
		return err
	}
	f, err := os.Open(k.path)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	defer f.Close()
	file, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	k.protect(f, file)
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(f))
	if err == nil {
		err = k.use(handle, file)
	}
	if err != nil {
		return fmt.Errorf("%s is damaged or not a Tink keyset (%w); the file was not changed: "+
			"restore it from a backup, or move it away and create a new key with "+
			"ivschat-local keys create --data %s, which makes all chat tokens invalid",
			k.path, err, filepath.Dir(k.path))
	}
	return nil
}

// checkRegular refuses a path that is something else than a file (decision D49). A symbolic link could
// make the emulator use or replace a file somewhere else.
func checkRegular(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the keys: %w", err)
	case info.Mode().Type() == fs.ModeSymlink:
		return fmt.Errorf("%s is a symbolic link: replace it with the file itself", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file, but has the mode %s: move it away", path, info.Mode())
	}
	return nil
}

// protect makes sure that only the owner can read the keys, and says so if others could. Some file systems
// have no modes.
func (k *Keyring) protect(f *os.File, before fs.FileInfo) {
	const others = 0o077
	if before.Mode()&others == 0 || runtime.GOOS == "windows" {
		return
	}
	err := f.Chmod(before.Mode().Perm() &^ others)
	after, statErr := f.Stat()
	if statErr != nil || after.Mode()&others != 0 {
		k.logger.Warn("others can read the keys of chat tokens, and this cannot be changed",
			"file", k.path, "mode", before.Mode().String(), "error", cmp.Or(err, statErr))
		return
	}
	k.logger.Warn("others could read the keys of chat tokens, so the mode of the file was changed: "+
		"if someone may have copied them, stop the emulator, move the file away, and create a new key with "+
		"ivschat-local keys create", "file", k.path, "mode", after.Mode().String(), "before", before.Mode().String())
}

// write replaces the file in one step: a reader gets the old keys or the new ones, and so does the next
// start after a crash.
func (k *Keyring) write(handle *keyset.Handle) error {
	f, err := os.CreateTemp(filepath.Dir(k.path), temporaryPrefix+"*"+temporarySuffix) // mode 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer os.Remove(f.Name()) // fails after the rename, when no such file exists
	err = insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(f))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := os.Rename(f.Name(), k.path); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return syncDir(filepath.Dir(k.path))
}

// removeTemporary removes files with keys that an interrupted write has left. No other write is in
// progress, because of the lock.
func (k *Keyring) removeTemporary() error {
	dir := filepath.Dir(k.path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look for keys that a crash has left: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, temporaryPrefix) || !strings.HasSuffix(name, temporarySuffix) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("remove keys that a crash has left: %w", err)
		}
	}
	return nil
}

// syncDir makes a rename durable. Some systems cannot sync a directory. There, the old keys may be back
// after a power failure.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	_ = d.Sync()
	return d.Close()
}

// lock prevents that two processes, or two keyrings, change the file at the same time. It also cleans up
// after a process that crashed while it had the lock.
func (k *Keyring) lock() (unlock func(), err error) {
	path := k.path + ".lock"
	if err := cmp.Or(checkRegular(path), checkRegular(k.path)); err != nil {
		return nil, err
	}
	unlock, err = lockedfile.MutexAt(path).Lock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no directory %s: ivschat-local makes it, with new keys, when it first "+
			"starts with this data directory", filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("lock the keys: %w", err)
	}
	if err := k.removeTemporary(); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}
