package crypto_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
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
	if _, err := crypto.LoadKeyring(dir, silent); err == nil || !strings.Contains(err.Error(), dir) {
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
		for _, open := range []func(string, *slog.Logger) (*crypto.Keyring, error){
			crypto.OpenKeyring, crypto.LoadKeyring,
		} {
			if _, err := open(dir, silent); err == nil || !strings.Contains(err.Error(), path) {
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

func TestKeysThatOthersCanReadAreProtectedAndTheLogSaysSo(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	for name, open := range map[string]func(string, *slog.Logger) (*crypto.Keyring, error){
		"OpenKeyring": crypto.OpenKeyring, "LoadKeyring": crypto.LoadKeyring,
	} {
		for _, mode := range []os.FileMode{0o604, 0o640, 0o622, 0o666, 0o777, 0o610} {
			path := writeKeyset(t, t.TempDir(), knownKeyset)
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			if _, err := open(filepath.Dir(path), slog.New(slog.NewTextHandler(&log, nil))); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != mode&0o700 {
				t.Errorf("%s: the mode was %v and is %v (%v)", name, mode, info.Mode(), err)
			}
			want := `level=WARN msg="others could read the keys of chat tokens, so the mode of the file was changed: ` +
				"if someone may have copied it, stop the emulator, move the file away, and create a new key with " +
				fmt.Sprintf(`ivschat-local keys create" file=%s mode=%v before=%v`, path, mode&0o700, mode) + "\n"
			if _, line, _ := strings.Cut(log.String(), " "); line != want {
				t.Errorf("%s: the log is\n%swant\n%s", name, line, want)
			}
		}
	}
}

func TestTheLogSaysNothingOfKeysThatOnlyTheOwnerCanRead(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o400, 0o600, 0o700} {
		path := writeKeyset(t, t.TempDir(), knownKeyset)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		if _, err := crypto.OpenKeyring(filepath.Dir(path), slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
		if log.Len() > 0 {
			t.Errorf("with the mode %v, the log is %s", mode, &log)
		}
	}
}

// A symbolic link could make the emulator read or replace a file somewhere else.
func TestASymbolicLinkInPlaceOfTheKeysIsRefused(t *testing.T) {
	t.Parallel()
	calls := map[string]func(string, *slog.Logger) (*crypto.Keyring, error){
		"OpenKeyring": crypto.OpenKeyring, "CreateKeyring": crypto.CreateKeyring, "LoadKeyring": crypto.LoadKeyring,
	}
	for name, open := range calls {
		for _, exists := range []bool{true, false} {
			dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
			if exists {
				target = writeKeyset(t, t.TempDir(), knownKeyset)
			}
			link := filepath.Join(dir, crypto.KeysetFile)
			if err := os.Symlink(target, link); err != nil {
				t.Skip(err) // Windows allows links to few users only
			}
			_, err := open(dir, silent)
			if err == nil || !strings.Contains(err.Error(), link+" is a symbolic link") {
				t.Errorf("%s, a target exists: %t: the error is %v", name, exists, err)
			}
			if _, err := os.Lstat(target); exists != (err == nil) {
				t.Errorf("%s: the target existed: %t, now: %v", name, exists, err)
			}
		}
	}
}

func TestARotationRefusesASymbolicLinkThatReplacedTheKeysOrTheLock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{crypto.KeysetFile, crypto.KeysetFile + ".lock"} {
		dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
		k := openKeyring(t, dir)
		path := filepath.Join(dir, name)
		if err := os.Rename(path, other); err != nil {
			t.Fatal(err)
		}
		before := readFile(t, other)
		if err := os.Symlink(other, path); err != nil {
			t.Skip(err) // Windows allows links to few users only
		}
		if _, err := k.Rotate(ctx); err == nil || !strings.Contains(err.Error(), path+" is a symbolic link") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if readFile(t, other) != before {
			t.Errorf("%s: the target of the link was changed", name)
		}
	}
}

func TestKeysThatAnInterruptedWriteLeftAreRemoved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, string, *crypto.Keyring){
		"the next start":    func(t *testing.T, dir string, _ *crypto.Keyring) { openKeyring(t, dir) },
		"the next rotation": func(t *testing.T, _ string, k *crypto.Keyring) { rotate(t, k) },
		"Clean": func(t *testing.T, _ string, k *crypto.Keyring) {
			if err := k.Clean(); err != nil {
				t.Error(err)
			}
			rotate(t, k) // nothing prevents it
		},
	} {
		dir := t.TempDir()
		k := openKeyring(t, dir)
		left := filepath.Join(dir, crypto.KeysetFile+".123456.tmp")
		backup := filepath.Join(dir, crypto.KeysetFile+".20240229") // of the user
		for _, path := range []string{left, backup} {
			if err := os.WriteFile(path, []byte(knownKeyset), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		change(t, dir, k)
		if _, err := os.Stat(left); err == nil {
			t.Errorf("%s: %s is still there", name, left)
		}
		if readFile(t, backup) != knownKeyset {
			t.Errorf("%s: the backup was changed", name)
		}
	}
}

func TestKeysAreCreatedOnlyIfThereAreNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k, err := crypto.CreateKeyring(dir, silent)
	if err != nil {
		t.Fatal(err)
	}
	text := seal(t, k, full())
	if _, err := crypto.CreateKeyring(dir, silent); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %v", err)
	}
	if !opens(openKeyring(t, dir), text) {
		t.Error("the keys were replaced")
	}
}

