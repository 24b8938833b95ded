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

func TestOnlyTheOwnerCanReadTheKeys(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
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

func TestWritingKeysLeavesNoTemporaryFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rotate(t, openKeyring(t, dir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != crypto.KeysetFile && name != crypto.KeysetFile+".lock" {
			t.Errorf("%s was left", name)
		}
	}
}

func TestLoadingMissingKeysNamesTheDirectoryAndWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := crypto.LoadKeyring(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the directory has %v (%v)", entries, err)
	}
}

// damagedKeysets returns damaged keysets. Most of them still contain the secret.
func damagedKeysets() map[string]string {
	damaged := map[string]string{
		"not JSON":             "these are not keys " + knownKey,
		"an empty file":        "",
		"an empty object":      "{}",
		"no keys":              `{"primaryKeyId":7,"key":[]}`,
		"no primary key":       strings.Replace(knownKeyset, `"primaryKeyId":7`, `"primaryKeyId":8`, 1),
		"a bad secret":         strings.Replace(knownKeyset, knownKey, knownKey+"*", 1),
		"a short secret":       strings.Replace(knownKeyset, knownKey, knownKey[:20], 1),
		"a secret as a key ID": strings.Replace(knownKeyset, `"keyId":7`, `"keyId":"`+knownKey+`"`, 1),
		"an unknown key type":  strings.Replace(knownKeyset, "AesGcmKey", "OtherKey", 1),
		"an unknown member":    strings.Replace(knownKeyset, `"status"`, `"`+knownKey+`"`, 1),
		"two keysets":          knownKeyset + knownKeyset,
	}
	for i := range knownKeyset {
		damaged[fmt.Sprintf("cut after %d bytes", i)] = knownKeyset[:i]
	}
	return damaged
}

func TestADamagedKeysetIsRefusedAndTheFileIsNotChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range damagedKeysets() {
		path := writeKeyset(t, dir, text)
		for _, open := range []func(string) (*crypto.Keyring, error){crypto.OpenKeyring, crypto.LoadKeyring} {
			if _, err := open(dir); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: the error is %v", name, err)
			} else if containsKey(err.Error()) {
				t.Errorf("%s: the error contains a key: %v", name, err)
			}
		}
		if readFile(t, path) != text {
			t.Fatalf("%s: the file was changed", name)
		}
	}
}

func TestARunningKeyringReportsADamagedKeyset(t *testing.T) {
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
		if err == nil || !strings.Contains(err.Error(), path) || containsKey(err.Error()) {
			t.Errorf("the error is %v", err)
		}
	}
	writeKeyset(t, dir, knownKeyset)
	if !opens(k, text) {
		t.Error("a token does not open after the file was restored")
	}
}

// containsKey reports whether the text contains the known key in a usual form.
func containsKey(text string) bool {
	secret, err := base64.StdEncoding.DecodeString(knownKey)
	if err != nil {
		panic(err)
	}
	secret = secret[2:] // without the tag and the length of the protobuf field
	for _, form := range []string{
		knownKey[:24], base64.StdEncoding.EncodeToString(secret), fmt.Sprintf("%x", secret), string(secret),
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func TestListsAndErrorsContainNoKey(t *testing.T) {
	t.Parallel()
	k := knownKeyring(t)
	list, _ := keysOf(t, k)
	_, opening := k.OpenChatToken(ctx, knownKey+"#0")
	_, paging := k.OpenPageToken(ctx, knownKey, knownKey)
	for _, shown := range []any{list, opening, paging} {
		if containsKey(fmt.Sprintf("%+v", shown)) {
			t.Errorf("%+v contains a key", shown)
		}
	}
	if !containsKey(knownKeyset) {
		t.Error("this test does not find a key")
	}
}
