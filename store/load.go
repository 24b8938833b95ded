package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// load reads and checks the whole database, and changes nothing. checkPages has found its pages intact.
// Everything that our records' checksums do not cover is compared with the records: their keys, the count
// and the sequence of the positions.
func load(tx *bolt.Tx) (*index, error) {
	version, err := schemaOf(tx)
	if err != nil {
		return nil, err
	}
	d := draft{edit: new(edit)}
	err = tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
		switch {
		case bucket == nil:
			return fmt.Errorf("it has an unknown entry %q", name)
		case bytes.Equal(name, bucketMeta):
			return d.loadMeta(bucket, version)
		case bytes.Equal(name, bucketUsedTokens):
			return checkUsedTokens(bucket, version)
		case !bytes.Contains(name, []byte("/")):
			return fmt.Errorf("it has an unknown entry %q", name)
		default:
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	err = forEachCollection(tx, func(owner ivschat.Owner, name string, bucket *bolt.Bucket) error {
		if name == rooms.plural {
			return loadCollection(&d, rooms, owner, bucket, version)
		}
		return loadCollection(&d, loggingConfigurations, owner, bucket, version)
	})
	return &d.index, err
}

func (d *draft) loadMeta(meta *bolt.Bucket, version string) error {
	return meta.ForEach(func(key, value []byte) (err error) {
		switch {
		case bytes.Equal(key, keySchema):
			return nil
		case value != nil && bytes.Equal(key, keyRuns):
			d.index.runs, err = runsIn(value, version)
			return err
		default:
			return fmt.Errorf("the bucket %q has an unknown entry %q", bucketMeta, key)
		}
	})
}

// forEachCollection calls visit with the bucket of each collection: of each owner first that of the logging
// configurations, and then that of the rooms.
func forEachCollection(
	tx *bolt.Tx, visit func(owner ivschat.Owner, name string, bucket *bolt.Bucket) error,
) error {
	return tx.ForEach(func(name []byte, owned *bolt.Bucket) error {
		account, region, isOwner := strings.Cut(string(name), "/")
		if !isOwner {
			return nil
		}
		owner := ivschat.Owner{AccountID: account, Region: region}
		return owned.ForEach(func(key, value []byte) error {
			if name := string(key); value == nil && (name == rooms.plural || name == loggingConfigurations.plural) {
				return visit(owner, name, owned.Bucket(key))
			}
			return fmt.Errorf("the bucket of %s has an unknown entry %q", owner, key)
		})
	})
}

// loadCollection adds the resources of a collection to the index.
func loadCollection[Resource any](
	d *draft, kind *kind[Resource], owner ivschat.Owner, bucket *bolt.Bucket, version string,
) error {
	records, sequence, read := bucket.Bucket(bucketID), bucket.Bucket(bucketID), readRecord[Resource]
	if version != schemaVersion {
		sequence, read = bucket.Bucket(bucketOrder), readJSONRecord[Resource]
	}
	count := bucket.Get(keyCount)
	if records == nil || sequence == nil || len(count) != 8 {
		return fmt.Errorf("the %s list of %s is incomplete", kind.resourceType, owner)
	}
	owned := d.owned(owner)
	all := kind.in(owned)
	all.sequence = sequence.Sequence()
	var loaded []*stored[Resource]
	err := records.ForEach(func(key, record []byte) error {
		arn := ivschat.ARN{Owner: owned.owner, ResourceType: kind.resourceType, ID: string(key)}
		resource, at, err := read(kind, arn, record)
		if err != nil {
			return err
		}
		if err := checkSequence(kind, owned, at); err != nil {
			return err
		}
		loaded = append(loaded, newStored(kind, owned, resource, at))
		return nil
	})
	if err != nil {
		return err
	}
	if err := all.putAll(d.edit, kind, loaded); err != nil {
		return err
	}
	if n := binary.BigEndian.Uint64(count); n != uint64(all.byID.size) {
		return fmt.Errorf("the %s list of %s contradicts itself: %d records, but a count of %d",
			kind.resourceType, owner, all.byID.size, n)
	}
	return nil
}

// checkSequence returns an error for a position that is later than the latest one.
func checkSequence[Resource any](kind *kind[Resource], owned *owned, at position) error {
	if latest := kind.in(owned).sequence; ^at.sequence > latest {
		return fmt.Errorf("the %s list of %s has the position %x, but was at %d",
			kind.resourceType, owned.owner, at.bytes(), latest)
	}
	return nil
}

// readRecord reads the record of a resource.
func readRecord[Resource any](
	kind *kind[Resource], arn ivschat.ARN, record []byte,
) (resource Resource, at position, err error) {
	content, err := recordContent([]byte(arn.String()), record)
	if err != nil {
		return resource, at, err
	}
	f := readFields(content)
	sequence := f.Uvarint()
	resource = kind.read(f, arn)
	return resource, newPosition(kind.updateTime(&resource), sequence), f.end(arn)
}
