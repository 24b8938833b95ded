package store_test

import (
	"encoding/binary"
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

func TestOpenMakesTheDirectoryForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there")
	must(t, open(t, dir).Close())
	for path, want := range map[string]os.FileMode{dir: 0o700, database(dir): 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if mode := info.Mode().Perm(); mode != want && runtime.GOOS != "windows" {
			t.Errorf("%s has mode %v", path, mode)
		}
	}
}

func TestASecondOpenFailsSoonAndNamesTheDirectory(t *testing.T) {
	t.Parallel()
	b := onDisk(t)
	began := time.Now()
	if _, err := store.Open(b.dir); err == nil || !strings.Contains(err.Error(), b.dir+" is in use") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	b.createRooms(room("a", 0)) // the first one works on
	b.reopen()
	same(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "a")
}

func TestOfManyFirstStartsOneSucceedsAndTheOthersSayThatItIsInUse(t *testing.T) {
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
		t.Errorf("%d have it open, and the directory has %v", opened.Load(), files)
	}
}

func TestStoresInMemoryShareNothing(t *testing.T) {
	t.Parallel()
	one, other := inMemory(t), inMemory(t)
	one.createRooms(room("a", 0))
	same(t, "rooms", other.roomIDs(owner, ivschat.RoomFilter{}), "")
}

// A start that was interrupted leaves a database without buckets.
func TestADatabaseWithoutBucketsIsANewOne(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, dir: t.TempDir()}
	edit(t, b.dir, func(*bolt.Tx) error { return nil })
	b.Store = open(t, b.dir)
	b.createRooms(room("a", 0))
	must(t, b.Close())
}

// put writes into a bucket of a store that is closed.
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

// recordOf makes a record with a checksum that is right.
func recordOf(version byte, key, content string) string {
	sum := crc32.Checksum([]byte(key+content), crc32.MakeTable(crc32.Castagnoli))
	return string(binary.BigEndian.AppendUint32([]byte{version}, sum)) + content
}

func TestAnotherFormatIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	rooms := []string{owner.String(), "rooms", "id"}
	for name, test := range map[string]struct {
		change func(*bolt.Tx) error
		says   string
	}{
		"newer buckets":              {put("schema", "2", "meta"), "newer"},
		"a record of a newer kind":   {put("a", recordOf(2, "a", "{}"), rooms...), `the record of "a" has version 2`},
		"a record under another key": {put("a", recordOf(1, "b", "{}"), rooms...), `the record of "a" does not match`},
		"a record that is cut short": {put("a", "\x01abc", rooms...), `the record of "a" is cut short`},
		"another program's database": {func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("meta")) }, "no bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := onDisk(t)
			b.createRooms(room("r", 0))
			must(t, b.Close())
			good := contentOf(t, b.dir)
			edit(t, b.dir, test.change)
			before := contentOf(t, b.dir)
			if _, err := store.Open(b.dir); err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), database(b.dir)) {
				t.Errorf("the error is %v", err)
			}
			if !slices.Equal(contentOf(t, b.dir), before) {
				t.Error("the file was changed")
			}
			must(t, os.WriteFile(database(b.dir), good, 0o600))
			must(t, open(t, b.dir).Close()) // nothing holds the file
		})
	}
}

func TestCreatingAtOnceKeepsTheQuota(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		const quota, each = 25, 8
		var all sync.WaitGroup
		var created atomic.Int32
		for worker := range 8 {
			all.Go(func() {
				for i := range each {
					id := fmt.Sprintf("r%d-%d", worker, i)
					if b.CreateRoom(ctx, room(id, i), quota) != nil {
						continue
					}
					created.Add(1)
					if _, err := b.Room(ctx, room(id, i).ARN); err != nil {
						t.Error("it is created, but reading it gives", err)
					}
				}
			})
			all.Go(func() {
				for range each {
					rooms, _, err := b.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: plenty})
					if err != nil || len(rooms) > quota {
						t.Errorf("listed %d rooms (%v)", len(rooms), err)
					}
				}
			})
		}
		all.Wait()
		b.reopen()
		listed := strings.Fields(b.roomIDs(owner, ivschat.RoomFilter{}))
		if created.Load() != quota || len(listed) != quota {
			t.Errorf("%d were created and %d are listed", created.Load(), len(listed))
		}
	})
}

func TestChangesAtOnceAreNotLost(t *testing.T) {
	t.Parallel()
	b := inMemory(t)
	b.createRooms(room("a", 0))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				_, err := b.UpdateRoom(ctx, room("a", 0).ARN, func(r *ivschat.Room) { r.MaximumMessageLength++ })
				tagging := b.ChangeTags(ctx, room("a", 0).ARN, func(tags ivschat.Tags) error { tags["n"] += "|"; return nil })
				if err != nil || tagging != nil {
					t.Error(err, tagging)
				}
			}
		})
	}
	all.Wait()
	r, err := b.Room(ctx, room("a", 0).ARN)
	must(t, err)
	same(t, "the sum of updates", r.MaximumMessageLength, 500+80)
	same(t, "the sum of tags", len(r.Tags["n"]), 80)
}
