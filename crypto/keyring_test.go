package crypto_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

func keysOf(t testing.TB, k *crypto.Keyring) (list []crypto.Key, primary uint32) {
	t.Helper()
	list, err := k.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	primaries := 0
	for _, key := range list {
		if key.Primary {
			primaries, primary = primaries+1, key.ID
		}
		if key.Status != "ENABLED" {
			t.Errorf("the key %d is %s", key.ID, key.Status)
		}
	}
	if primaries != 1 {
		t.Errorf("%d keys are primary in %v", primaries, list)
	}
	return list, primary
}

func rotate(t testing.TB, k *crypto.Keyring) crypto.Key {
	t.Helper()
	key, err := k.Rotate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTokensOpenAfterTheKeysAreReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := seal(t, openKeyring(t, dir), full())
	if !opens(openKeyring(t, dir), text) {
		t.Error("a token does not open after OpenKeyring")
	}
	loaded, err := crypto.LoadKeyring(dir, silent)
	if err != nil || !opens(loaded, text) {
		t.Errorf("a token does not open after LoadKeyring (%v)", err)
	}
}

func TestRotationAddsAKeyAndTheOldKeysStillOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := openKeyring(t, dir)
	var texts []string
	for n := 1; n <= 4; n++ {
		list, primary := keysOf(t, k)
		if len(list) != n || list[n-1].ID != primary {
			t.Errorf("with %d keys, the keys are %v", n, list)
		}
		texts = append(texts, seal(t, k, full()))
		for i, text := range texts {
			if !opens(k, text) || !opens(openKeyring(t, dir), text) {
				t.Errorf("with %d keys, a token of key %d does not open", n, i+1)
			}
		}
		added := rotate(t, k)
		if _, now := keysOf(t, k); now != added.ID || now == primary || !added.Primary || added.Status != "ENABLED" {
			t.Errorf("Rotate returned %+v, but %d is primary after %d", added, now, primary)
		}
	}
}

// A keyring with the old keys cannot open a token that was sealed after the rotation.
func TestNewTokensAreSealedWithTheNewKey(t *testing.T) {
	t.Parallel()
	dir, oldDir := t.TempDir(), t.TempDir()
	k := openKeyring(t, dir)
	writeKeyset(t, oldDir, readFile(t, filepath.Join(dir, crypto.KeysetFile)))
	rotate(t, k)
	old := openKeyring(t, oldDir)
	if opens(old, seal(t, k, full())) || opensPage(old, "l", sealPage(t, k, "l", "p")) {
		t.Error("the old key opens a new token")
	}
}

func TestARunningKeyringNoticesARotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rotating, running := openKeyring(t, dir), openKeyring(t, dir)
	for range 3 {
		added := rotate(t, rotating)
		if !opens(running, seal(t, rotating, full())) {
			t.Error("it does not open a token that the new key sealed")
		}
		if _, primary := keysOf(t, running); primary != added.ID {
			t.Errorf("%d is primary, not %d", primary, added.ID)
		}
	}
}

func TestARunningKeyringSealsWithTheNewKey(t *testing.T) {
	t.Parallel()
	dir, oldDir := t.TempDir(), t.TempDir()
	rotating, running := openKeyring(t, dir), openKeyring(t, dir)
	writeKeyset(t, oldDir, readFile(t, filepath.Join(dir, crypto.KeysetFile)))
	rotate(t, rotating)
	text := seal(t, running, full()) // the first call after the rotation
	if opens(openKeyring(t, oldDir), text) {
		t.Error("it still seals with the old key")
	}
	if !opens(rotating, text) {
		t.Error("the token that it sealed does not open")
	}
}

func TestAKeyringInMemoryHasOneKey(t *testing.T) {
	t.Parallel()
	if list, _ := keysOf(t, newKeyring(t)); len(list) != 1 {
		t.Errorf("the keys are %v", list)
	}
}

func TestConcurrentRotationsLoseNoKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var keyrings []*crypto.Keyring
	for range 3 {
		k := openKeyring(t, dir)
		keyrings = append(keyrings, k, k) // two goroutines share each
	}
	const rotations = 8
	var all sync.WaitGroup
	texts := make(chan string, len(keyrings)*rotations)
	for _, k := range keyrings {
		all.Go(func() {
			for range rotations {
				_, err := k.Rotate(ctx)
				text, sealing := k.SealChatToken(ctx, full())
				_, listing := k.Keys(ctx)
				if err := errors.Join(err, sealing, listing); err != nil {
					t.Error(err)
				}
				texts <- text
			}
		})
	}
	all.Wait()
	close(texts)
	k, distinct := openKeyring(t, dir), map[uint32]bool{}
	list, _ := keysOf(t, k)
	for _, key := range list {
		distinct[key.ID] = true
	}
	if len(list) != 1+len(keyrings)*rotations || len(distinct) != len(list) {
		t.Errorf("got %d keys with %d different IDs", len(list), len(distinct))
	}
	for text := range texts {
		if !opens(k, text) {
			t.Error("a token does not open")
		}
	}
}

func TestConcurrentFirstStartsMakeOneKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := crypto.OpenKeyring(dir, silent); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if list, _ := keysOf(t, openKeyring(t, dir)); len(list) != 1 {
		t.Errorf("the keys are %v", list)
	}
}
