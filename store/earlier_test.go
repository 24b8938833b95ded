package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// resourcesIn returns all resources of a database file.
func resourcesIn(t *testing.T, file []byte) ivschat.Resources {
	t.Helper()
	s := &testStore{t: t, dir: t.TempDir()}
	must(t, os.WriteFile(databasePath(s.dir), file, 0o600))
	s.Store = open(t, s.dir)
	defer s.Close()
	return s.resources("")
}

// toSecondLayout writes these resources, which must be all, as the second layout has them.
func toSecondLayout(r ivschat.Resources) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		var owners [][]byte
		err := tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			if bytes.Contains(name, []byte("/")) {
				owners = append(owners, bytes.Clone(name))
			}
			return nil
		})
		for _, owner := range owners {
			err = errors.Join(err, tx.DeleteBucket(owner))
		}
		for _, c := range slices.Backward(r.LoggingConfigurations) { // the one updated last comes last
			err = errors.Join(err, writeSecondLayout(tx, c.ARN, c.UpdateTime, nil, map[string]any{
				"name": c.Name, "createTime": c.CreateTime, "s3Bucket": c.DestinationConfiguration.S3.BucketName,
				"state": c.State, "tags": c.Tags,
			}))
		}
		for _, room := range slices.Backward(r.Rooms) {
			members := map[string]any{
				"name": room.Name, "createTime": room.CreateTime, "tags": room.Tags,
				"maximumMessageLength":        room.MaximumMessageLength,
				"maximumMessageRatePerSecond": room.MaximumMessageRatePerSecond,
			}
			if h := room.MessageReviewHandler; h != nil {
				members["messageReviewHandler"] = map[string]any{"uri": h.URI, "fallbackResult": h.FallbackResult}
			}
			err = errors.Join(err, writeSecondLayout(
				tx, room.ARN, room.UpdateTime, room.LoggingConfigurationIdentifiers, members))
		}
		return errors.Join(err, put("schema", "2", "meta")(tx))
	}
}

// writeSecondLayout writes a resource, with its position in the order and the logging configurations that it
// uses.
func writeSecondLayout(
	tx *bolt.Tx, arn ivschat.ARN, updated time.Time, uses []ivschat.ARN, members map[string]any,
) error {
	path := []string{arn.Owner.String(), string(arn.ResourceType) + "s"}
	if arn.ResourceType == ivschat.LoggingConfigurationResource {
		path[1] = "logging configurations"
	}
	below := func(name string) []string { return append(slices.Clone(path), name) }
	var err error
	for _, name := range []string{"id", "order", "users"} { // which are there even if they are empty
		err = errors.Join(err, put("x", "", below(name)...)(tx), remove("x", below(name)...)(tx))
	}
	all := tx.Bucket([]byte(path[0])).Bucket([]byte(path[1]))
	sequence, nextErr := all.Bucket([]byte("order")).NextSequence()
	position := binary.BigEndian.AppendUint64(nil, ^uint64(updated.UnixNano()))
	position = binary.BigEndian.AppendUint64(position, ^sequence)
	members["arn"], members["updateTime"], members["position"] = arn.String(), updated, position
	var identifiers []string
	for _, used := range uses {
		identifiers = append(identifiers, used.String())
		err = errors.Join(err, put(used.ID+"/"+arn.ID, "", below("users")...)(tx))
	}
	members["loggingConfigurationIdentifiers"] = identifiers
	content, jsonErr := json.Marshal(members)
	return errors.Join(err, nextErr, jsonErr,
		put(arn.ID, recordOf(1, arn.ID, string(content)), below("id")...)(tx),
		put(string(position), arn.ID, below("order")...)(tx),
		put("count", string(binary.BigEndian.AppendUint64(nil, sequence)), path...)(tx))
}

// toFirstLayout is toSecondLayout without the checksums that the first layout did not have.
func toFirstLayout(r ivschat.Resources) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		err := toSecondLayout(r)(tx)
		used := tx.Bucket([]byte("used tokens"))
		var keys [][]byte
		err = errors.Join(err, used.ForEach(func(key, _ []byte) error {
			keys = append(keys, bytes.Clone(key))
			return nil
		}))
		for _, key := range keys {
			err = errors.Join(err, used.Put(key, nil))
		}
		return errors.Join(err, put("runs", "3", "meta")(tx), put("schema", "1", "meta")(tx))
	}
}

