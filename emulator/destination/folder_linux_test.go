package destination

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/limits"
)

func TestAFullDiskTearsNothing(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	to, dir := inFolder(t)
	for kind := range kinds {
		first := deliver(t, to, deliveryOf(kind, "chat", `{"n":1}`))
		before, err := os.ReadFile(first)
		if err != nil {
			t.Fatal(err)
		}
		names := files(t, dir)
		long := deliveryOf(kind, "chat", `{"n":2}`, `"`+strings.Repeat("0123456789", 1000)+`"`)
		limits.With(t, syscall.RLIMIT_FSIZE, 20, func() {
			refuse(t, to, long, Other, "the file "+dir, "file too large", "see whether the disk is full")
		})
		checkFile(t, first, string(before))
		if got := files(t, dir); !slices.Equal(got, names) {
			t.Errorf("the folder has %q", got)
		}
		deliver(t, to, long)
	}
}

func TestAPipeAtThePlaceOfAFileIsAnError(t *testing.T) {
	to, dir := inFolder(t)
	for _, kind := range []Kind{CloudWatchLogs, Firehose} {
		where := deliver(t, to, deliveryOf(kind, "chat", `{}`))
		if err := os.Remove(where); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(where, 0o600); err != nil {
			t.Fatal(err)
		}
		refuse(t, to, deliveryOf(kind, "chat", `{}`), Other, where, "it is not a regular file")
	}
	d := deliveryOf(S3, "chat", `{}`)
	path := filepath.Join(dir, "s3", "chat", filepath.FromSlash(d.key()))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path+".tmp", 0o600); err != nil {
		t.Fatal(err)
	}
	deliver(t, to, d) // replaces it
}

func TestFewFilesAreOpenAfterManyDeliveries(t *testing.T) {
	to, _ := inFolder(t)
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := open()
	for i := range 20 {
		for kind := range kinds {
			deliver(t, to, deliveryOf(kind, "chat"+strings.Repeat("x", i), `{}`))
		}
	}
	if after := open(); after > before+10 { // other tests may run
		t.Errorf("%d files are open, %d more", after, after-before)
	}
}

func TestCapitalLettersStayInNamesOfFiles(t *testing.T) {
	to, dir := inFolder(t)
	deliver(t, to, deliveryOf(Firehose, "Chat", `{}`))
	checkFile(t, filepath.Join(dir, "firehose", "Chat.jsonl"), "{}\n")
}
