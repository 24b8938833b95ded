package destination

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// inFolder returns the Deliverer of a folder that does not exist yet.
func inFolder(t testing.TB) (to Deliverer, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "chat-logs")
	return deliverer(t, Config{Folder: dir}), dir
}

// files returns the files below a directory, with slashes.
func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return names
}

// checkFile checks the content of a file.
func checkFile(t *testing.T, path, want string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil || string(content) != want {
		t.Errorf("%s has %q, %v, want %q", path, content, err, want)
	}
}

func TestAFolderHasAFileOfEachKind(t *testing.T) {
	to, dir := inFolder(t)
	object := deliveryOf(S3, "chat", `{"a":1}`, `{"b":2}`)
	for _, test := range []struct {
		d    Delivery
		file string
	}{
		{object, "s3/chat/" + object.key()},
		{deliveryOf(CloudWatchLogs, "ivs/chat", `{"a":1}`, `{"b":2}`),
			"cloudwatch-logs/ivs/chat/aws/IVSChatLogs/1.0/room_AbCdEfGhIjKl.jsonl"},
		{deliveryOf(Firehose, "chat", `{"a":1}`, `{"b":2}`), "firehose/chat.jsonl"},
	} {
		where := deliver(t, to, test.d)
		if where != filepath.Join(dir, filepath.FromSlash(test.file)) {
			t.Errorf("got %s, want %s", where, test.file)
		}
		content, err := os.ReadFile(where)
		if err == nil && test.d.Place.Kind == S3 {
			content = []byte(unzip(t, content))
		}
		if err != nil || string(content) != "{\"a\":1}\n{\"b\":2}\n" {
			t.Errorf("got %q, %v", content, err)
		}
	}
	if n := len(files(t, dir)); n != 3 {
		t.Errorf("the folder has %q", files(t, dir))
	}
}

func TestChatLogsAreOnlyForTheirOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	to, dir := inFolder(t)
	for kind := range kinds {
		deliver(t, to, deliveryOf(kind, "a/b", `{}`))
	}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, _ error) error {
		info, err := entry.Info()
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700 | fs.ModeDir
		}
		if err != nil || info.Mode() != want {
			t.Errorf("%s has the mode %v, %v", path, info.Mode(), err)
		}
		return nil
	})
}

