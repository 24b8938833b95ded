package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

func TestOpenMakesADirectoryThatOnlyItsOwnerCanRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "nested")
	must(t, open(t, dir).Close())
	for path, want := range map[string]os.FileMode{dir: 0o700, databasePath(dir): 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if mode := info.Mode().Perm(); mode != want && runtime.GOOS != "windows" {
			t.Errorf("%s has mode %v", path, mode)
		}
	}
}

func TestAFileThatTheSystemDoesNotOpenIsNotCalledDamaged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replace func(path string) error
		want    string // the error begins with it
	}{
		"a link to itself": {
			func(path string) error { return os.Symlink(path, path) }, "open the database: open PATH: ",
		},
		"a directory": {
			func(path string) error { return os.Mkdir(path, 0o700) }, "open the database: PATH is not a regular file",
		},
	} {
		dir := t.TempDir()
		if err := test.replace(databasePath(dir)); err != nil {
			t.Logf("skipped %s: %v", name, err) // Windows allows links to few users only
			continue
		}
		want := strings.ReplaceAll(test.want, "PATH", databasePath(dir))
		if _, err := store.Open(dir); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestASecondOpenFailsInTimeAndNamesTheDirectory(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	began := time.Now()
	_, err := store.Open(s.dir)
	want := "the data directory " + s.dir + " is in use by another process: stop it or choose another directory"
	if !errors.Is(err, store.ErrInUse) || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	s.createRooms(newRoom("a", 0)) // the first one still works
	s.reopen()
	checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "a")
}

// A program that only reads the database lets the pages be checked, but not be written.
func TestADatabaseThatAnotherProgramReadsIsInUse(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	must(t, s.Close())
	reader, err := bolt.Open(databasePath(s.dir), 0, &bolt.Options{ReadOnly: true})
	must(t, err)
	if _, err := store.Open(s.dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("the error is %v", err)
	}
	must(t, reader.Close())
	s.Store = open(t, s.dir)
}

func TestOfManyConcurrentFirstStartsOneSucceedsAndTheOthersReportInUse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := store.Open(dir)
			switch {
			case err == nil:
				opened.Add(1)
				t.Cleanup(func() { must(t, s.Close()) })
			case !strings.Contains(err.Error(), "is in use"):
				t.Error(err)
			}
		})
	}
	all.Wait()
	files, err := os.ReadDir(dir)
	must(t, err)
	if opened.Load() != 1 || len(files) != 1 {
		t.Errorf("%d stores are open, and the directory has %v", opened.Load(), files)
	}
}

func TestStoresInMemoryShareNothing(t *testing.T) {
	t.Parallel()
	one, other := inMemory(t), inMemory(t)
	one.createRooms(newRoom("a", 0))
	checkEqual(t, "rooms", other.roomIDs(owner, ivschat.RoomFilter{}), "")
}

// An interrupted start may leave a database without buckets.
func TestADatabaseWithoutBucketsIsUsedAsANewOne(t *testing.T) {
	t.Parallel()
	s := &testStore{t: t, dir: t.TempDir()}
	editDatabase(t, s.dir, func(*bolt.Tx) error { return nil })
	s.Store = open(t, s.dir)
	s.createRooms(newRoom("a", 0))
	must(t, s.Close())
}

// put returns an edit that puts the value under the key in the bucket at the path.
func put(key, value string, path ...string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte(path[0]))
		for _, name := range path[1:] {
			if err == nil {
				bucket, err = bucket.CreateBucketIfNotExists([]byte(name))
			}
		}
		if err != nil {
			return err
		}
		return bucket.Put([]byte(key), []byte(value))
	}
}

// recordOf returns a record with the right checksum for the key.
func recordOf(version byte, key, content string) string {
	sum := crc32.Checksum([]byte(key+content), crc32.MakeTable(crc32.Castagnoli))
	return string(binary.BigEndian.AppendUint32([]byte{version}, sum)) + content
}

func TestAnUnknownFormatIsRefusedAndTheFileIsNotChanged(t *testing.T) {
	t.Parallel()
	rooms, arn := []string{owner.String(), "rooms", "id"}, arnOf("room", "a").String()
	for name, test := range map[string]struct {
		change func(*bolt.Tx) error
		want   string // in the error
	}{
		"newer buckets": {
			put("schema", "4", "meta"), " was written by a newer ivschat-local, which this one cannot read: " +
				`use that version or another data directory (schema "4")`,
		},
		"a record of a newer version": {put("a", recordOf(2, arn, "{}"), rooms...), `/a" has version 2`},
		"a record under another key":  {put("a", recordOf(1, "b", "{}"), rooms...), `/a" does not match`},
		"a truncated record":          {put("a", "\x01abc", rooms...), `/a" is truncated`},
		"another program's database": {
			func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("meta")) }, "no bucket",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onDisk(t)
			s.createRooms(newRoom("r", 0))
			must(t, s.Close())
			good := readDatabase(t, s.dir)
			editDatabase(t, s.dir, test.change)
			before := readDatabase(t, s.dir)
			_, err := store.Open(s.dir)
			if err == nil || !strings.Contains(err.Error(), test.want) ||
				!strings.Contains(err.Error(), databasePath(s.dir)) {
				t.Errorf("the error is %v", err)
			}
			if !slices.Equal(readDatabase(t, s.dir), before) {
				t.Error("the file was changed")
			}
			must(t, os.WriteFile(databasePath(s.dir), good, 0o600))
			must(t, open(t, s.dir).Close()) // nothing locks the file
		})
	}
}

func TestConcurrentCreationsKeepTheQuota(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		const quota, each = 25, 8
		var all sync.WaitGroup
		var created atomic.Int32
		for worker := range 8 {
			all.Go(func() {
				for i := range each {
					id := fmt.Sprintf("r%d-%d", worker, i)
					if s.CreateRoom(ctx, newRoom(id, i), quota) != nil {
						continue
					}
					created.Add(1)
					if _, err := s.Room(ctx, newRoom(id, i).ARN); err != nil {
						t.Error("it was created, but reading it fails:", err)
					}
				}
			})
			all.Go(func() {
				for range each {
					page := ivschat.Page{Limit: largeLimit}
					rooms, _, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, page)
					if err != nil || len(rooms) > quota {
						t.Errorf("listed %d rooms (%v)", len(rooms), err)
					}
				}
			})
		}
		all.Wait()
		s.reopen()
		listed := strings.Fields(s.roomIDs(owner, ivschat.RoomFilter{}))
		if created.Load() != quota || len(listed) != quota {
			t.Errorf("%d were created and %d are listed", created.Load(), len(listed))
		}
	})
}

func TestConcurrentChangesAreNotLost(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	arn := newRoom("a", 0).ARN
	s.createRooms(newRoom("a", 0))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				_, err := s.UpdateRoom(ctx, arn, func(r *ivschat.Room) { r.MaximumMessageLength++ })
				tagging := s.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { tags["n"] += "|"; return nil })
				if err != nil || tagging != nil {
					t.Error(err, tagging)
				}
			}
		})
	}
	all.Wait()
	r, err := s.Room(ctx, arn)
	must(t, err)
	checkEqual(t, "the number of updates", r.MaximumMessageLength, 500+80)
	checkEqual(t, "the number of tag changes", len(r.Tags["n"]), 80)
}

func TestAnInterruptedFirstStartLeavesNoFile(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	left := databasePath(s.dir) + ".unfinished123"
	must(t, os.WriteFile(left, nil, 0o600))
	s.reopen()
	if _, err := os.Stat(left); err == nil {
		t.Errorf("%s is still there", left)
	}
}
