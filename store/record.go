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
//	content   JSON
const (
	recordVersion = 1
	recordHeader  = 1 + 4
)

// schemaVersion is the version of the layout of the buckets.
const schemaVersion = "1"

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
	record := make([]byte, recordHeader, recordHeader+len(text))
	record[0] = recordVersion
	binary.BigEndian.PutUint32(record[1:], checksum(key, text))
	return append(record, text...), nil
}

// decodeRecord checks the record under the key and decodes its content into target.
func decodeRecord(key, record []byte, target any) error {
	text, err := recordContent(key, record)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, target); err != nil {
		return fmt.Errorf("decode the record of %q: %w", key, err)
	}
	return nil
}

// recordContent checks the record under the key and returns its content, which is JSON.
func recordContent(key, record []byte) ([]byte, error) {
	if len(record) < recordHeader {
		return nil, fmt.Errorf("the record of %q is truncated: it has %d bytes", key, len(record))
	}
	content := record[recordHeader:]
	if checksum(key, content) != binary.BigEndian.Uint32(record[1:]) {
		return nil, fmt.Errorf("the record of %q does not match its checksum", key)
	}
	if record[0] != recordVersion {
		return nil, fmt.Errorf("the record of %q has version %d, but must have %d", key, record[0], recordVersion)
	}
	return content, nil
}

func checksum(key, content []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, content)
}

// migrate writes the schema version into a new database, and returns errNewer for a newer one.
func migrate(tx *bolt.Tx) error {
	if meta := tx.Bucket(bucketMeta); meta != nil {
		if version := meta.Get(keySchema); string(version) != schemaVersion {
			return fmt.Errorf("%w (schema %s)", errNewer, version)
		}
		return nil
	}
	if key, _ := tx.Cursor().First(); key != nil {
		return fmt.Errorf("it has no bucket %q", bucketMeta)
	}
	meta, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	return meta.Put(keySchema, []byte(schemaVersion))
}

// NextRun returns how often it was called before on this database: 0 the first time, then 1, and so
// on.
func (s *Store) NextRun(ctx context.Context) (run uint64, err error) {
	err = s.updateWithoutRooms(ctx, func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		run = 0
		if text := meta.Get(keyRuns); text != nil {
			if run, err = strconv.ParseUint(string(text), 10, 64); err != nil {
				return fmt.Errorf("the number of runs is damaged: %w", err)
			}
		}
		return meta.Put(keyRuns, strconv.AppendUint(nil, run+1, 10))
	})
	return run, err
}