// The other keys have the same size and time, as a restored backup can have.
func TestARunningKeyringNoticesAnotherFileOfTheSameSizeAndTime(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	path := writeKeyset(t, dir, knownKeyset)
	k := openKeyring(t, dir)
	text := seal(t, k, full())
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	replacement := writeKeyset(t, other, strings.Replace(knownKeyset, "AAQIDBAU", "AAQIDBAV", 1))
	if err := os.Chtimes(replacement, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(replacement, path); err != nil {
		t.Fatal(err)
	}
	if opens(k, text) {
		t.Error("it still uses the old keys")
	}
}

// A file that has not changed is not read for every token. So damage that leaves the size and the time of
// the file as they are is noticed at the next start only.
func TestARunningKeyringReadsItsFileAgainOnlyWhenTheSizeOrTheTimeHasChanged(t *testing.T) {
	t.Parallel()
	damaged := strings.Replace(knownKeyset, "AesGcmKey", "OtherKeys", 1)
	for name, test := range map[string]struct {
		text  string
		later time.Duration
		reads bool
	}{
		"nothing":  {damaged, 0, false},
		"the time": {damaged, time.Hour, true},
		"the size": {damaged + " ", 0, true},
		"both":     {damaged + " ", time.Hour, true},
	} {
		dir := t.TempDir()
		path := writeKeyset(t, dir, knownKeyset)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		k := openKeyring(t, dir)
		writeKeyset(t, dir, test.text) // into the same file
		changed := info.ModTime().Add(test.later)
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
		if err := k.Check(); (err != nil) != test.reads {
			t.Errorf("%s has changed: the error is %v", name, err)
		}
		if _, err := k.Rotate(ctx); err == nil || !strings.Contains(err.Error(), " is damaged ") {
			t.Errorf("%s has changed: the error of a rotation is %v", name, err)
		}
		if readFile(t, path) != test.text {
			t.Errorf("%s has changed: a rotation wrote to the file", name)
		}
	}
}

func TestAPageTokenDoesNotOpenWithKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := openKeyring(t, dir)
	text := sealPage(t, k, "list", "position")
	if err := os.Remove(filepath.Join(dir, crypto.KeysetFile)); err != nil {
		t.Fatal(err)
	}
	position, err := k.OpenPageToken(ctx, "list", text)
	if position != nil || err == nil || errors.Is(err, ivschat.ErrInvalidToken) {
		t.Errorf("it opens to %q (%v)", position, err)
	}
	if _, err := k.OpenPageToken(ctx, "list", "other"); err == nil || errors.Is(err, ivschat.ErrInvalidToken) {
		t.Errorf("another text: %v", err)
	}
}