// edit returns an edit that changes the members of the record of the room r in the second layout.
func edit(change func(members map[string]any)) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		records := tx.Bucket([]byte(owner.String())).Bucket([]byte("rooms")).Bucket([]byte("id"))
		members := map[string]any{}
		if err := json.Unmarshal(records.Get([]byte("r"))[5:], &members); err != nil {
			return err
		}
		change(members)
		content, err := json.Marshal(members)
		return errors.Join(err, records.Put([]byte("r"), []byte(recordOf(1, "r", string(content)))))
	}
}

func TestTheRefusalOfADamagedDatabaseOfAnEarlierLayoutSaysWhatIsDamaged(t *testing.T) {
	t.Parallel()
	in, logging := owner.String(), arnOf("logging-configuration", "l")
	elsewhere := arnOf("room", "r")
	elsewhere.Owner.Region = "eu-west-1"
	updated := newFullRoom("r").UpdateTime
	nanoseconds := fmt.Sprint(updated.UnixNano())
	position := fmt.Sprintf("%016x%016x", ^uint64(updated.UnixNano()), ^uint64(1))
	const id, incomplete = "r", "the room list of 123456789012/us-east-1 is incomplete"
	const form = " is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>"
	rooms := func(below ...string) []string { return append([]string{in, "rooms"}, below...) }
	record := func(key, content string) func(*bolt.Tx) error {
		return put(id, recordOf(1, key, content), rooms("id")...)
	}
	isOf := func(arn ivschat.ARN) string {
		return `the record of "r" in the room list of 123456789012/us-east-1 is the one of ` + arn.String()
	}
	second := map[string]refusal{
		"a newer position than the latest": {
			func(tx *bolt.Tx) error {
				return tx.Bucket([]byte(in)).Bucket([]byte("rooms")).Bucket([]byte("order")).SetSequence(0)
			},
			"the room list of 123456789012/us-east-1 has the position " + position + ", but was at 0",
		},
		"a short position": {
			edit(func(members map[string]any) { members["position"] = []byte("abc") }),
			arnOf("room", id).String() + " has the position 616263, but was updated at " + nanoseconds,
		},
		"the position of another time": {
			edit(func(members map[string]any) { members["position"] = []byte("0123456789abcdef") }),
			arnOf("room", id).String() + " has the position 30313233343536373839616263646566, but was updated at " +
				nanoseconds,
		},
		"the record of another owner":    {record(id, `{"ARN":"`+elsewhere.String()+`"}`), isOf(elsewhere)},
		"the record of another type":     {record(id, `{"ARN":"`+logging.String()+`"}`), isOf(logging)},
		"the record of another resource": {record(id, `{"ARN":"`+arnOf("room", "s").String()+`"}`), isOf(arnOf("room", "s"))},
		"a reference that is no ARN": {
			edit(func(members map[string]any) { members["loggingConfigurationIdentifiers"] = []string{"x"} }), `"x"` + form,
		},
		"a record without an ARN": {record(id, "{}"), `""` + form},
		"a record that is not JSON": {
			record(id, "{"), `the record of "r" cannot be decoded: unexpected end of JSON input`,
		},
		"a record under another key": {record("s", "{}"), `the record of "r" does not match its checksum`},
		"a record of a newer version": {
			put(id, recordOf(2, id, "{}"), rooms("id")...), `the record of "r" has version 2, but must have 1`,
		},
		"a truncated record": {put(id, "\x01abc", rooms("id")...), `the record of "r" is truncated: it has 4 bytes`},
		"no record": {
			remove(id, rooms("id")...),
			"the room list of 123456789012/us-east-1 contradicts itself: 0 records, but a count of 1",
		},
		"a logging configuration that is not JSON": {
			put("l", recordOf(1, "l", "{"), in, "logging configurations", "id"),
			`the record of "l" cannot be decoded: unexpected end of JSON input`,
		},
		"a logging configuration without an ARN": {
			put("l", recordOf(1, "l", "{}"), in, "logging configurations", "id"), `""` + form,
		},
		"no order": {remove("order", rooms()...), incomplete},
		"no count": {remove("count", rooms()...), incomplete},
		"no IDs":   {remove("id", rooms()...), incomplete},
	}
	refusals := map[string]refusal{
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
	}
	all := ivschat.Resources{
		Rooms:                 []ivschat.Room{newFullRoom(id, logging)},
		LoggingConfigurations: []ivschat.LoggingConfiguration{newLogging("l", 0)},
	}
	for name, test := range second {
		refusals[name] = refusal{both(toSecondLayout(all), test.damage), test.want}
	}
	checkRefusals(t, refusals)
}
