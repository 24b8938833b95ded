package crypto_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const secret = "correct horse battery"

// memory is a crypto.Shared in memory.
type memory struct {
	mu       sync.Mutex
	value    []byte
	revision uint64
	watchers []func([]byte, uint64)

	loads     int
	away      error // what every call returns
	forgetful bool  // Create and Update do what they should, and return an error
	beforePut func()
}

func (m *memory) Load(context.Context) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	return bytes.Clone(m.value), m.revision, m.away
}

func (m *memory) Create(_ context.Context, value []byte) (bool, error) {
	return m.put(value, func() bool { return m.value == nil })
}

func (m *memory) Update(_ context.Context, value []byte, revision uint64) (bool, error) {
	return m.put(value, func() bool { return m.revision == revision })
}

func (m *memory) put(value []byte, may func() bool) (bool, error) {
	if before := m.beforePut; before != nil {
		m.beforePut = nil
		before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.away != nil:
		return false, m.away
	case !may():
		return false, nil
	}
	m.set(value)
	if m.forgetful {
		return false, errors.New("no answer")
	}
	return true, nil
}

// set replaces the value, and calls those who watch it.
func (m *memory) set(value []byte) {
	m.value, m.revision = bytes.Clone(value), m.revision+1
	for _, changed := range m.watchers {
		changed(m.value, m.revision)
	}
}

func (m *memory) Watch(changed func([]byte, uint64)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers = append(m.watchers, changed)
}

// blind is a Shared whose watchers are never called.
type blind struct{ *memory }

func (blind) Watch(func([]byte, uint64)) {}

