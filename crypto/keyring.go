package crypto

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/google/tink/go/aead"
	"github.com/google/tink/go/keyset"
	"github.com/google/tink/go/tink"
)

// A Keyring is a set of keys. The primary key encrypts, and every key decrypts. A Keyring is safe for
// concurrent use.
//
// The keys are in cleartext in a file that only its owner can read, or encrypted in what several processes share
// (shared.go). They hide the content of tokens from the clients under test, as the real service does, and protect
// nothing valuable.
type Keyring struct {
	path    string      // of the keyset file, "" when the keys are in memory or shared
	shared  *sharedKeys // nil unless they are shared
	logger  *slog.Logger
	reading sync.Mutex // held by current while it reads the file
	keys    atomic.Pointer[keys]
}

// keys is one state of the keyset. It never changes.
type keys struct {
	handle *keyset.Handle
	aead   tink.AEAD
	file   fs.FileInfo // nil without a file
}

// A Key describes a key without its secret.
type Key struct {
	ID      uint32
	Status  string // ENABLED, DISABLED or DESTROYED
	Primary bool   // encrypts new tokens
}

// NewKeyring returns a keyring with one new key, in memory only.
func NewKeyring() (*Keyring, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("create a key: %w", err)
	}
	k := &Keyring{}
	return k, k.use(handle, nil)
}

// OpenKeyring reads the keyset file in the directory, and makes a file with one new key if it does not
// exist. It does not change a file that it cannot read.
func OpenKeyring(dir string, logger *slog.Logger) (*Keyring, error) {
	return openKeyring(dir, logger, func(k *Keyring) error {
		if !k.missing() {
			return nil
		}
		return k.create()
	})
}

// CreateKeyring makes a keyset file with one new key, and fails if there is one.
func CreateKeyring(dir string, logger *slog.Logger) (*Keyring, error) {
	return openKeyring(dir, logger, func(k *Keyring) error {
		if !k.missing() {
			return fmt.Errorf("%s exists: ivschat-local keys rotate adds a key to it", k.path)
		}
		return k.create()
	})
}

// openKeyring reads the keyset file after a function has prepared it. Meanwhile, no other process changes it.
func openKeyring(dir string, logger *slog.Logger, prepare func(*Keyring) error) (*Keyring, error) {
	k := &Keyring{path: filepath.Join(dir, KeysetFile), logger: logger}
	unlock, err := k.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := prepare(k); err != nil {
		return nil, err
	}
	return k, k.read()
}

// ErrNoKeys is the reason if there is no keyset file.
var ErrNoKeys = errors.New("there are no keys")

// LoadKeyring reads the keyset file in the directory. If there is none, the error is ErrNoKeys.
func LoadKeyring(dir string, logger *slog.Logger) (*Keyring, error) {
	k := &Keyring{path: filepath.Join(dir, KeysetFile), logger: logger}
	if k.missing() {
		return nil, fmt.Errorf("%w in %s: ivschat-local creates them when it first starts with this data "+
			"directory. If %s was lost, restore it from a backup, or create a new key with "+
			"ivschat-local keys create --data %[2]s, which makes all chat tokens invalid",
			ErrNoKeys, dir, KeysetFile)
	}
	return k, k.read()
}

// missing reports whether there is no file, not even a symbolic link, under the name of the keyset file.
func (k *Keyring) missing() bool {
	_, err := os.Lstat(k.path)
	return errors.Is(err, fs.ErrNotExist)
}

// create writes a keyset file with a new key.
func (k *Keyring) create() error {
	created, err := NewKeyring()
	if err != nil {
		return err
	}
	return k.write(created.keys.Load().handle)
}

// Rotate adds a key to the keyset file, or to the keys that are shared, and makes it the primary key. From then
// on, all keyrings that have them open use it, also those of other processes. A context that ends while Rotate
// waits for another process prevents the rotation; a rotation that has begun is finished.
func (k *Keyring) Rotate(ctx context.Context) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	if k.shared != nil {
		return k.rotateShared(ctx)
	}
	if k.path == "" {
		return Key{}, errors.New("keys in memory cannot be rotated: use a data directory")
	}
	unlock, err := k.lock()
	if err != nil {
		return Key{}, err
	}
	defer unlock()
	if _, err := k.current(ctx); err != nil {
		return Key{}, err
	}
	// The manager changes the keys that it is given, so they must not be those that are in use.
	changed, err := LoadKeyring(filepath.Dir(k.path), k.logger)
	if err != nil {
		return Key{}, err
	}
	handle, id, err := addKey(changed.keys.Load().handle)
	if err != nil {
		return Key{}, err
	}
	if err := k.write(handle); err != nil {
		return Key{}, err
	}
	return Key{ID: id, Status: "ENABLED", Primary: true}, nil
}

// addKey adds a key, which becomes the primary one.
func addKey(to *keyset.Handle) (handle *keyset.Handle, id uint32, err error) {
	manager := keyset.NewManagerFromHandle(to)
	if id, err = manager.Add(aead.AES256GCMKeyTemplate()); err != nil {
		return nil, 0, fmt.Errorf("create a key: %w", err)
	}
	if err = manager.SetPrimary(id); err == nil {
		handle, err = manager.Handle()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("use the new key: %w", err)
	}
	return handle, id, nil
}

// Keys returns the keys, the oldest first.
func (k *Keyring) Keys(ctx context.Context) ([]Key, error) {
	current, err := k.current(ctx)
	if err != nil {
		return nil, err
	}
	info := current.handle.KeysetInfo()
	var list []Key
	for _, key := range info.GetKeyInfo() {
		list = append(list, Key{
			ID:      key.GetKeyId(),
			Status:  key.GetStatus().String(),
			Primary: key.GetKeyId() == info.GetPrimaryKeyId(),
		})
	}
	return list, nil
}

// Clean removes the keys that an interrupted write of another process has left in the directory.
func (k *Keyring) Clean() error {
	unlock, err := k.lock()
	if err != nil {
		return err
	}
	unlock()
	return nil
}

// Check returns an error if the keys cannot be read now.
func (k *Keyring) Check() error {
	_, err := k.current(context.Background())
	return err
}

// current returns the keys that are in the file now: another process may have rotated them. It returns
// the context's error if the context has ended.
func (k *Keyring) current(ctx context.Context) (*keys, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	loaded := k.keys.Load()
	if loaded.file == nil {
		return loaded, nil
	}
	file, err := os.Lstat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was deleted while it was in use: put it back or restore it from a backup",
			k.path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
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

// use makes the keys of the handle, which were read from the file, the current ones.
func (k *Keyring) use(handle *keyset.Handle, file fs.FileInfo) error {
	primitive, err := aead.New(handle)
	if err != nil {
		return err
	}
	k.keys.Store(&keys{handle: handle, aead: primitive, file: file})
	return nil
}
