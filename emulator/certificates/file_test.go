package certificates

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// open opens the authority in a directory. It also returns what the log has.
func open(t *testing.T, dir string, others ...string) (a *Authority, log string, err error) {
	t.Helper()
	var buffer bytes.Buffer
	a, err = Open(dir, NewNames("us-east-1", others...), slog.New(slog.NewTextHandler(&buffer, nil)))
	return a, buffer.String(), err
}

// mustOpen is open for an authority that is opened without a word in the log.
func mustOpen(t *testing.T, dir string, others ...string) *Authority {
	t.Helper()
	a, log, err := open(t, dir, others...)
	if err != nil || log != "" {
		t.Fatalf("%v %s", err, log)
	}
	return a
}

func TestTheNextStartHasTheSameAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	first := mustOpen(t, dir, "chat.test")
	second := mustOpen(t, dir) // with fewer names
	if !bytes.Equal(first.PEM(), second.PEM()) || !belong(first.certificate, second.key) {
		t.Error("there are two authorities")
	}
	if ask(t, second, "chat.test") != nil {
		t.Error("there is a certificate for a name that was left out")
	}
	text, err := os.ReadFile(first.File())
	if err != nil || !bytes.Equal(text, first.PEM()) {
		t.Errorf("the file is %s, and its error %v", text, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for file, mode := range map[string]os.FileMode{CertificateFile: 0o644, KeyFile: 0o600} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}

func TestProcessesThatStartAtTheSameTimeHaveTheSameAuthority(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	texts := make([]string, 20)
	for i := range texts {
		group.Go(func() {
			a, err := Open(dir, NewNames("us-east-1"), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			texts[i] = string(a.PEM())
		})
	}
	group.Wait()
	for _, text := range texts {
		if text != texts[0] {
			t.Fatal("there are two authorities")
		}
	}
}

// A crash can only leave the key, since it is made first.
func TestAStartThatWasInterruptedIsRepeated(t *testing.T) {
	dir := t.TempDir()
	first := mustOpen(t, dir)
	if err := os.Remove(first.File()); err != nil {
		t.Fatal(err)
	}
	second := mustOpen(t, dir)
	if err := verify(first.PEM(), ask(t, second, "localhost").Leaf, "localhost"); err != nil {
		t.Errorf("the key is another one: %v", err)
	}
}

func TestAnAuthorityForMoreNamesPermitsTheOldOnesToo(t *testing.T) {
	dir := t.TempDir()
	first := mustOpen(t, dir, "old.test", "10.0.0.1")
	second, log, err := open(t, dir, "new.test", "10.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"level=WARN", "trust it again", "new.test 10.0.0.2", first.File()} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not have %q: %s", want, log)
		}
	}
	if strings.Contains(log, "old.test") {
		t.Errorf("the log has a name that is not new: %s", log)
	}
	third := mustOpen(t, dir, "old.test", "new.test", "10.0.0.1", "10.0.0.2")
	for _, host := range []string{"old.test", "new.test", "localhost"} {
		if err := verify(third.PEM(), ask(t, third, host).Leaf, host); err != nil {
			t.Errorf("a client that trusts the new authority does not accept %s: %v", host, err)
		}
	}
	for _, host := range []string{"10.0.0.1", "10.0.0.2"} {
		if err := verify(third.PEM(), ask(t, third, "").Leaf, host); err != nil {
			t.Errorf("a client that trusts the new authority does not accept %s: %v", host, err)
		}
	}
	if !bytes.Equal(second.PEM(), third.PEM()) {
		t.Error("the authority was replaced without need")
	}
	if err := verify(first.PEM(), ask(t, third, "localhost").Leaf, "localhost"); err != nil {
		t.Errorf("a client that trusts the old authority does not accept an old name: %v", err)
	}
	if err := verify(first.PEM(), ask(t, third, "new.test").Leaf, "new.test"); err == nil {
		t.Error("a client that trusts the old authority accepts a new name")
	}
}

func TestAnAuthorityThatEndsSoonIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := mustOpen(t, dir)
		time.Sleep(authorityLifetime - backdated - leafLifetime)
		if got := mustOpen(t, dir); !bytes.Equal(got.PEM(), first.PEM()) {
			t.Error("the authority was replaced early")
		}
		time.Sleep(time.Second)
		second, log, err := open(t, dir)
		if err != nil || !strings.Contains(log, "ends soon") || bytes.Equal(first.PEM(), second.PEM()) {
			t.Errorf("%v %s", err, log)
		}
		time.Sleep(leafLifetime)
		if err := verify(second.PEM(), ask(t, second, "localhost").Leaf, "localhost"); err != nil {
			t.Error(err)
		}
	})
}

// mkcert makes such an authority. Someone may want that one to be used, because the machine trusts it.
func TestAnAuthorityWithoutConstraintsIsKept(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	free := *a.certificate
	free.PermittedDNSDomains, free.PermittedIPRanges, free.ExtraExtensions = nil, nil, nil
	text := certificatePEM(sign(t, &free, &free, a.key.Public(), a.key))
	if err := os.WriteFile(a.File(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	b := mustOpen(t, dir, "chat.test")
	if !bytes.Equal(b.PEM(), text) {
		t.Error("it was replaced")
	}
	if err := verify(text, ask(t, b, "chat.test").Leaf, "chat.test"); err != nil {
		t.Error(err)
	}
}

func TestDamagedFilesAreRefusedAndKept(t *testing.T) {
	other := mustOpen(t, t.TempDir())
	otherKey, err := os.ReadFile(filepath.Join(filepath.Dir(other.File()), KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	leaf := certificatePEM(ask(t, other, "localhost").Leaf)
	for name, test := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"an empty key":          {KeyFile, nil, "it has no -----BEGIN PRIVATE KEY-----"},
		"a certificate as key":  {KeyFile, other.PEM(), "it has no private key, but a block of the type CERTIFICATE"},
		"the key of another":    {KeyFile, otherKey, "it does not belong to the key in ca-key.pem"},
		"half a key":            {KeyFile, otherKey[:len(otherKey)/2], "it has no -----BEGIN PRIVATE KEY-----"},
		"a long key":            {KeyFile, bytes.Repeat([]byte("x"), maximumBytes+1), "more than 1048576 bytes"},
		"a wrong key":           {KeyFile, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "is damaged"},
		"an empty certificate":  {CertificateFile, nil, "it has no -----BEGIN CERTIFICATE-----"},
		"a key as certificate":  {CertificateFile, otherKey, "it has no certificate, but a block of the type PRIVATE KEY"},
		"another certificate":   {CertificateFile, other.PEM(), "it does not belong to the key in ca-key.pem"},
		"that of a server":      {CertificateFile, leaf, "it is not that of a certificate authority"},
		"a damaged certificate": {CertificateFile, bytes.Replace(other.PEM(), []byte("MII"), []byte("MIM"), 1), "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mustOpen(t, dir)
			path := filepath.Join(dir, test.file)
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := open(t, dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("the error is %v", err)
			}
			if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, test.content) {
				t.Errorf("the file was changed: %q %v", left, err)
			}
		})
	}
}

func TestACertificateWithoutItsKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir)
	if err := os.Remove(filepath.Join(dir, KeyFile)); err != nil {
		t.Fatal(err)
	}
	want := "its key " + filepath.Join(dir, KeyFile) + " is missing"
	if _, _, err := open(t, dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
}

func TestAKeyThatOthersCanReadIsProtected(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes")
	}
	dir := t.TempDir()
	mustOpen(t, dir)
	path := filepath.Join(dir, KeyFile)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, log, err := open(t, dir)
	info, statErr := os.Stat(path)
	if err != nil || statErr != nil || info.Mode() != 0o600 ||
		!strings.Contains(log, "others could read the key of the certificate authority") ||
		!strings.Contains(log, "stop the emulator, run ivschat-local trust uninstall, and ") {
		t.Errorf("%v %v %v %s", err, statErr, info.Mode(), log)
	}
}

func TestASymbolicLinkIsRefused(t *testing.T) {
	for _, file := range []string{KeyFile, CertificateFile} {
		dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "file")
		mustOpen(t, dir)
		path := filepath.Join(dir, file)
		if err := os.Rename(path, elsewhere); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, path); err != nil {
			t.Skip(err)
		}
		if _, _, err := open(t, dir); err == nil || !strings.Contains(err.Error(), path+" is a symbolic link") {
			t.Errorf("the error is %v", err)
		}
	}
}