func TestRecordsAreAppendedToTheirStream(t *testing.T) {
	for kind := range kinds {
		if kind == S3 {
			continue
		}
		to, _ := inFolder(t)
		deliver(t, to, deliveryOf(kind, "chat", `{"n":1}`))
		checkFile(t, deliver(t, to, deliveryOf(kind, "chat", `{"n":2}`, `{"n":3}`)),
			"{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
	}
}

func TestASecondDeliveryReplacesItsObject(t *testing.T) {
	to, dir := inFolder(t)
	d := deliveryOf(S3, "chat", `{"n":1}`)
	first := deliver(t, to, d)
	if second := deliver(t, to, d); second != first || len(files(t, dir)) != 1 {
		t.Errorf("the folder has %q", files(t, dir))
	}
}

func TestALineThatAKilledProgramHasTornIsCutOff(t *testing.T) {
	torn := strings.Repeat("x", 100_000)
	for before, want := range map[string]string{
		"":                                     "",
		"{}\n":                                 "{}\n",
		"{\"a":                                 "",
		"{}\n{\"a":                             "{}\n",
		"{}\n{}\n" + torn:                      "{}\n{}\n",
		torn:                                   "",
		strings.Repeat("{}\n", 50_000):         strings.Repeat("{}\n", 50_000),
		"{}\n" + strings.Repeat("x", 64<<10-1): "{}\n",
		"{}\n" + strings.Repeat("x", 64<<10):   "{}\n",
		"{}\n" + strings.Repeat("x", longestTorn-4): "{}\n",
	} {
		to, dir := inFolder(t)
		path := filepath.Join(dir, "firehose", "chat.jsonl")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		deliver(t, to, deliveryOf(Firehose, "chat", `{"n":1}`))
		checkFile(t, path, want+"{\"n\":1}\n")
	}
}

func TestAFileThatHasNoLinesIsNotChanged(t *testing.T) {
	to, _ := inFolder(t)
	where := deliver(t, to, deliveryOf(Firehose, "chat", `{}`))
	for _, length := range []int{longestTorn, longestTorn + 64<<10} {
		content := "{}\n" + strings.Repeat("x", length)
		if err := os.WriteFile(where, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		refuse(t, to, deliveryOf(Firehose, "chat", `{}`), Other, where, "it has no lines of chat logs at its end")
		checkFile(t, where, content)
	}
}

func TestWhatAKilledProgramHasLeftOfAnObjectIsReplaced(t *testing.T) {
	to, dir := inFolder(t)
	d := deliveryOf(S3, "chat", `{"n":1}`)
	where := deliver(t, to, d)
	if err := os.Rename(where, where+".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(where+".tmp", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	deliver(t, to, d)
	if got := files(t, dir); !slices.Equal(got, []string{"s3/chat/" + d.key()}) {
		t.Errorf("the folder has %q", got)
	}
	if content, err := os.ReadFile(where); err != nil || unzip(t, content) != "{\"n\":1}\n" {
		t.Errorf("got %q, %v", content, err)
	}
}

func TestAFolderThatIsDeletedIsMadeAgain(t *testing.T) {
	to, dir := inFolder(t)
	for kind := range kinds {
		for range 2 {
			where := deliver(t, to, deliveryOf(kind, "chat", `{}`))
			if _, err := os.Stat(where); err != nil {
				t.Error(err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAFolderThatIsNoFolderIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(Config{Folder: file})
	if err == nil || !strings.Contains(err.Error(), "the folder "+file+" of --chat-logs is not a folder: ") {
		t.Errorf("got %v", err)
	}
	to := deliverer(t, Config{Folder: filepath.Join(file, "below")})
	for kind := range kinds {
		refuse(t, to, deliveryOf(kind, "chat", `{}`), Other, filepath.Join(file, "below"), "cannot be written",
			"not a directory")
	}
}

// symlink makes a symbolic link, or skips the test.
func symlink(t *testing.T, target, link string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("there are no symbolic links here: %v", err)
	}
}

func TestASymbolicLinkThatPointsOutOfTheFolderIsRefused(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	object := deliveryOf(S3, "chat", `{}`)
	for name, test := range map[string]struct {
		link, target string
		d            Delivery
	}{
		"kind":         {"s3", outside, object},
		"bucket":       {"s3/chat", outside, object},
		"relative":     {"s3/chat", "../../../..", object},
		"group":        {"cloudwatch-logs/a", outside, deliveryOf(CloudWatchLogs, "a/b", `{}`)},
		"lines":        {"firehose/chat.jsonl", secret, deliveryOf(Firehose, "chat", `{}`)},
		"lines to new": {"firehose/chat.jsonl", filepath.Join(outside, "new"), deliveryOf(Firehose, "chat", `{}`)},
	} {
		t.Run(name, func(t *testing.T) {
			to, dir := inFolder(t)
			symlink(t, test.target, filepath.Join(dir, filepath.FromSlash(test.link)))
			refuse(t, to, test.d, Other, dir,
				"a symbolic link at this place points out of the folder of --chat-logs: remove it")
			checkFile(t, secret, "secret\n")
			if got := files(t, outside); !slices.Equal(got, []string{"secret"}) {
				t.Errorf("outside is %q", got)
			}
		})
	}
}

func TestAnObjectReplacesASymbolicLinkInsteadOfFollowingIt(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, extension := range []string{"", ".tmp"} {
		to, dir := inFolder(t)
		d := deliveryOf(S3, "chat", `{}`)
		path := filepath.Join(dir, "s3", "chat", filepath.FromSlash(d.key()))
		symlink(t, secret, path+extension)
		deliver(t, to, d)
		if content, err := os.ReadFile(path); err != nil || unzip(t, content) != "{}\n" {
			t.Errorf("got %q, %v", content, err)
		}
		checkFile(t, secret, "secret")
	}
}

func TestTheFolderItselfMayBeASymbolicLink(t *testing.T) {
	target := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	symlink(t, target, link)
	deliver(t, deliverer(t, Config{Folder: link}), deliveryOf(Firehose, "chat", `{}`))
	checkFile(t, filepath.Join(target, "firehose", "chat.jsonl"), "{}\n")
}

func TestSomethingElseAtThePlaceOfAFileIsAnError(t *testing.T) {
	for kind := range kinds {
		to, dir := inFolder(t)
		d := deliveryOf(kind, "chat", `{}`)
		where := deliver(t, to, d)
		if err := os.Remove(where); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(where, "directory"), 0o700); err != nil {
			t.Fatal(err)
		}
		refuse(t, to, d, Other, "the file "+where+" cannot be written", "whether something else is at this place")
		if got := files(t, dir); len(got) > 0 {
			t.Errorf("the folder has %q", got)
		}
	}
	to, _ := inFolder(t)
	d := deliveryOf(S3, "chat", `{}`)
	where := deliver(t, to, d)
	if err := os.MkdirAll(filepath.Join(where+".tmp", "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	refuse(t, to, d, Other, where)
}

func TestAFolderInWhichOnlyOthersMayWriteIsAnError(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("this user may write everywhere")
	}
	to, dir := inFolder(t)
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	refuse(t, to, deliveryOf(Firehose, "chat", `{}`), AccessDenied,
		"check who may write there, or give another folder with --chat-logs")
}

func TestAFileThatMayNotBeWrittenIsAnErrorOfPermissions(t *testing.T) {
	e := fileError("x", fmt.Errorf("open: %w", fs.ErrPermission))
	if e.Reason != AccessDenied || e.Message != "the file x cannot be written: open: permission denied: check who "+
		"may write there, or give another folder with --chat-logs" {
		t.Errorf("got %+v", e)
	}
}

func TestDeliveriesToOneFileAtTheSameTimeDoNotMixTheirLines(t *testing.T) {
	to, dir := inFolder(t)
	const parallel, each = 50, 20
	long := strings.Repeat("x", 10_000)
	var all sync.WaitGroup
	for i := range parallel {
		all.Go(func() {
			d := deliveryOf(Firehose, "chat")
			for range each {
				d.Records = append(d.Records, Record{room, window, fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, long)})
			}
			if _, err := to.Deliver(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	content, err := os.ReadFile(filepath.Join(dir, "firehose", "chat.jsonl"))
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	count := map[string]int{}
	for _, line := range lines {
		count[line]++
	}
	if err != nil || len(lines) != parallel*each || len(count) != parallel {
		t.Errorf("there are %d lines, %d different ones, %v", len(lines), len(count), err)
	}
}

func TestObjectsOfARoomThatAreWrittenAtTheSameTimeDoNotDisturbEachOther(t *testing.T) {
	to, dir := inFolder(t)
	const parallel = 100
	var all sync.WaitGroup
	for i := range parallel {
		all.Go(func() {
			d := deliveryOf(S3, "chat", fmt.Sprint(i))
			d.Records[0].Time = window.Add(time.Duration(i) * time.Second)
			if _, err := to.Deliver(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(files(t, dir)); n != parallel {
		t.Errorf("there are %d objects", n)
	}
}

func TestADeliveryToAFolderThatIsBusyEndsWithItsContext(t *testing.T) {
	to, _ := inFolder(t)
	slots := to.(*deliverers).byKind[S3].(*folder).slots
	for range cap(slots) {
		slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := to.Deliver(ctx, deliveryOf(S3, "chat", `{}`))
	e, ok := err.(*Error)
	if !ok || e.Reason != Other || !strings.Contains(e.Message, " has not been written: context deadline exceeded") {
		t.Errorf("got %v", err)
	}
	<-slots
	deliver(t, to, deliveryOf(S3, "chat", `{}`))
	if len(slots) != cap(slots)-1 {
		t.Errorf("%d deliveries are running", len(slots))
	}
}

func TestAnEmulatorWaitsForAnotherOneThatWritesTheSameFile(t *testing.T) {
	to, _ := inFolder(t)
	d := deliveryOf(Firehose, "chat", `{"n":1}`)
	where := deliver(t, to, d)
	other, err := os.OpenFile(where, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if isLocked(other) {
		t.Fatal("the file is still locked after a delivery")
	}
	if _, err := other.WriteAt([]byte(`{"half`), int64(len("{\"n\":1}\n"))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockInterval)
	defer cancel()
	_, err = to.Deliver(ctx, d)
	if err == nil || !strings.Contains(err.Error(), "another program has locked it: context deadline exceeded") {
		t.Errorf("got %v", err)
	}
	checkFile(t, where, "{\"n\":1}\n{\"half")
	ended := make(chan error)
	go func() {
		_, err := to.Deliver(t.Context(), d)
		ended <- err
	}()
	if err := errors.Join(writeAll(other, "{\"n\":1}\n{\"half\":2}\n"), other.Close()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	checkFile(t, where, "{\"n\":1}\n{\"half\":2}\n{\"n\":1}\n")
}

// writeAll writes the content of a file.
func writeAll(file *os.File, content string) error {
	_, err := file.WriteAt([]byte(content), 0)
	return err
}
