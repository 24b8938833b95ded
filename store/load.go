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
	id, order, count := bucket.Bucket(bucketID), bucket.Bucket(bucketOrder), bucket.Get(keyCount)
	if version == schemaVersion {
		order = id
	}
	if id == nil || order == nil || len(count) != 8 || version != schemaVersion && bucket.Bucket(bucketUsers) == nil {
		return fmt.Errorf("the %s list of %s is incomplete", kind.resourceType, owner)
	}
	owned := d.owned(owner)
	all := kind.in(owned)
	all.sequence = order.Sequence()
	err := id.ForEach(func(key, record []byte) error {
		return loadRecord(d.edit, kind, owned, key, record)
	})
	if err != nil {
		return err
	}
	if n := binary.BigEndian.Uint64(count); n != uint64(all.byID.size) {
		return fmt.Errorf("the %s list of %s contradicts itself: %d records, but a count of %d",
			kind.resourceType, owner, all.byID.size, n)
	}
	return nil
}

// loadRecord adds the resource of a record to the index.
func loadRecord[Resource any](e *edit, kind *kind[Resource], owned *owned, key, record []byte) error {
	resource, position, err := kind.read(key, record)
	if err != nil {
		return err
	}
	arn := kind.arn(&resource)
	if arn.Owner != owned.owner || arn.ResourceType != kind.resourceType || arn.ID != string(key) {
		return fmt.Errorf("the record of %q in the %s list of %s is the one of %s",
			key, kind.resourceType, owned.owner, arn)
	}
	arn.ID = string(key) // so that the memory of the whole ARN is not used
	all := kind.in(owned)
	at, ok := parsePosition(position)
	if !ok || at != newPosition(kind.updateTime(&resource), ^at.sequence) {
		return fmt.Errorf("%s has the position %x, but was updated at %d", arn, position,
			kind.updateTime(&resource).UnixNano())
	}
	if ^at.sequence > all.sequence {
		return fmt.Errorf("the %s list of %s has the position %x, but was at %d",
			kind.resourceType, owned.owner, position, all.sequence)
	}
	if other, taken := all.lists.get(place{list{}, at}); taken {
		return fmt.Errorf("%s has the position of %s", arn, kind.arn(&other.resource))
	}
	put(e, kind, owned, resource, at)
	return nil
}
