package iam

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var discard = slog.New(slog.DiscardHandler)

func TestAnAccessKeyIsMadeAtTheFirstStartAndKept(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir, account, discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first start: %v", err)
	}
	first, err := Open(dir, account, discard)
	if err != nil {
		t.Fatal(err)
	}
	c := first.All()[0]
	if !regexp.MustCompile(`^LOCAL[A-Z2-7]{15}$`).MatchString(c.AccessKeyID) {
		t.Errorf("the access key is %s", c.AccessKeyID)
	}
	isSecret := regexp.MustCompile(`^[A-Z2-7]{40}$`).MatchString
	if !isSecret(c.SecretAccessKey) || c.SessionToken != "" || !c.Expiration.IsZero() {
		t.Errorf("the caller is %+v", c)
	}
	if c.PrincipalARN != "arn:aws:iam::000000000000:user/"+c.AccessKeyID || len(c.Policies) != 1 ||
		c.Policies[0].Name != "IVSFullAccess" {
		t.Errorf("the caller is %+v", c)
	}
	info, err := os.Stat(filepath.Join(dir, File))
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the file: %v (%v)", info.Mode(), err)
	}
	for name, open := range map[string]func(dir, account string, logger *slog.Logger) (*Callers, error){
		"Open": Open, "Load": Load,
	} {
		second, err := open(dir, account, discard)
		if err != nil || !reflect.DeepEqual(second.All(), first.All()) {
			t.Errorf("%s the second time: %v", name, err)
		}
	}
	other, err := Open(dir, "111122223333", discard) // started with another --account
	if err != nil || other.All()[0].Account != "111122223333" || other.All()[0].AccessKeyID != c.AccessKeyID {
		t.Errorf("in another account: %+v (%v)", other.All()[0], err)
	}
	inMemory, err := Open("", account, discard)
	if err != nil || inMemory.All()[0].AccessKeyID == c.AccessKeyID ||
		inMemory.All()[0].SecretAccessKey == c.SecretAccessKey {
		t.Errorf("another emulator has the same key: %v", err)
	}
}

func TestADamagedAccessKeyIsRefusedAndKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	if err := os.WriteFile(path, []byte(`[{"accessKeyId":"LOCAL1","secretAccess`), 0o600); err != nil {
		t.Fatal(err)
	}
	want := path + " is damaged (line 1: the document is not valid JSON: it ends too early); the file was not changed: " +
		"restore it from a backup, or remove it, and the next start makes a new access key"
	if _, err := Open(dir, account, discard); err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(text), "secretAccess") {
		t.Errorf("the file is %s (%v)", text, err)
	}
}

func TestAnAccessKeyThatCannotBeKeptIsAFailure(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing"), account, discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}
