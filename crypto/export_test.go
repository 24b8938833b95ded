package crypto

import (
	"bytes"
	"testing"
)

// SealForTest returns the keys of a keyring as they are shared.
func SealForTest(t *testing.T, k *Keyring, cluster, secret string) []byte {
	t.Helper()
	value, err := newSharedKeyring(nil, cluster, secret, nil).shared.seal(
		k.keys.Load().handle, bytes.Repeat([]byte("s"), saltSize))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
