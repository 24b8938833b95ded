package crypto

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/tink/go/insecurecleartextkeyset"
	"github.com/google/tink/go/keyset"
	"github.com/rogpeppe/go-internal/lockedfile"
)

// KeysetFile is the name of the file that holds the keys. It is in the data directory, like the
// database.
const KeysetFile = "token-keys.json"

// read reads the file and makes its keys the current ones.
func (k *Keyring) read() error {
	f, err := os.Open(k.path)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	defer f.Close()
	file, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(f))
	if err == nil {
		err = k.use(handle, file)
	}
	if err != nil {
		return fmt.Errorf("%s is damaged or not a Tink keyset (%w); the file was not changed: "+
			"restore it from a backup, or move it away to start with a new key, which makes all chat tokens invalid",
			k.path, err)
	}
	return nil
}

// write replaces the file in one step: a reader gets the old keys or the new ones, and so does the next
// start after a crash.
func (k *Keyring) write(handle *keyset.Handle) error {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(k.path), KeysetFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer os.Remove(f.Name()) // fails after the rename, when no such file exists
	_, err = f.Write(text.Bytes())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := os.Rename(f.Name(), k.path); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return syncDir(filepath.Dir(k.path))
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

// lock prevents that two processes, or two keyrings, change the file at the same time.
func (k *Keyring) lock() (unlock func(), err error) {
	unlock, err = lockedfile.MutexAt(k.path + ".lock").Lock()
	if err != nil {
		return nil, fmt.Errorf("lock the keys: %w", err)
	}
	return unlock, nil
}
