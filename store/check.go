package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// check reads the whole database and changes nothing. checkPages has found its pages intact. Everything
// that our records' checksums do not cover is compared with the records: each record with its position
// in the order, the count, and the users of logging configurations.
func check(tx *bolt.Tx) error {
	version, err := schemaOf(tx)
	if err != nil {
		return err
	}
	return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
		switch {
		case bucket == nil:
			return fmt.Errorf("it has an unknown entry %q", name)
		case bytes.Equal(name, bucketMeta):
			return checkMeta(bucket, version)
		case bytes.Equal(name, bucketUsedTokens):
			return checkUsedTokens(bucket, version)
		default:
			return checkOwner(string(name), bucket)
		}
	})
}

func checkMeta(meta *bolt.Bucket, version string) error {
	return meta.ForEach(func(key, value []byte) error {
		switch {
		case bytes.Equal(key, keySchema):
			return nil
		case value != nil && bytes.Equal(key, keyRuns):
			_, err := runsIn(value, version)
			return err
		default:
			return fmt.Errorf("the bucket %q has an unknown entry %q", bucketMeta, key)
		}
	})
}

func checkOwner(owner string, owned *bolt.Bucket) error {
	return owned.ForEach(func(key, value []byte) error {
		for resource, name := range collectionNames {
			if value == nil && bytes.Equal(key, name) {
				return collectionIn(owned.Bucket(key)).check(owner, resource)
			}
		}
		return fmt.Errorf("the bucket of %s has an unknown entry %q", owner, key)
	})
}

func (c collection) check(owner string, resource ivschat.ResourceType) error {
	if c.id == nil || c.order == nil || c.users == nil || len(c.bucket.Get(keyCount)) != 8 {
		return fmt.Errorf("the %s list of %s is incomplete", resource, owner)
	}
	records, positions, references := 0, 0, 0
	sequence := c.order.Sequence()
	err := c.id.ForEach(func(key, record []byte) error {
		records++
		_, err := recordContent(key, record)
		return err
	})
	if err != nil {
		return err
	}
	err = c.order.ForEach(func(position, id []byte) error {
		positions++
		if len(position) == 16 && ^binary.BigEndian.Uint64(position[8:]) > sequence {
			return fmt.Errorf("the %s list of %s has the position %x, but was at %d",
				resource, owner, position, sequence)
		}
		configurations, err := c.checkRecord(owner, resource, position, id)
		references += len(configurations)
		return err
	})
	if err != nil {
		return err
	}
	users := c.users.Stats().KeyN
	if records != positions || c.count() != uint64(positions) || users != references {
		return fmt.Errorf("the %s list of %s contradicts itself: "+
			"%d records, %d positions, a count of %d, %d references to logging configurations, %d users of them",
			resource, owner, records, positions, c.count(), references, users)
	}
	return nil
}

// checkRecord returns the logging configurations that the record refers to.
func (c collection) checkRecord(
	owner string, resource ivschat.ResourceType, position, id []byte,
) (configurations []string, err error) {
	var record struct {
		ARN                             string
		Position                        []byte
		LoggingConfigurationIdentifiers []string
	}
	if err := decodeRecord(id, c.id.Get(id), &record); err != nil {
		return nil, err
	}
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return nil, err
	}
	if arn.Owner.String() != owner || arn.ResourceType != resource || arn.ID != string(id) {
		return nil, fmt.Errorf("the record of %q in the %s list of %s is the one of %s", id, resource, owner, arn)
	}
	if !bytes.Equal(record.Position, position) {
		return nil, fmt.Errorf("%s has position %x, but is stored at %x", arn, record.Position, position)
	}
	for _, identifier := range record.LoggingConfigurationIdentifiers {
		configuration, err := ivschat.ParseARN(identifier)
		if err != nil {
			return nil, err
		}
		if c.users.Get(userKey(configuration, arn.ID)) == nil {
			return nil, fmt.Errorf("%s refers to %s, but is not stored as its user", arn, configuration)
		}
	}
	return record.LoggingConfigurationIdentifiers, nil
}
