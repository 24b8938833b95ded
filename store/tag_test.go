package store_test

import (
	"errors"
	"maps"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestChangedTagsAreStored(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("same", 0))
		s.createLogging(newLogging("same", 0))
		types := []ivschat.ResourceType{ivschat.RoomResource, ivschat.LoggingConfigurationResource}
		for _, resource := range types {
			arn := arnOf(resource, "same")
			tags, err := s.Tags(ctx, arn)
			must(t, err)
			checkEqual(t, "tags of a new resource", len(tags), 0)
			want := ivschat.Tags{"kind": string(resource), "": "", "ключ": "<&>\u2028"}
			must(t, s.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { maps.Copy(tags, want); return nil }))
			s.reopen()
			delete(want, "")
			must(t, s.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { delete(tags, ""); return nil }))
			s.reopen()
			tags, err = s.Tags(ctx, arn)
			must(t, err)
			checkEqual(t, "tags", tags, want)
		}
		r, err := s.Room(ctx, newRoom("same", 0).ARN)
		must(t, err)
		checkEqual(t, "the tag in the room", r.Tags["kind"], "room")
		must(t, s.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { clear(tags); return nil }))
		tags, err := s.Tags(ctx, r.ARN)
		must(t, err)
		checkEqual(t, "tags after all were removed", len(tags), 0)
	})
}

func TestAFailedChangeKeepsTheTags(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		r := newFullRoom("a")
		s.createRooms(r)
		tooMany := errors.New("too many")
		err := s.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { clear(tags); return tooMany })
		if !errors.Is(err, tooMany) {
			t.Errorf("the error is %v", err)
		}
		tags, err := s.Tags(ctx, r.ARN)
		must(t, err)
		checkEqual(t, "tags", tags, r.Tags)
	})
}

func TestTagsOfAMissingResourceAreNotFound(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		s.createRooms(newRoom("a", 0))
		for _, arn := range []ivschat.ARN{
			arnOf(ivschat.RoomResource, "b"), arnOf(ivschat.LoggingConfigurationResource, "a"),
			arnOf("channel", "a"), arnOf("", "a"),
			{Owner: ivschat.Owner{AccountID: "0", Region: "r"}, ResourceType: ivschat.RoomResource, ID: "a"},
		} {
			_, err := s.Tags(ctx, arn)
			checkException(t, err, ivschat.ResourceNotFoundException)
			unexpected := func(ivschat.Tags) error { t.Errorf("the tags of %s were changed", arn); return nil }
			err = s.ChangeTags(ctx, arn, unexpected)
			checkException(t, err, ivschat.ResourceNotFoundException)
		}
	})
}

// readAll returns all values in the database by their keys, each with the path of its buckets in
// front.
func readAll(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	editDatabase(t, dir, func(tx *bolt.Tx) error {
		var read func(path string, bucket *bolt.Bucket) error
		read = func(path string, bucket *bolt.Bucket) error {
			return bucket.ForEach(func(key, value []byte) error {
				if value == nil && bucket.Bucket(key) != nil {
					return read(path+string(key)+"|", bucket.Bucket(key))
				}
				found[path+string(key)] = string(value)
				return nil
			})
		}
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return read(string(name)+"|", bucket)
		})
	})
	return found
}

// editDatabase runs change in a transaction. The store must be closed.
func editDatabase(t testing.TB, dir string, change func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(databasePath(dir), 0o600, nil)
	must(t, err)
	err = db.Update(change)
	must(t, errors.Join(err, db.Close()))
}

func TestChangingTagsChangesNothingElse(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	s.createLogging(newLogging("l", 0))
	want := newFullRoom("a", newLogging("l", 0).ARN)
	s.createRooms(newRoom("b", 2), want, newRoom("c", 1))
	must(t, s.Close())
	before := readAll(t, s.dir)
	s.Store = open(t, s.dir)
	change := func(tags ivschat.Tags) error { tags["new"] = "tag"; return nil }
	must(t, s.ChangeTags(ctx, want.ARN, change))
	s.reopen()
	checkEqual(t, "the order", s.roomIDs(owner, ivschat.RoomFilter{}), "b c a")
	room, err := s.Room(ctx, want.ARN)
	must(t, err)
	want.Tags["new"] = "tag"
	checkEqual(t, "the room", room, want)
	must(t, s.Close())
	after := readAll(t, s.dir)

	record := owner.String() + "|rooms|id|a"
	if len(before) < 7 || before[record] == after[record] {
		t.Errorf("the tags did not change in %q", before)
	}
	delete(before, record)
	delete(after, record)
	checkEqual(t, "all other records", after, before)
}
