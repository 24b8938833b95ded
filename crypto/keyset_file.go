package crypto

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/tink/go/insecurecleartextkeyset"
	"github.com/google/tink/go/keyset"
	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/ivschat-local/ivschat-local/internal/secretfile"
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

// checkRegular refuses a path that is something else than a file. There need not be one.
func checkRegular(path string) error {
	err := secretfile.CheckRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, isSystem := errors.AsType[*fs.PathError](err); isSystem {
		return fmt.Errorf("read the keys: %w", err)
	}
	return err
}

// protect makes sure that only the owner can read the keys.
func (k *Keyring) protect(f *os.File, before fs.FileInfo) {
	secretfile.File{
		Path: k.path, Secret: "the keys of chat tokens", Logger: k.logger,
		Renew: "move the file away, and create a new key with ivschat-local keys create",
	}.Protect(f, before)
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
	if err := secretfile.Rename(f.Name(), k.path); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return nil
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
