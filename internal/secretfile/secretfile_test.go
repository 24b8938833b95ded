package secretfile

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func newFile(t *testing.T) (File, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return File{
		Path: filepath.Join(t.TempDir(), "secret.json"), Secret: "the access key", Maximum: 16,
		Renew:  "remove the file, and the next start makes a new one",
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}, &log
}

func TestWhatWasWrittenIsReadAndOnlyTheOwnerMayReadIt(t *testing.T) {
	file, log := newFile(t)
	if _, err := file.Read(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that does not exist: %v", err)
	}
	if err := os.WriteFile(file.Path+".tmp", []byte("left by a crash"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second"} {
		if err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := file.Read(); string(got) != text || err != nil {
			t.Errorf("read %q (%v), want %q", got, err, text)
		}
	}
	info, err := os.Stat(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the mode is %s", info.Mode())
	}
	if entries, err := os.ReadDir(filepath.Dir(file.Path)); err != nil || len(entries) != 1 {
		t.Errorf("the directory has %v (%v)", entries, err)
	}
	if log.Len() > 0 {
		t.Errorf("the log is %s", log)
	}
}

func TestAFileThatOthersCouldReadGetsAnotherModeAndTheLogSaysSo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	file, log := newFile(t)
	if err := os.WriteFile(file.Path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file.Path, 0o640); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if text, err := file.Read(); string(text) != "secret" || err != nil {
			t.Errorf("read %q (%v)", text, err)
		}
	}
	const want = `msg="others could read the access key, so the mode of the file was changed: if someone may have ` +
		`copied it, stop the emulator, remove the file, and the next start makes a new one" file=`
	if !strings.Contains(log.String(), want) || !strings.Contains(log.String(), "mode=-rw------- before=-rw-r-----") ||
		strings.Count(log.String(), "\n") != 1 {
		t.Errorf("the log is %s", log)
	}
}

func TestWhatIsNotAFileOrTooLongIsRefused(t *testing.T) {
	file, _ := newFile(t)
	expect := func(want string) {
		t.Helper()
		if _, err := file.Read(); err == nil || err.Error() != "read the access key: "+file.Path+want {
			t.Errorf("the error is %v", err)
		}
	}
	if err := os.WriteFile(file.Path, []byte("seventeen bytes !"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(" has more than 16 bytes, which is the maximum")
	link := file.Path + ".link"
	if err := os.Rename(file.Path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(link, file.Path); err != nil {
		t.Skip(err)
	}
	expect(" is a symbolic link: replace it with the file itself")
	if err := os.Remove(file.Path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(file.Path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	expect(" is not a file, but has the mode drwx------: move it away")
	if err := file.Write(nil); err == nil || !strings.HasPrefix(err.Error(), "write the access key: rename ") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Lstat(file.Path + ".tmp"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary file: %v", err)
	}
	file.Path = filepath.Join(file.Path, "missing", "secret.json")
	if err := file.Write(nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}
