package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// remove returns an edit that removes a key, or a bucket, from the bucket at the path, or from the root if
// the path is "".
func remove(key string, path ...string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		bucket := tx.Cursor().Bucket()
		if path[0] != "" {
			bucket = bucket.Bucket([]byte(path[0]))
		}
		for _, name := range path[1:] {
			bucket = bucket.Bucket([]byte(name))
		}
		if bucket.Bucket([]byte(key)) != nil {
			return bucket.DeleteBucket([]byte(key))
		}
		return bucket.Delete([]byte(key))
	}
}

// both returns an edit that makes two edits.
func both(first, second func(*bolt.Tx) error) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error { return errors.Join(first(tx), second(tx)) }
}

// A refusal is how a database is damaged, and how a start refuses it.
type refusal struct {
	damage func(*bolt.Tx) error
	want   string
}

// checkRefusals damages a database with the logging configuration l and the room r, which refers to it.
func checkRefusals(t *testing.T, refusals map[string]refusal) {
	t.Helper()
	for name, test := range refusals {
		s := onDisk(t)
		must(t, s.CreateLoggingConfiguration(ctx, newLogging("l", 0), largeLimit))
		s.createRooms(newFullRoom("r", newLogging("l", 0).ARN))
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

// content returns the fields of a room without a name, which was changed as the number says.
func content(number byte) string {
	at := string(binary.BigEndian.AppendUint64(nil, uint64(start.Unix()))) +
		string(binary.BigEndian.AppendUint32(nil, uint32(start.Nanosecond())))
	return string(number) + "\x00" + at + at + "\x01\x01\x00\x00\x00"
}

func TestTheRefusalOfADamagedDatabaseSaysWhatIsDamaged(t *testing.T) {
	t.Parallel()
	in := owner.String()
	const id, account = "r", "the bucket of 123456789012/us-east-1 has an unknown entry "
	arn, other := arnOf("room", id).String(), arnOf("room", "s").String()
	elsewhere := arnOf("room", id)
	elsewhere.Owner.Region = "eu-west-1"
	position := func(updated ivschat.Room, number uint64) string {
		return fmt.Sprintf("%016x%016x", ^uint64(updated.UpdateTime.UnixNano()), ^number)
	}
	const incomplete = "the room list of 123456789012/us-east-1 is incomplete"
	rooms := func(below ...string) []string { return append([]string{in, "rooms"}, below...) }
	// record is an edit that puts a record with the checksum of an ARN.
	record := func(key, arn, content string) func(*bolt.Tx) error {
		return put(key, recordOf(1, arn, content), rooms("id")...)
	}
	notMatching := "the record of " + fmt.Sprintf("%q", arn) + " does not match its checksum"
	checkRefusals(t, map[string]refusal{
		"an unknown key": {
			func(tx *bolt.Tx) error { return tx.Cursor().Bucket().Put([]byte("colour"), []byte("red")) },
			`it has an unknown entry "colour"`,
		},
		"an unknown bucket": {put("x", "y", "colours"), `it has an unknown entry "colours"`},
		"a bucket in place of the number of runs": {
			put("x", "y", "meta", "runs"), `the bucket "meta" has an unknown entry "runs"`,
		},
		"a value in place of the rooms": {
			both(remove("rooms", in), put("rooms", "x", in)), account + `"rooms"`,
		},
		"a newer position than the latest": {
			func(tx *bolt.Tx) error {
				return tx.Bucket([]byte(in)).Bucket([]byte("rooms")).Bucket([]byte("id")).SetSequence(0)
			},
			"the room list of 123456789012/us-east-1 has the position " + position(newFullRoom(id), 1) + ", but was at 0",
		},
		"a record with a newer position": {
			record("s", other, content(2)),
			"the room list of 123456789012/us-east-1 has the position " + position(newRoom("s", 0), 2) + ", but was at 1",
		},
		"two rooms at one position": {
			both(record(id, arn, content(1)), record("s", other, content(1))), other + " has the position of another room",
		},
		"the record of another owner":  {record(id, elsewhere.String(), content(1)), notMatching},
		"the record of another type":   {record(id, arnOf("logging-configuration", id).String(), content(1)), notMatching},
		"a record under another key":   {record(id, other, content(1)), notMatching},
		"a record that ends too early": {record(id, arn, content(1)[:29]), `the record of "` + arn + `" ends too early`},
		"a record without fields":      {record(id, arn, ""), `the record of "` + arn + `" ends too early`},
		"a number that does not end":   {record(id, arn, "\xff\xff"), `the record of "` + arn + `" ends too early`},
		"a record with too many tags":  {record(id, arn, content(1)[:30]+"\xff\x01"), `the record of "` + arn + `" ends too early`},
		"a record that does not end":   {record(id, arn, content(1)+"x"), `the record of "` + arn + `" has bytes after its last field: 1`},
		"a record of a newer version": {
			put(id, recordOf(2, arn, "x"), rooms("id")...), `the record of "` + arn + `" has version 2, but must have 1`,
		},
		"a truncated record": {
			put(id, "\x01abc", rooms("id")...), `the record of "` + arn + `" is truncated: it has 4 bytes`,
		},
		"a truncated record of a logging configuration": {
			put("l", "\x01abc", in, "logging configurations", "id"),
			`the record of "` + arnOf("logging-configuration", "l").String() + `" is truncated: it has 4 bytes`,
		},
		"no record": {
			remove(id, rooms("id")...),
			"the room list of 123456789012/us-east-1 contradicts itself: 0 records, but a count of 1",
		},
		"a record too many": {
			both(record("s", other, content(1)), record(id, arn, content(0))),
			"the room list of 123456789012/us-east-1 contradicts itself: 2 records, but a count of 1",
		},
		"another count": {
			put("count", "\x00\x00\x00\x00\x00\x00\x00\x02", rooms()...),
			"the room list of 123456789012/us-east-1 contradicts itself: 1 records, but a count of 2",
		},
		"a used token with content": {
			put("12345678a", recordOf(1, "12345678a", "x"), "used tokens"),
			`the used chat tokens are damaged: the record of "12345678a" is too long`,
		},
		"a used token without a record": {
			put("12345678a", "", "used tokens"),
			`the used chat tokens are damaged: the record of "12345678a" is truncated: it has 0 bytes`,
		},
		"another number of runs": {
			put("runs", recordOf(1, "runs", `"x"`), "meta"),
			`the number of runs is damaged: the record of "runs" cannot be decoded: ` +
				"json: cannot unmarshal string into Go value of type uint64",
		},
		"another program's database":      {remove("meta", ""), `it has no bucket "meta"`},
		"an unknown bucket of an account": {put("x", "y", in, "colours"), account + `"colours"`},
		"an unknown key of an account":    {put("colour", "red", in), account + `"colour"`},
		"an unknown key of meta":          {put("colour", "red", "meta"), `the bucket "meta" has an unknown entry "colour"`},
		"no count":                        {remove("count", rooms()...), incomplete},
		"a short count":                   {put("count", "x", rooms()...), incomplete},
		"no IDs":                          {remove("id", rooms()...), incomplete},
	})
}
