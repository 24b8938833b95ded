package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A record is
//
//	version   1 byte
//	checksum  4 bytes, big-endian CRC-32C of the key and the content
//	content   JSON, or nothing for a used chat token
const (
	recordVersion = 1
	recordHeader  = 1 + 4
)

// The versions of the layout of the buckets. Version 2 also has the order of each collection, and the users
// of logging configurations, which are in the records, too. Version 1 also lacks the checksums of used
// tokens and of the number of runs. The first start with such a database gives it the present layout.
const (
	schemaWithoutChecksums = "1"
	schemaWithOrder        = "2"
	schemaVersion          = "3"
)

var (
	bucketMeta = []byte("meta")
	keySchema  = []byte("schema")
	keyRuns    = []byte("runs")

	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errNewer = errors.New("written by a newer ivschat-local, which this one cannot read: " +
		"use that version or another data directory")
)

// encodeRecord returns the record of the content under the key.
func encodeRecord(key []byte, content any) ([]byte, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encode the record of %q: %w", key, err)
	}
	return newRecord(key, text), nil
}

func newRecord(key, content []byte) []byte {
	record := make([]byte, recordHeader, recordHeader+len(content))
	record[0] = recordVersion
	binary.BigEndian.PutUint32(record[1:], checksum(key, content))
	return append(record, content...)
}

// decodeRecord checks the record under the key and decodes its content into target.
func decodeRecord(key, record []byte, target any) error {
	text, err := recordContent(key, record)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, target); err != nil {
		return &recordError{string(key), fmt.Sprintf("cannot be decoded: %v", err)}
	}
	return nil
}

// recordContent checks the record under the key and returns its content.
func recordContent(key, record []byte) ([]byte, error) {
	if len(record) < recordHeader {
		return nil, &recordError{string(key), fmt.Sprintf("is truncated: it has %d bytes", len(record))}
	}
	content := record[recordHeader:]
	if checksum(key, content) != binary.BigEndian.Uint32(record[1:]) {
		return nil, &recordError{string(key), "does not match its checksum"}
	}
	if record[0] != recordVersion {
		return nil, &recordError{
			string(key), fmt.Sprintf("has version %d, but must have %d", record[0], recordVersion),
		}
	}
	return content, nil
}

// A recordError says what is wrong with a record.
type recordError struct {
	key, problem string
}

// Error returns the key and the problem.
func (e *recordError) Error() string { return fmt.Sprintf("the record of %q %s", e.key, e.problem) }

func checksum(key, content []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content)
}

// schemaOf returns the version of the layout, "" for a new database, and errNewer for a version that is
// not known.
func schemaOf(tx *bolt.Tx) (version string, err error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		if key, _ := tx.Cursor().First(); key != nil {
			return "", fmt.Errorf("it has no bucket %q", bucketMeta)
		}
		return "", nil
	}
	version = string(meta.Get(keySchema))
	if version != schemaVersion && version != schemaWithOrder && version != schemaWithoutChecksums {
		return "", fmt.Errorf("%w (schema %q)", errNewer, version)
	}
	return version, nil
}

// migrate gives a database, which was checked, the present layout.
func migrate(tx *bolt.Tx) error {
	version, err := schemaOf(tx)
	if err != nil {
		return err
	}
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil {
		return err
	}
	if version == schemaVersion {
		return nil
	}
	if version == schemaWithoutChecksums {
		if err := addChecksums(tx, meta); err != nil {
			return err
		}
	}
	if err := removeOrder(tx); err != nil {
		return err
	}
	return meta.Put(keySchema, []byte(schemaVersion))
}

// addChecksums adds the checksums that schemaWithoutChecksums does not have.
func addChecksums(tx *bolt.Tx, meta *bolt.Bucket) error {
	if value := meta.Get(keyRuns); value != nil {
		runs, err := runsIn(value, schemaWithoutChecksums)
		if err != nil {
			return err
		}
		if err := putRuns(meta, runs); err != nil {
			return err
		}
	}
	used := tx.Bucket(bucketUsedTokens)
	if used == nil {
		return nil
	}
	var keys [][]byte // because a bucket must not change while it is read
	err := used.ForEach(func(key, _ []byte) error {
		keys = append(keys, bytes.Clone(key))
		return nil
	})
	for _, key := range keys {
		err = errors.Join(err, used.Put(key, usedTokenRecord(key)))
	}
	return err
}

// removeOrder removes what is in the records, too, and keeps the sequence of the positions.
func removeOrder(tx *bolt.Tx) error {
	return forEachCollection(tx, func(_ ivschat.Owner, _ string, all *bolt.Bucket) error {
		return errors.Join(
			all.Bucket(bucketID).SetSequence(all.Bucket(bucketOrder).Sequence()),
			all.DeleteBucket(bucketOrder),
			all.DeleteBucket(bucketUsers),
		)
	})
}

// runsIn returns the number of runs from its value.
func runsIn(value []byte, version string) (runs uint64, err error) {
	if version == schemaWithoutChecksums {
		runs, err = strconv.ParseUint(string(value), 10, 64)
	} else {
		err = decodeRecord(keyRuns, value, &runs)
	}
	if err != nil {
		return 0, fmt.Errorf("the number of runs is damaged: %w", err)
	}
	return runs, nil
}

func putRuns(meta *bolt.Bucket, runs uint64) error {
	return meta.Put(keyRuns, newRecord(keyRuns, strconv.AppendUint(nil, runs, 10)))
}

// NextRun returns how often it was called before on this database: 0 the first time, then 1, and so
// on.
func (s *Store) NextRun(ctx context.Context) (run uint64, err error) {
	err = s.update(ctx, func(d *draft) error {
		run = d.index.runs
		d.index.runs++
		d.inFile(func(tx *bolt.Tx) error { return putRuns(tx.Bucket(bucketMeta), run+1) })
		return nil
	})
	return run, err
}
