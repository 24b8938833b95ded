package crypto

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/google/tink/go/aead"
	"github.com/google/tink/go/insecurecleartextkeyset"
	"github.com/google/tink/go/keyset"
	"github.com/google/tink/go/tink"
	"github.com/rogpeppe/go-internal/lockedfile"
)

// KeysetFile is the name of the file that holds the keys, beside the database.
const KeysetFile = "token-keys.json"

// A Keyring is a set of keys of which the primary one seals and every one
// opens. It is safe for concurrent use.
//
// The keys lie in cleartext in a file that only its owner may read. They keep
// the content of tokens from the clients under test, as the real service does;
// they protect nothing of value.
type Keyring struct {
	path    string // of the keyset file, "" when the keys are in memory only
	reading sync.Mutex
	keys    atomic.Pointer[keys]
}

// keys is one state of the keyset file. It never changes.
type keys struct {
	handle *keyset.Handle
	aead   tink.AEAD
	file   fs.FileInfo // nil in memory
}

// A Key tells what may be told of a key.
type Key struct {
	ID      uint32
	Status  string // ENABLED, DISABLED or DESTROYED
	Primary bool   // seals new tokens
}

// NewKeyring makes a keyring with one fresh key that is gone with the process.
func NewKeyring() (*Keyring, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	k := &Keyring{}
	return k, k.use(handle, nil)
}

// OpenKeyring reads the keyset file in the directory and makes it first if
// there is none. A file that cannot be read is left as it is.
func OpenKeyring(dir string) (*Keyring, error) {
	k := &Keyring{path: filepath.Join(dir, KeysetFile)}
	unlock, err := k.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Stat(k.path); errors.Is(err, fs.ErrNotExist) {
		fresh, err := NewKeyring()
		if err != nil {
			return nil, err
		}
		if err := k.write(fresh.keys.Load().handle); err != nil {
			return nil, err
		}
	}
	return k, k.read()
}

// LoadKeyring reads the keyset file in the directory, which must exist.
func LoadKeyring(dir string) (*Keyring, error) {
	k := &Keyring{path: filepath.Join(dir, KeysetFile)}
	if _, err := os.Stat(k.path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there are no keys in %s: they are made when ivschat-local first starts with that data directory", dir)
	}
	return k, k.read()
}

// Rotate adds a key to the keyset file and makes it the primary one. Keyrings
// that have the file open, in this process or another, use it from then on.
func (k *Keyring) Rotate(ctx context.Context) (Key, error) {
	if k.path == "" {
		return Key{}, errors.New("keys in memory cannot be rotated")
	}
	unlock, err := k.lock()
	if err != nil {
		return Key{}, err
	}
	defer unlock()
	current, err := k.current(ctx)
	if err != nil {
		return Key{}, err
	}
	manager := keyset.NewManagerFromHandle(current.handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return Key{}, fmt.Errorf("use the new key: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return Key{}, fmt.Errorf("use the new key: %w", err)
	}
	if err := k.write(handle); err != nil {
		return Key{}, err
	}
	return Key{ID: id, Status: "ENABLED", Primary: true}, k.read()
}

// Keys lists the keys, the oldest first.
func (k *Keyring) Keys(ctx context.Context) ([]Key, error) {
	current, err := k.current(ctx)
	if err != nil {
		return nil, err
	}
	info := current.handle.KeysetInfo()
	var list []Key
	for _, key := range info.GetKeyInfo() {
		list = append(list, Key{ID: key.GetKeyId(), Status: key.GetStatus().String(), Primary: key.GetKeyId() == info.GetPrimaryKeyId()})
	}
	return list, nil
}

// current gives the keys as the file has them now: another process may have
// rotated them.
func (k *Keyring) current(ctx context.Context) (*keys, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	loaded := k.keys.Load()
	if loaded.file == nil {
		return loaded, nil
	}
	file, err := os.Stat(k.path)
	if err != nil {
		return nil, fmt.Errorf("look at the keys: %w", err)
	}
	if unchanged(loaded.file, file) {
		return loaded, nil
	}
	k.reading.Lock()
	defer k.reading.Unlock()
	if err := k.read(); err != nil {
		return nil, err
	}
	return k.keys.Load(), nil
}

func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func (k *Keyring) read() error {
	f, err := os.Open(k.path)
	if err != nil {
		return fmt.Errorf("open the keys: %w", err)
	}
	defer f.Close()
	file, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at the keys: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(f))
	if err == nil {
		err = k.use(handle, file)
	}
	if err != nil {
		return fmt.Errorf("%s is damaged or no Tink keyset (%w); it was left as it is: restore it, or move it away to start with new keys, which ends all tokens", k.path, err)
	}
	return nil
}

func (k *Keyring) use(handle *keyset.Handle, file fs.FileInfo) error {
	primitive, err := aead.New(handle)
	if err != nil {
		return err
	}
	k.keys.Store(&keys{handle: handle, aead: primitive, file: file})
	return nil
}

// write replaces the file in one step: whoever reads it sees the old keys or
// the new ones, also after a crash.
func (k *Keyring) write(handle *keyset.Handle) error {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(k.path), KeysetFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer os.Remove(f.Name()) // in vain once it is renamed
	_, err = f.Write(text.Bytes())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := os.Rename(f.Name(), k.path); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return syncDir(filepath.Dir(k.path))
}

// syncDir makes a rename last. Some systems cannot sync a directory; there a
// power cut may bring the old keys back.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	_ = d.Sync()
	return d.Close()
}

// lock keeps two processes from changing the file at once.
func (k *Keyring) lock() (unlock func(), err error) {
	unlock, err = lockedfile.MutexAt(k.path + ".lock").Lock()
	if err != nil {
		return nil, fmt.Errorf("lock the keys: %w", err)
	}
	return unlock, nil
}
