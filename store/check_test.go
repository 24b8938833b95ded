package store_test

import (
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/store"
)

// remove returns an edit that removes a key, or a bucket, from the bucket at the path.
func remove(key string, path ...string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		bucket := tx.Bucket([]byte(path[0]))
		for _, name := range path[1:] {
			bucket = bucket.Bucket([]byte(name))
		}
		if bucket.Bucket([]byte(key)) != nil {
			return bucket.DeleteBucket([]byte(key))
		}
		return bucket.Delete([]byte(key))
	}
}

func TestTheRefusalOfADamagedDatabaseSaysWhatIsDamaged(t *testing.T) {
	t.Parallel()
	in, logging := owner.String(), arnOf("logging-configuration", "l")
	const id, account = "r", "the bucket of 123456789012/us-east-1 has an unknown entry "
	rooms := func(below ...string) []string { return append([]string{in, "rooms"}, below...) }
	for name, test := range map[string]struct {
		damage func(*bolt.Tx) error
		want   string
	}{
		"an unknown bucket of an account": {put("x", "y", in, "colours"), account + `"colours"`},
		"an unknown key of an account":    {put("colour", "red", in), account + `"colour"`},
		"an unknown key of meta":          {put("colour", "red", "meta"), `the bucket "meta" has an unknown entry "colour"`},
		"no count":                        {remove("count", rooms()...), "the room list of 123456789012/us-east-1 is incomplete"},
		"a short count":                   {put("count", "x", rooms()...), "the room list of 123456789012/us-east-1 is incomplete"},
		"no order":                        {remove("order", rooms()...), "the room list of 123456789012/us-east-1 is incomplete"},
		"no users":                        {remove("users", rooms()...), "the room list of 123456789012/us-east-1 is incomplete"},
		"another count": {
			put("count", "\x00\x00\x00\x00\x00\x00\x00\x02", rooms()...),
			"the room list of 123456789012/us-east-1 contradicts itself: 1 records, 1 positions, a count of 2, " +
				"1 references to logging configurations, 1 users of them",
		},
		"a record without a position": {
			put("s", recordOf(1, "s", "{}"), rooms("id")...),
			"the room list of 123456789012/us-east-1 contradicts itself: 2 records, 1 positions, a count of 1, " +
				"1 references to logging configurations, 1 users of them",
		},
		"a user without a reference": {
			put("l/s", "", rooms("users")...),
			"the room list of 123456789012/us-east-1 contradicts itself: 1 records, 1 positions, a count of 1, " +
				"1 references to logging configurations, 2 users of them",
		},
		"a reference that is no user": {
			remove("l/r", rooms("users")...),
			arnOf("room", id).String() + " refers to " + logging.String() + ", but is not stored as its user",
		},
		"a record that is not JSON": {
			put(id, recordOf(1, id, "{"), rooms("id")...),
			`the record of "r" cannot be decoded: unexpected end of JSON input`,
		},
		"a truncated record": {put(id, "\x01abc", rooms("id")...), `the record of "r" is truncated: it has 4 bytes`},
		"the record of another resource": {
			put(id, recordOf(1, id, `{"ARN":"`+arnOf("room", "s").String()+`"}`), rooms("id")...),
			`the record of "r" in the room list of 123456789012/us-east-1 is the one of ` + arnOf("room", "s").String(),
		},
		"a record without an ARN": {
			put(id, recordOf(1, id, `{"ARN":"x"}`), rooms("id")...),
			`"x" is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>`,
		},
	} {
		s := onDisk(t)
		must(t, s.CreateLoggingConfiguration(ctx, newLogging("l", 0), largeLimit))
		s.createRooms(newFullRoom(id, logging))
		must(t, s.Close())
		editDatabase(t, s.dir, test.damage)
		_, err := store.Open(s.dir)
		want := databasePath(s.dir) + " is damaged or not a database of ivschat-local (" + test.want +
			"); the file was not changed: restore it from a backup, or move it away to start with an empty database"
		if err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", name, err, strings.ReplaceAll(want, s.dir, "DIR"))
		}
	}
}
