package crypto

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/tink/go/aead/subtle"
	"github.com/google/tink/go/keyset"
	"github.com/google/tink/go/tink"
	"golang.org/x/crypto/argon2"
)

// A Shared is one value that several processes share, such as the nodes of a cluster. It is safe for concurrent use.
type Shared interface {
	// Load returns the value and its revision, which grows with each change. The value is nil if there is none.
	Load(ctx context.Context) (value []byte, revision uint64, err error)
	// Create stores a value if there is none, and reports whether it did.
	Create(ctx context.Context, value []byte) (created bool, err error)
	// Update replaces the value if it has this revision, and reports whether it did.
	Update(ctx context.Context, value []byte, revision uint64) (updated bool, err error)
	// Watch calls a function with the value and with each later one, one after another, from another goroutine. It
	// returns before the first call. The value is nil if it was there, and is gone.
	Watch(changed func(value []byte, revision uint64))
}

// The errors of keys that are shared.
var (
	// ErrOtherSecret is the reason if keys were sealed with another secret, or for another cluster.
	ErrOtherSecret = errors.New("the keys of the cluster were encrypted with another secret: give this node the " +
		"--cluster-secret of the other nodes; if nobody knows it, docs/cluster.md says how to make new keys")
	// ErrDamagedKeys is the reason if what is shared are not keys.
	ErrDamagedKeys = errors.New("the keys of the cluster are damaged, or of another version of ivschat-local: " +
		"docs/cluster.md says how to make new keys")
)

// sharedKeys is what a Keyring knows about keys that are shared.
type sharedKeys struct {
	Shared
	purpose []byte // the associated data with which the keys are sealed
	secret  []byte

	asking sync.Mutex // held while it is asked for a key that is not known; guards asked
	asked  time.Time  // when that was

	mu       sync.Mutex // guards what follows
	revision uint64     // of the keys in use
	value    []byte     // the keys in use, sealed
	salt     []byte     // of cipher
	cipher   tink.AEAD  // seals the keys
}

// OpenSharedKeyring loads the keys that are shared, and makes them if there are none: of several processes that do so
// at once, one makes them for all. Changes that another process makes are used as soon as the Shared tells them. The
// keys are sealed with a key that is derived from the secret, for the cluster with this name (decision D94). The error
// is ErrOtherSecret, ErrDamagedKeys, or one of the Shared.
func OpenSharedKeyring(
	ctx context.Context, shared Shared, cluster, secret string, logger *slog.Logger,
) (*Keyring, error) {
	k, err := LoadSharedKeyring(ctx, shared, cluster, secret, logger)
	if errors.Is(err, ErrNoKeys) {
		k, _, err = makeSharedKeyring(ctx, shared, cluster, secret, logger)
	}
	if err != nil {
		return nil, err
	}
	shared.Watch(k.changed)
	return k, nil
}

// CreateSharedKeyring makes keys, and fails if there are some. It does not learn of later changes by other processes.
func CreateSharedKeyring(
	ctx context.Context, shared Shared, cluster, secret string, logger *slog.Logger,
) (*Keyring, error) {
	k, created, err := makeSharedKeyring(ctx, shared, cluster, secret, logger)
	if err == nil && !created {
		err = errors.New("the cluster has keys: ivschat-local keys rotate adds one")
	}
	return k, err
}

// LoadSharedKeyring loads the keys that are shared. If there are none, the error is ErrNoKeys. It does not learn of
// later changes by other processes, unless it is asked to open a token whose key it does not know.
func LoadSharedKeyring(
	ctx context.Context, shared Shared, cluster, secret string, logger *slog.Logger,
) (*Keyring, error) {
	k := newSharedKeyring(shared, cluster, secret, logger)
	return k, k.loadShared(ctx)
}

// newSharedKeyring returns a keyring that has no keys yet.
func newSharedKeyring(shared Shared, cluster, secret string, logger *slog.Logger) *Keyring {
	return &Keyring{logger: logger, shared: &sharedKeys{
		Shared: shared, purpose: []byte("ivschat-local keys of the cluster " + cluster), secret: []byte(secret),
	}}
}

