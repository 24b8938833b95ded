package crypto_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

func TestOnlyTheOwnerMayReadTheKeys(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	dir := t.TempDir()
	k := openKeyring(t, dir)
	for range 2 {
		info, err := os.Stat(filepath.Join(dir, crypto.KeysetFile))
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("the mode is %v (%v)", info.Mode(), err)
		}
		rotate(t, k)
	}
}

func TestWritingKeysLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rotate(t, openKeyring(t, dir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != crypto.KeysetFile && name != crypto.KeysetFile+".lock" {
			t.Errorf("there is %s", name)
		}
	}
}

func TestLoadingKeysThatAreNotThereNamesTheDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := crypto.LoadKeyring(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("it left %v (%v)", entries, err)
	}
}

// damagedKeysets are spoilt in ways that leave the secret in the file.
func damagedKeysets() map[string]string {
	damaged := map[string]string{
		"no JSON":             "these are no keys " + knownKey,
		"nothing":             "",
		"an empty object":     "{}",
		"no keys":             `{"primaryKeyId":7,"key":[]}`,
		"no primary key":      strings.Replace(knownKeyset, `"primaryKeyId":7`, `"primaryKeyId":8`, 1),
		"a bad secret":        strings.Replace(knownKeyset, knownKey, knownKey+"*", 1),
		"a short secret":      strings.Replace(knownKeyset, knownKey, knownKey[:20], 1),
		"a secret as number":  strings.Replace(knownKeyset, `"keyId":7`, `"keyId":"`+knownKey+`"`, 1),
		"an unknown key type": strings.Replace(knownKeyset, "AesGcmKey", "OtherKey", 1),
		"an unknown member":   strings.Replace(knownKeyset, `"status"`, `"`+knownKey+`"`, 1),
		"something behind":    knownKeyset + knownKeyset,
	}
	for i := range knownKeyset {
		damaged[fmt.Sprintf("cut after %d bytes", i)] = knownKeyset[:i]
	}
	return damaged
}

func TestADamagedKeysetIsRefusedByNameAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range damagedKeysets() {
		path := writeKeyset(t, dir, text)
		for _, open := range []func(string) (*crypto.Keyring, error){crypto.OpenKeyring, crypto.LoadKeyring} {
			if _, err := open(dir); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: the error is %v", name, err)
			} else if tells(err.Error()) {
				t.Errorf("%s: the error tells a key: %v", name, err)
			}
		}
		if readFile(t, path) != text {
			t.Fatalf("%s: the file was changed", name)
		}
	}
}

func TestADamagedKeysetIsNotedWhileRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := writeKeyset(t, dir, knownKeyset)
	k := openKeyring(t, dir)
	text := seal(t, k, full())
	writeKeyset(t, dir, "damaged "+knownKeyset)
	_, sealing := k.SealChatToken(ctx, full())
	_, opening := k.OpenChatToken(ctx, text)
	_, rotating := k.Rotate(ctx)
	for _, err := range []error{sealing, opening, rotating} {
		if err == nil || !strings.Contains(err.Error(), path) || tells(err.Error()) {
			t.Errorf("the error is %v", err)
		}
	}
	writeKeyset(t, dir, knownKeyset)
	if !opens(k, text) {
		t.Error("a token does not open after the file was restored")
	}
}

// tells reports whether the text has the known key in it, in any usual form.
func tells(text string) bool {
	secret, err := base64.StdEncoding.DecodeString(knownKey)
	if err != nil {
		panic(err)
	}
	secret = secret[2:] // without the tag and the length of the field
	for _, form := range []string{knownKey[:24], base64.StdEncoding.EncodeToString(secret), fmt.Sprintf("%x", secret), string(secret)} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestNothingThatIsToldOfKeysIsAKey(t *testing.T) {
	t.Parallel()
	k := knownKeyring(t)
	list, _ := keysOf(t, k)
	_, opening := k.OpenChatToken(ctx, knownKey+"#0")
	_, paging := k.OpenPageToken(ctx, knownKey, knownKey)
	for _, told := range []any{list, opening, paging} {
		if tells(fmt.Sprintf("%+v", told)) {
			t.Errorf("%+v tells a key", told)
		}
	}
	if !tells(knownKeyset) {
		t.Error("this test would not notice a key")
	}
}
