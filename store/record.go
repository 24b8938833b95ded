package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// A record is
//
//	version   1 byte
//	checksum  4 bytes, big-endian CRC-32C of the key and the content
//	content   fields for a resource, JSON for the number of runs, and nothing for a used chat token
//
// For a resource, the checksum is that of its ARN and the content, so that its record cannot be that of
// another one. The content begins with the sequence number of its position, see field.go for the rest.
const (
	recordVersion = 1
	recordHeader  = 1 + 4
)

// The versions of the layout, see earlier.go for the first two. The first start with such a database gives
// it the present one.
const (
	schemaWithoutChecksums = "1"
	schemaWithJSON         = "2"
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

// newResourceRecord returns the key and the record of a resource.
func newResourceRecord[Resource any](
	kind *kind[Resource], stored *stored[Resource],
) (key, record []byte) {
	arn := kind.arn(&stored.resource)
	content := kind.append(binary.AppendUvarint(nil, ^stored.position.sequence), &stored.resource)
	return []byte(arn.ID), newRecord([]byte(arn.String()), content)
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
	if version != schemaVersion && version != schemaWithJSON && version != schemaWithoutChecksums {
		return "", fmt.Errorf("%w (schema %q)", errNewer, version)
	}
	return version, nil
}

// migrate gives a database, from which the index was loaded, the present layout.
func migrate(tx *bolt.Tx, x *index) error {
	version, err := schemaOf(tx)
	if err != nil {
		return err
	}
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil || version == schemaVersion {
		return err
	}
	if version == schemaWithoutChecksums {
		if err := addChecksums(tx, meta); err != nil {
			return err
		}
	}
	d := draft{index: *x, edit: new(edit), keeps: true}
	d.clear("")
	for _, owned := range x.ownersOf("") {
		storeAll(&d, loggingConfigurations, owned)
		storeAll(&d, rooms, owned)
	}
	for _, change := range d.file {
		if err := change(tx); err != nil {
			return err
		}
	}
	return meta.Put(keySchema, []byte(schemaVersion))
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

// NextRun returns how often it was called before on this database, or on this log: 0 the first time, then 1, and so
// on.
func (s *Store) NextRun(ctx context.Context) (run uint64, err error) {
	err = s.update(ctx, func(d *draft) error {
		run = d.index.runs
		d.index.runs++
		if d.shares {
			d.log = appendRuns(d.log, d.index.runs)
		}
		d.inFile(func(tx *bolt.Tx) error { return putRuns(tx.Bucket(bucketMeta), run+1) })
		return nil
	})
	return run, err
}
