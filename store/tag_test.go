package store_test

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTagsAreKept(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("same", 0))
		b.createLogging(logging("same", 0))
		for _, resource := range []ivschat.ResourceType{ivschat.RoomResource, ivschat.LoggingConfigurationResource} {
			arn := arnOf(resource, "same")
			tags, err := b.Tags(ctx, arn)
			must(t, err)
			same(t, "tags at first", len(tags), 0)
			want := ivschat.Tags{"kind": string(resource), "": "", "ключ": "<&>\u2028"}
			must(t, b.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { maps.Copy(tags, want); return nil }))
			b.reopen()
			delete(want, "")
			must(t, b.ChangeTags(ctx, arn, func(tags ivschat.Tags) error { delete(tags, ""); return nil }))
			b.reopen()
			tags, err = b.Tags(ctx, arn)
			must(t, err)
			same(t, "tags", tags, want)
		}
		r, err := b.Room(ctx, room("same", 0).ARN)
		must(t, err)
		same(t, "tags of the room itself", r.Tags["kind"], "room")
		must(t, b.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { clear(tags); return nil }))
		tags, err := b.Tags(ctx, r.ARN)
		must(t, err)
		same(t, "tags at last", len(tags), 0)
	})
}

func TestAnErrorKeepsTheTags(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		r := fullRoom("a")
		b.createRooms(r)
		why := errors.New("too many")
		if err := b.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { clear(tags); return why }); !errors.Is(err, why) {
			t.Errorf("the error is %v", err)
		}
		tags, err := b.Tags(ctx, r.ARN)
		must(t, err)
		same(t, "tags", tags, r.Tags)
	})
}

func TestTagsOfWhatIsNotThereAreNotFound(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bench) {
		b.createRooms(room("a", 0))
		for _, arn := range []ivschat.ARN{
			arnOf(ivschat.RoomResource, "b"), arnOf(ivschat.LoggingConfigurationResource, "a"), arnOf("channel", "a"), arnOf("", "a"),
			{Owner: ivschat.Owner{AccountID: "0", Region: "r"}, ResourceType: ivschat.RoomResource, ID: "a"},
		} {
			_, err := b.Tags(ctx, arn)
			refusal(t, err, ivschat.ResourceNotFoundException)
			err = b.ChangeTags(ctx, arn, func(ivschat.Tags) error { t.Error("there were tags"); return nil })
			refusal(t, err, ivschat.ResourceNotFoundException)
		}
	})
}

// snapshot reads all keys and values of the database, each key under the path
// of its buckets.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	edit(t, dir, func(tx *bolt.Tx) error {
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
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error { return read(string(name)+"|", bucket) })
	})
	return found
}

// edit lets change work on the database of a store that is closed.
func edit(t testing.TB, dir string, change func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(database(dir), 0o600, nil)
	must(t, err)
	err = db.Update(change)
	must(t, errors.Join(err, db.Close()))
}

func membersOf(t testing.TB, record string) (members map[string]json.RawMessage) {
	t.Helper()
	must(t, json.Unmarshal([]byte(record[5:]), &members)) // behind version and checksum
	return members
}

func TestChangingTagsChangesNothingElse(t *testing.T) {
	t.Parallel()
	b := onDisk(t)
	b.createLogging(logging("l", 0))
	b.createRooms(room("b", 2), fullRoom("a", logging("l", 0).ARN), room("c", 1))
	must(t, b.Close())
	before := snapshot(t, b.dir)
	b.Store = open(t, b.dir)
	must(t, b.ChangeTags(ctx, room("a", 0).ARN, func(tags ivschat.Tags) error { tags["new"] = "tag"; return nil }))
	same(t, "the order", b.roomIDs(owner, ivschat.RoomFilter{}), "b c a")
	must(t, b.Close())
	after := snapshot(t, b.dir)

	record := owner.String() + "|rooms|id|a"
	was, is := membersOf(t, before[record]), membersOf(t, after[record])
	if len(before) < 10 || string(was["tags"]) == string(is["tags"]) {
		t.Errorf("nothing was changed in %q", before)
	}
	delete(was, "tags")
	delete(is, "tags")
	same(t, "the rest of the record", is, was)
	delete(before, record)
	delete(after, record)
	same(t, "all else", after, before)
}
