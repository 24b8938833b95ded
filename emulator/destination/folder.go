package destination

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// parallelWrites is how many deliveries a folder takes at the same time, which bounds the number of open files.
const parallelWrites = 8

// folder delivers to files. An object of S3 has the path s3/BUCKET/KEY, the log stream of a room
// cloudwatch-logs/GROUP/STREAM.jsonl, and a delivery stream firehose/STREAM.jsonl. It keeps nothing open, so the
// folder may be moved or deleted at any time.
type folder struct {
	dir   string
	slots chan struct{} // has a value for each delivery that is written
	// locks are held while a file is written. Logging configurations can have the same file. It is selected by a hash
	// of the file's name, or of the directory's if that has objects.
	locks [64]sync.Mutex
	seed  maphash.Seed
}

// newFolder returns the Deliverer of a folder, which need not exist.
func newFolder(dir string) (*folder, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("the folder %s of --chat-logs is not a folder: remove the file, or give another folder",
			dir)
	}
	return &folder{dir: dir, slots: make(chan struct{}, parallelWrites), seed: maphash.MakeSeed()}, nil
}

// Close does nothing.
func (f *folder) Close() {}

// Deliver writes the records to a file. They are on the disk when it returns.
func (f *folder) Deliver(ctx context.Context, d Delivery) (string, error) {
	name := d.fileName()
	where := filepath.Join(f.dir, filepath.FromSlash(name))
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return "", failed(Other, "the file %s has not been written: %v", where, ctx.Err())
	}
	locked := name
	if d.Place.Kind == S3 {
		locked = path.Dir(name)
	}
	lock := &f.locks[maphash.String(f.seed, locked)%uint64(len(f.locks))]
	lock.Lock()
	defer lock.Unlock()
	if err := f.write(ctx, name, d); err != nil {
		return "", fileError(where, err)
	}
	return where, nil
}

// fileName returns the path of the file of a delivery in the folder.
func (d Delivery) fileName() string {
	name := pathOf(d.Place.Name, foldsCase)
	switch d.Place.Kind {
	case S3:
		escape := func(text string) string { return segment(text, false) }
		key := strings.Split(strings.TrimSuffix(d.keyOf(escape), objectExtension), "/")
		last := len(key) - 1
		key[last] = escape(key[last]) // has several names, and may be too long
		return path.Join("s3", name, path.Join(key...)+objectExtension)
	case CloudWatchLogs:
		return path.Join("cloudwatch-logs", name, streamName(segment(d.Records[0].Room, false))+linesExtension)
	default:
		return path.Join("firehose", name+linesExtension)
	}
}

// fileError returns the error for a file that cannot be written.
func fileError(where string, err error) *Error {
	reason, advice := Other, "see whether the disk is full, and whether something else is at this place"
	switch {
	case errors.Is(err, fs.ErrPermission):
		reason, advice = AccessDenied, "check who may write there, or give another folder with --chat-logs"
	case strings.Contains(err.Error(), "escapes"): // os.Root has no error for this
		advice = "a symbolic link at this place points out of the folder of --chat-logs: remove it"
	}
	return failed(reason, "the file %s cannot be written: %s: %s", where, awsapi.Short(err.Error()), advice)
}

// The modes of directories and files: chat logs have what people wrote.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

const (
	objectExtension     = ".log.gz"
	linesExtension      = ".jsonl"
	unfinishedExtension = ".tmp" // is added to that of an object while it is written
)

// write writes a delivery to a file.
func (f *folder) write(ctx context.Context, name string, d Delivery) error {
	if err := os.MkdirAll(f.dir, dirMode); err != nil {
		return err
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), dirMode); err != nil {
		return err
	}
	if d.Place.Kind == S3 {
		return replace(root, name, d.object())
	}
	return appendTo(ctx, root, name, d)
}

// syncDirs writes directories, up to that of the root, to the disk, so that a new file in them survives a power
// failure. Not every file system can do that.
func syncDirs(root *os.Root, dir string) {
	for ; ; dir = path.Dir(dir) {
		if opened, err := root.Open(dir); err == nil {
			_ = opened.Sync()
			_ = opened.Close()
		}
		if dir == "." {
			return
		}
	}
}

// removeUnfinished removes what a program that was killed has left in a directory of objects. Its records are
// delivered again, into the same directory, but perhaps together with others, and then the object has another name.
func removeUnfinished(root *os.Root, dir string) {
	opened, err := root.Open(dir)
	if err != nil {
		return // replace says what is wrong
	}
	defer opened.Close()
	names, _ := opened.Readdirnames(-1)
	for _, name := range names {
		if strings.HasSuffix(name, objectExtension+unfinishedExtension) {
			_ = root.Remove(path.Join(dir, name))
		}
	}
}

// replace writes a whole file. A program that reads it sees nothing or all of it.
func replace(root *os.Root, name string, content []byte) error {
	removeUnfinished(root, path.Dir(name))
	temporary := name + unfinishedExtension
	if err := root.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a program that was killed
		return err
	}
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary)
		return err
	}
	syncDirs(root, path.Dir(name))
	return nil
}

// appendTo appends the records to a file, after what is complete in it. If it fails, the file is as before.
func appendTo(ctx context.Context, root *os.Root, name string, d Delivery) (err error) {
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode) // reading as well does not wait at a pipe
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := lock(ctx, file); err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		return err
	}
	end, err := endOfLines(file, info.Size())
	if err != nil {
		return err
	}
	var content bytes.Buffer
	content.Grow(d.bytes())
	_, _ = d.writeLines(&content) // a Buffer never fails
	if err = file.Truncate(end); err == nil {
		_, err = file.WriteAt(content.Bytes(), end)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		_ = file.Truncate(end)
		return err
	}
	if info.Size() == 0 { // perhaps it is new
		syncDirs(root, path.Dir(name))
	}
	return nil
}

// lockInterval is how long to wait before the next attempt to lock a file.
const lockInterval = 10 * time.Millisecond

// lock locks a file until it is closed. Another emulator may have the same folder, and would take an unfinished line
// for a torn one.
func lock(ctx context.Context, file *os.File) error {
	for isLocked(file) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("another program has locked it: %w", ctx.Err())
		case <-time.After(lockInterval):
		}
	}
	return nil
}

// longestTorn is how long the beginning of a line can be that a killed program has left.
const longestTorn = 2 << 20

// endOfLines returns where the last whole line of a file ends. What follows is of a program that was killed while it
// wrote, and of records that are delivered again.
func endOfLines(file io.ReaderAt, size int64) (int64, error) {
	buffer := make([]byte, 64<<10)
	for end := size; ; end -= int64(len(buffer)) {
		part := buffer[:min(end, int64(len(buffer)))]
		start := end - int64(len(part))
		if n, err := file.ReadAt(part, start); n < len(part) {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		if start == 0 {
			return 0, nil
		}
		if size-start >= longestTorn {
			return 0, errors.New("it has no lines of chat logs at its end")
		}
	}
}