// makeSharedKeyring stores new keys unless there are some, and loads those that there are then. So it does not matter
// whether a process learns that its keys were stored.
func makeSharedKeyring(
	ctx context.Context, shared Shared, cluster, secret string, logger *slog.Logger,
) (k *Keyring, created bool, err error) {
	fresh, err := NewKeyring()
	if err != nil {
		return nil, false, err
	}
	k = newSharedKeyring(shared, cluster, secret, logger)
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	value, err := k.shared.seal(fresh.keys.Load().handle, salt)
	if err != nil {
		return nil, false, err
	}
	if created, err = shared.Create(ctx, value); err != nil {
		return nil, false, fmt.Errorf("store the keys of the cluster: %w", err)
	}
	if created {
		logger.Info("this node has made the keys of the cluster")
	}
	return k, created, k.loadShared(ctx)
}

// fetch returns the keys that are shared now, sealed.
func (s *sharedKeys) fetch(ctx context.Context) (value []byte, revision uint64, err error) {
	value, revision, err = s.Load(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read the keys of the cluster: %w", err)
	}
	if value == nil {
		return nil, 0, fmt.Errorf("%w in the cluster: its first node makes them when it starts", ErrNoKeys)
	}
	return value, revision, nil
}

// loadShared uses the keys that are shared now.
func (k *Keyring) loadShared(ctx context.Context) error {
	value, revision, err := k.shared.fetch(ctx)
	if err != nil {
		return err
	}
	return k.useShared(value, revision)
}

// changed uses keys that another process has shared.
func (k *Keyring) changed(value []byte, revision uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), restoreTime)
	defer cancel()
	err := error(nil)
	switch {
	case value == nil:
		err = k.restore(ctx)
	case k.shared.isEarlier(value, revision):
		err = k.useOthers(ctx)
	default:
		err = k.useShared(value, revision)
	}
	if err != nil {
		k.logger.Error("the keys of the cluster were changed, but cannot be used: this node goes on with those that it has",
			"error", err)
	}
}

// restoreTime is how long restore and useOthers may take.
const restoreTime = 5 * time.Second

// restore shares the keys in use, because there are none any more: someone has deleted them. Otherwise a process that
// starts later would make other ones.
func (k *Keyring) restore(ctx context.Context) error {
	k.shared.mu.Lock()
	salt := k.shared.salt
	k.shared.mu.Unlock()
	value, err := k.shared.seal(k.keys.Load().handle, salt)
	if err != nil {
		return err
	}
	created, err := k.shared.Create(ctx, value)
	if created {
		k.logger.Warn("the keys of the cluster were deleted, and this node has stored them again")
	}
	return errors.Join(err, k.useOthers(ctx))
}

// isEarlier reports whether a value is another one than that in use, and has no later revision.
func (s *sharedKeys) isEarlier(value []byte, revision uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return revision <= s.revision && !bytes.Equal(value, s.value)
}

// useOthers uses the keys that are shared now, also if their revision is not later: it counts from the beginning if
// all keys were deleted.
func (k *Keyring) useOthers(ctx context.Context) error {
	value, revision, err := k.shared.fetch(ctx)
	if err != nil {
		return err
	}
	if k.shared.isEarlier(value, revision) {
		k.shared.mu.Lock()
		k.shared.revision = 0
		k.shared.mu.Unlock()
	}
	return k.useShared(value, revision)
}

// useShared uses keys, unless later ones are in use.
func (k *Keyring) useShared(value []byte, revision uint64) error {
	k.shared.mu.Lock()
	defer k.shared.mu.Unlock()
	if revision <= k.shared.revision {
		return nil
	}
	handle, err := k.shared.openLocked(value)
	if err == nil {
		err = k.use(handle, nil)
	}
	if err == nil {
		k.shared.revision, k.shared.value = revision, bytes.Clone(value)
	}
	return err
}

// rotateShared adds a key to those that are shared.
func (k *Keyring) rotateShared(ctx context.Context) (Key, error) {
	for {
		value, revision, err := k.shared.fetch(ctx)
		if err != nil {
			return Key{}, err
		}
		k.shared.mu.Lock()
		handle, err := k.shared.openLocked(value)
		salt := k.shared.salt
		k.shared.mu.Unlock()
		if err != nil {
			return Key{}, err
		}
		handle, id, err := addKey(handle)
		if err != nil {
			return Key{}, err
		}
		if value, err = k.shared.seal(handle, salt); err != nil {
			return Key{}, err
		}
		updated, err := k.shared.Update(ctx, value, revision)
		if err != nil {
			return Key{}, fmt.Errorf("store the keys of the cluster: %w", err)
		}
		if updated {
			return Key{ID: id, Status: "ENABLED", Primary: true}, k.loadShared(ctx)
		}
	}
}

