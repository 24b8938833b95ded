package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

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

// edit returns an edit that changes the members of the record of the room r.
func edit(of string, change func(members map[string]any)) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		records := tx.Bucket([]byte(of)).Bucket([]byte("rooms")).Bucket([]byte("id"))
		members := map[string]any{}
		if err := json.Unmarshal(records.Get([]byte("r"))[5:], &members); err != nil {
			return err
		}
		change(members)
		content, err := json.Marshal(members)
		return errors.Join(err, records.Put([]byte("r"), []byte(recordOf(1, "r", string(content)))))
	}
}

func TestTheRefusalOfADamagedDatabaseSaysWhatIsDamaged(t *testing.T) {
	t.Parallel()
	in, logging := owner.String(), arnOf("logging-configuration", "l")
	elsewhere := arnOf("room", "r")
	elsewhere.Owner.Region = "eu-west-1"
	updated := newFullRoom("r").UpdateTime
	newer := binary.BigEndian.AppendUint64(nil, ^uint64(start.Truncate(time.Second).UnixNano()))
	newer = binary.BigEndian.AppendUint64(newer, ^uint64(9))
	const notAnARN = `"" is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>`
	nanoseconds := fmt.Sprint(updated.UnixNano())
	position := fmt.Sprintf("%016x%016x", ^uint64(updated.UnixNano()), ^uint64(1))
	const incomplete = "the room list of 123456789012/us-east-1 is incomplete"
	const id, account = "r", "the bucket of 123456789012/us-east-1 has an unknown entry "
	rooms := func(below ...string) []string { return append([]string{in, "rooms"}, below...) }
	for name, test := range map[string]struct {
		damage func(*bolt.Tx) error
		want   string
	}{
		"an unknown key": {
			func(tx *bolt.Tx) error { return tx.Cursor().Bucket().Put([]byte("colour"), []byte("red")) },
			`it has an unknown entry "colour"`,
		},
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
			"the room list of 123456789012/us-east-1 has the position " + position + ", but was at 0",
		},
		"a newer position than the latest of the second layout": {
			both(toSecondLayout, func(tx *bolt.Tx) error {
				return tx.Bucket([]byte(in)).Bucket([]byte("rooms")).Bucket([]byte("order")).SetSequence(0)
			}),
			"the room list of 123456789012/us-east-1 has the position " + position + ", but was at 0",
		},
		"a short position": {
			edit(in, func(members map[string]any) { members["position"] = []byte("abc") }),
			arnOf("room", id).String() + " has the position 616263, but was updated at " + nanoseconds,
		},
		"the position of another time": {
			edit(in, func(members map[string]any) { members["position"] = []byte("0123456789abcdef") }),
			arnOf("room", id).String() + " has the position 30313233343536373839616263646566, but was updated at " +
				nanoseconds,
		},
		"two rooms at one position": {
			func(tx *bolt.Tx) error {
				records := tx.Bucket([]byte(in)).Bucket([]byte("rooms")).Bucket([]byte("id"))
				other := bytes.Replace(records.Get([]byte(id))[5:], []byte("room/r"), []byte("room/s"), 1)
				return records.Put([]byte("s"), []byte(recordOf(1, "s", string(other))))
			},
			arnOf("room", "s").String() + " has the position of " + arnOf("room", id).String(),
		},
		"the record of another owner": {
			put(id, recordOf(1, id, `{"ARN":"`+elsewhere.String()+`"}`), rooms("id")...),
			`the record of "r" in the room list of 123456789012/us-east-1 is the one of ` + elsewhere.String(),
		},
		"the record of another type": {
			put(id, recordOf(1, id, `{"ARN":"`+arnOf("logging-configuration", id).String()+`"}`), rooms("id")...),
			`the record of "r" in the room list of 123456789012/us-east-1 is the one of ` +
				arnOf("logging-configuration", id).String(),
		},
		"a reference that is no ARN": {
			edit(in, func(members map[string]any) { members["loggingConfigurationIdentifiers"] = []string{"x"} }),
			`"x" is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>`,
		},
		"a record of a newer version": {
			put(id, recordOf(2, id, "{}"), rooms("id")...), `the record of "r" has version 2, but must have 1`,
		},
		"a record under another key": {
			put(id, recordOf(1, "s", "{}"), rooms("id")...), `the record of "r" does not match its checksum`,
		},
		"a used token with content": {
			put("12345678a", recordOf(1, "12345678a", "x"), "used tokens"),
			`the used chat tokens are damaged: the record of "12345678a" is too long`,
		},
		"a used token without a record": {
			put("12345678a", "", "used tokens"),
			`the used chat tokens are damaged: the record of "12345678a" is truncated: it has 0 bytes`,
		},
		"a used token of the first layout without a time": {
			both(put("schema", "1", "meta"), put("1234567", "", "used tokens")),
			`the used chat tokens are damaged: the record of "1234567" is truncated: it has 0 bytes`,
		},
		"a used token of the first layout with content": {
			both(put("schema", "1", "meta"), put("12345678a", "x", "used tokens")),
			`the used chat tokens are damaged: the record of "12345678a" is truncated: it has 1 bytes`,
		},
		"a bucket of the first layout in place of a used token": {
			both(put("schema", "1", "meta"), put("x", "y", "used tokens", "12345678a")),
			`the used chat tokens are damaged: the record of "12345678a" is truncated: it has 0 bytes`,
		},
		"another number of runs in the first layout": {
			both(put("schema", "1", "meta"), put("runs", "x", "meta")),
			`the number of runs is damaged: strconv.ParseUint: parsing "x": invalid syntax`,
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
		"no order in the second layout":   {both(toSecondLayout, remove("order", rooms()...)), incomplete},
		"no users in the second layout":   {both(toSecondLayout, remove("users", rooms()...)), incomplete},
		"another count": {
			put("count", "\x00\x00\x00\x00\x00\x00\x00\x02", rooms()...),
			"the room list of 123456789012/us-east-1 contradicts itself: 1 records, but a count of 2",
		},
		"no record": {
			remove(id, rooms("id")...),
			"the room list of 123456789012/us-east-1 contradicts itself: 0 records, but a count of 1",
		},
		"a record too many": {
			func(tx *bolt.Tx) error {
				records := tx.Bucket([]byte(in)).Bucket([]byte("rooms")).Bucket([]byte("id"))
				content := fmt.Sprintf(`{"arn":%q,"updateTime":"2024-02-29T12:00:00Z","position":%q}`,
					arnOf("room", "s"), base64.StdEncoding.EncodeToString(newer))
				return errors.Join(records.SetSequence(9), records.Put([]byte("s"), []byte(recordOf(1, "s", content))))
			},
			"the room list of 123456789012/us-east-1 contradicts itself: 2 records, but a count of 1",
		},
		"a record without content": {put("s", recordOf(1, "s", "{}"), rooms("id")...), notAnARN},
		"a record that is not JSON": {
			put(id, recordOf(1, id, "{"), rooms("id")...),
			`the record of "r" cannot be decoded: unexpected end of JSON input`,
		},
		"a logging configuration that is not JSON": {
			put("l", recordOf(1, "l", "{"), in, "logging configurations", "id"),
			`the record of "l" cannot be decoded: unexpected end of JSON input`,
		},
		"a logging configuration without an ARN": {
			put("l", recordOf(1, "l", "{}"), in, "logging configurations", "id"), notAnARN,
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
