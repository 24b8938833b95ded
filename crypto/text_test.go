package crypto_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

func TestAnErrorAboutTheKeysIsAWholeSentence(t *testing.T) {
	t.Parallel()
	file := func(dir, text string) error {
		return os.WriteFile(filepath.Join(dir, crypto.KeysetFile), []byte(text), 0o600)
	}
	open := func(dir string) error {
		_, err := crypto.OpenKeyring(dir, silent)
		return err
	}
	for name, test := range map[string]struct {
		cause func(dir string) error
		want  string
	}{
		"a rotation in memory": {
			func(string) error {
				k, err := crypto.NewKeyring()
				if err == nil {
					_, err = k.Rotate(t.Context())
				}
				return err
			},
			"keys in memory cannot be rotated: use a data directory",
		},
		"no keys": {
			func(dir string) error {
				_, err := crypto.LoadKeyring(dir, silent)
				return err
			},
			"there are no keys in DIR: ivschat-local creates them when it first starts with this data directory. " +
				"If token-keys.json was lost, restore it from a backup, or create a new key with ivschat-local keys create --data DIR, " +
				"which makes all chat tokens invalid",
		},
		"keys that exist": {
			func(dir string) error {
				if err := open(dir); err != nil {
					return err
				}
				_, err := crypto.CreateKeyring(dir, silent)
				return err
			},
			"DIR/token-keys.json exists: ivschat-local keys rotate adds a key to it",
		},
		"damaged keys": {
			func(dir string) error {
				if err := file(dir, "{}"); err != nil {
					return err
				}
				return open(dir)
			},
			"DIR/token-keys.json is damaged or not a Tink keyset (insecurecleartextkeyset: invalid keyset); the file was not changed: " +
				"restore it from a backup, or move it away and create a new key with ivschat-local keys create --data DIR, " +
				"which makes all chat tokens invalid",
		},
		"a directory in place of the keys": {
			func(dir string) error {
				if err := os.Mkdir(filepath.Join(dir, crypto.KeysetFile), 0o700); err != nil {
					return err
				}
				return open(dir)
			},
			"DIR/token-keys.json is not a file, but has the mode drwx------: move it away",
		},
		"no data directory": {
			func(dir string) error { return open(filepath.Join(dir, "gone")) },
			"there is no directory DIR/gone: ivschat-local makes it, with new keys, when it first starts with this data directory",
		},
		"keys that are lost while they are used": {
			func(dir string) error {
				k, err := crypto.OpenKeyring(dir, silent)
				if err == nil {
					err = os.Remove(filepath.Join(dir, crypto.KeysetFile))
				}
				if err != nil {
					return err
				}
				return k.Check()
			},
			"DIR/token-keys.json was deleted while it was in use: put it back or restore it from a backup",
		},
		"a temporary file that cannot be removed": {
			func(dir string) error {
				if err := os.MkdirAll(filepath.Join(dir, crypto.KeysetFile+".1.tmp", "x"), 0o700); err != nil {
					return err
				}
				return open(dir)
			},
			"remove keys that a crash has left: remove DIR/token-keys.json.1.tmp: directory not empty",
		},
	} {
		dir := t.TempDir()
		err := test.cause(dir)
		if err == nil {
			t.Errorf("%s: there is no error", name)
		} else if got := strings.ReplaceAll(err.Error(), dir, "DIR"); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}