// askInterval is how often it is asked for keys that are not known, at most. Forged tokens can name any key.
const askInterval = time.Second

// learn reports whether the keyring has got other keys than these, because a token names a key that is not among them:
// another process may have added it a moment ago.
func (k *Keyring) learn(ctx context.Context, from *keys, token []byte) (learnt bool, err error) {
	if k.shared == nil || from.know(token) {
		return false, nil
	}
	k.shared.asking.Lock()
	defer k.shared.asking.Unlock()
	if k.keys.Load() == from && time.Since(k.shared.asked) >= askInterval {
		k.shared.asked = time.Now()
		if err := k.loadShared(ctx); err != nil {
			return false, err
		}
	}
	return k.keys.Load() != from, nil
}

// know reports whether a token names one of the keys. Before the ciphertext, Tink writes 1 and the ID of the key.
func (k *keys) know(token []byte) bool {
	if len(token) < 5 || token[0] != 1 {
		return true // it is not a token
	}
	for _, key := range k.handle.KeysetInfo().GetKeyInfo() {
		if key.GetKeyId() == binary.BigEndian.Uint32(token[1:]) {
			return true
		}
	}
	return false
}

// Keys that are shared are stored as this header, which has the version of the format, the salt, a checksum of
// everything else, and the keyset as Tink encrypts it.
const (
	sharedHeader = "ivschat-local keys v1\n"
	saltSize     = 16
)

// The cost of deriving a key from a secret, which a person may have thought up: the parameters that OWASP's Password
// Storage Cheat Sheet recommends for Argon2id, with 19 MiB of memory.
const (
	deriveTime    = 2
	deriveMemory  = 19 << 10 // KiB
	deriveThreads = 1
)

// cipherLocked returns what seals keys, for a salt.
func (s *sharedKeys) cipherLocked(salt []byte) (tink.AEAD, error) {
	if s.cipher != nil && bytes.Equal(salt, s.salt) {
		return s.cipher, nil
	}
	cipher, err := subtle.NewAESGCM(argon2.IDKey(s.secret, salt, deriveTime, deriveMemory, deriveThreads, sha256.Size))
	if err != nil {
		return nil, fmt.Errorf("derive a key from the secret of the cluster: %w", err)
	}
	s.cipher, s.salt = cipher, bytes.Clone(salt)
	return cipher, nil
}

// seal returns the value to share for keys.
func (s *sharedKeys) seal(handle *keyset.Handle, salt []byte) ([]byte, error) {
	s.mu.Lock()
	cipher, err := s.cipherLocked(salt)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&sealed), cipher, s.purpose); err != nil {
		return nil, fmt.Errorf("encrypt the keys of the cluster: %w", err)
	}
	sum := sharedSum(salt, sealed.Bytes())
	return bytes.Join([][]byte{[]byte(sharedHeader), salt, sum[:], sealed.Bytes()}, nil), nil
}

// openLocked returns the keys in a value that is shared.
func (s *sharedKeys) openLocked(value []byte) (*keyset.Handle, error) {
	rest, isKeys := bytes.CutPrefix(value, []byte(sharedHeader))
	if !isKeys || len(rest) < saltSize+sha256.Size {
		return nil, ErrDamagedKeys
	}
	salt, sum, sealed := rest[:saltSize], rest[saltSize:saltSize+sha256.Size], rest[saltSize+sha256.Size:]
	if want := sharedSum(salt, sealed); !bytes.Equal(sum, want[:]) {
		return nil, ErrDamagedKeys
	}
	cipher, err := s.cipherLocked(salt)
	if err != nil {
		return nil, err
	}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(sealed)), cipher, s.purpose)
	if err != nil {
		return nil, ErrOtherSecret
	}
	return handle, nil
}

func sharedSum(salt, sealed []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte(sharedHeader), salt...), sealed...))
}