func openShared(t *testing.T, shared crypto.Shared) *crypto.Keyring {
	t.Helper()
	k, err := crypto.OpenSharedKeyring(ctx, shared, "chat", secret, silent)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keys(t *testing.T, k *crypto.Keyring) []crypto.Key {
	t.Helper()
	list, err := k.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNodesThatStartAtOnceMakeOneKeyset(t *testing.T) {
	t.Parallel()
	for range 20 {
		shared, nodes := new(memory), make([]*crypto.Keyring, 5)
		var starting sync.WaitGroup
		for i := range nodes {
			starting.Go(func() { nodes[i], _ = crypto.OpenSharedKeyring(ctx, shared, "chat", secret, silent) })
		}
		starting.Wait()
		if shared.revision != 1 {
			t.Errorf("the keys were stored %d times", shared.revision)
		}
		for _, from := range nodes {
			token := seal(t, from, small("u"))
			for _, to := range nodes {
				if !opens(to, token) {
					t.Error("a node does not open the token of another")
				}
			}
		}
	}
}

func TestAKeyThatOneNodeAddsIsUsedByAllAtOnce(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	first, second := openShared(t, shared), openShared(t, shared)
	old, before := seal(t, first, small("u")), shared.value
	added, err := first.Rotate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, changed := range shared.watchers {
		changed(before, 1) // late
	}
	for _, k := range []*crypto.Keyring{first, second} {
		list := keys(t, k)
		if len(list) != 2 || list[1] != added || !added.Primary || list[0].Primary {
			t.Errorf("the keys are %v, want %v at the end", list, added)
		}
		if !opens(k, old) || !opens(k, seal(t, first, small("u"))) || !opensPage(k, "list", sealPage(t, second, "list", "p")) {
			t.Error("a node does not open a token")
		}
	}
}

// For a moment after a rotation, a node may not have heard of the new key.
func TestANodeAsksForAKeyThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	first, late := openShared(t, shared), openShared(t, blind{shared})
	if _, err := first.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	token, page := seal(t, first, small("u")), sealPage(t, first, "list", "p")
	var opening sync.WaitGroup
	for range 10 {
		opening.Go(func() {
			if !opens(late, token) || !opensPage(late, "list", page) {
				t.Error("the token does not open")
			}
		})
	}
	opening.Wait()
}

func TestForgedTokensDoNotMakeANodeAskOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := new(memory)
		k, stranger := openShared(t, shared), newKeyring(t)
		forged, before := seal(t, stranger, small("u")), shared.loads
		for range 100 {
			if _, err := k.OpenChatToken(ctx, forged); !errors.Is(err, ivschat.ErrInvalidToken) {
				t.Errorf("the error is %v", err)
			}
		}
		if n := shared.loads - before; n != 1 {
			t.Errorf("the node asked %d times", n)
		}
		time.Sleep(time.Second)
		_ = opens(k, forged)
		_ = opens(k, "nothing")
		blob, _ := chatText.DecodeString(strings.TrimSuffix(seal(t, k, small("u")), "#0"))
		blob[len(blob)-1]++
		if opens(k, chatText.EncodeToString(blob)+"#0") { // with a key that is known
			t.Error("a changed token is opened")
		}
		if n := shared.loads - before; n != 2 {
			t.Errorf("the node asked %d times, want twice", n)
		}
		time.Sleep(time.Second)
		shared.away = errors.New("away")
		if _, err := k.OpenChatToken(ctx, forged); !errors.Is(err, shared.away) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestKeysOfAnotherSecretOrClusterAreRefused(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	openShared(t, shared)
	before := slices.Clone(shared.value)
	for _, c := range []struct{ cluster, secret string }{{"chat", secret + "!"}, {"other", secret}} {
		for name, open := range map[string]func(context.Context, crypto.Shared, string, string, *slog.Logger) (*crypto.Keyring, error){
			"open": crypto.OpenSharedKeyring, "load": crypto.LoadSharedKeyring, "create": crypto.CreateSharedKeyring,
		} {
			_, err := open(ctx, shared, c.cluster, c.secret, silent)
			if !errors.Is(err, crypto.ErrOtherSecret) || strings.Contains(err.Error(), c.secret) {
				t.Errorf("%s, %v: the error is %v", name, c, err)
			}
		}
	}
	if !bytes.Equal(shared.value, before) {
		t.Error("the keys were changed")
	}
}

func TestSharedKeysThatAreDamagedAreNoticedAndNotReplaced(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	k := openShared(t, shared)
	intact, token := shared.value, seal(t, k, small("u"))
	damaged := [][]byte{{}, []byte("shopping list"), append(slices.Clone(intact), 0)}
	for i := range intact {
		flipped := slices.Clone(intact)
		flipped[i] ^= 0x10
		damaged = append(damaged, flipped, intact[:i])
	}
	for _, value := range damaged {
		other := &memory{value: value, revision: 1}
		if _, err := crypto.OpenSharedKeyring(ctx, other, "chat", secret, silent); !errors.Is(err, crypto.ErrDamagedKeys) {
			t.Errorf("%q: the error is %v", value, err)
		}
		if !bytes.Equal(other.value, value) {
			t.Errorf("%q was changed", value)
		}
		shared.set(value)
	}
	if !opens(k, token) {
		t.Error("a node does not go on with the keys that it has")
	}
	if _, err := k.Rotate(ctx); !errors.Is(err, crypto.ErrDamagedKeys) {
		t.Errorf("rotated: %v", err)
	}
	shared.value = nil
	if _, err := k.Rotate(ctx); !errors.Is(err, crypto.ErrNoKeys) {
		t.Errorf("rotated: %v", err)
	}
}

func TestWhatIsSharedHasNoKeyInClear(t *testing.T) {
	t.Parallel()
	dir, shared := t.TempDir(), new(memory)
	writeKeyset(t, dir, knownKeyset)
	raw, err := base64.StdEncoding.DecodeString(knownKey)
	if err != nil {
		t.Fatal(err)
	}
	value := crypto.SealForTest(t, openKeyring(t, dir), "chat", secret)
	if bytes.Contains(value, raw[2:18]) || bytes.Contains(value, []byte(knownKey)) || bytes.Contains(value, []byte(secret)) {
		t.Errorf("%q has a secret", value)
	}
	shared.set(value)
	if list := keys(t, openShared(t, shared)); len(list) != 1 || list[0].ID != 7 {
		t.Errorf("the keys are %v", list)
	}
}

func TestTwoRotationsAtOnceAddTwoKeys(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	first, second := openShared(t, shared), openShared(t, shared)
	shared.beforePut = func() {
		if _, err := second.Rotate(ctx); err != nil {
			t.Error(err)
		}
	}
	if _, err := first.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	if a, b := keys(t, first), keys(t, second); len(a) != 3 || !slices.Equal(a, b) {
		t.Errorf("the keys are %v and %v", a, b)
	}
}

func TestSharedKeysAreNotUsedWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	shared := &memory{away: away}
	if _, err := crypto.OpenSharedKeyring(ctx, shared, "chat", secret, silent); !errors.Is(err, away) {
		t.Errorf("the error is %v", err)
	}
	shared = &memory{forgetful: true}
	if _, err := crypto.OpenSharedKeyring(ctx, shared, "chat", secret, silent); err == nil {
		t.Error("keys of which it is not known whether they were stored are used")
	}
	openShared(t, shared) // they were
	if shared.revision != 1 {
		t.Error("they were stored twice")
	}
}

func TestSharedKeysAreCreatedOnlyIfThereAreNone(t *testing.T) {
	t.Parallel()
	shared := new(memory)
	if _, err := crypto.LoadSharedKeyring(ctx, shared, "chat", secret, silent); !errors.Is(err, crypto.ErrNoKeys) {
		t.Errorf("the error is %v", err)
	}
	if _, err := crypto.CreateSharedKeyring(ctx, shared, "chat", secret, silent); err != nil {
		t.Error(err)
	}
	_, err := crypto.CreateSharedKeyring(ctx, shared, "chat", secret, silent)
	if err == nil || !strings.Contains(err.Error(), "keys rotate adds one") {
		t.Errorf("the error is %v", err)
	}
	if shared.revision != 1 {
		t.Error("the keys were replaced")
	}
}
