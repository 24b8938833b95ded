package store

import (
	"bytes"
	"cmp"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// check reads the whole database and changes nothing. bbolt has checksums in its two meta pages
// only, so everything that our records' checksums do not cover is compared with the records: each
// record with its position in the order, the count, and the users of logging configurations.
func check(tx *bolt.Tx, path string) error {
	if info, err := os.Stat(path); path != "" && err == nil && info.Size() < tx.Size() {
		return fmt.Errorf("the file is truncated: it has %d bytes, but should have %d", info.Size(), tx.Size())
	}
	err := tx.ForEach(func(name []byte, owned *bolt.Bucket) error {
		if bytes.Equal(name, bucketMeta) || bytes.Equal(name, bucketUsedTokens) {
			return nil
		}
		return checkOwner(string(name), owned)
	})
	if err != nil {
		return err
	}
	return checkPages(tx)
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
		n, err := c.checkRecord(owner, resource, position, id)
		references += n
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

// checkRecord returns the number of logging configurations that the record refers to.
func (c collection) checkRecord(
	owner string, resource ivschat.ResourceType, position, id []byte,
) (references int, err error) {
	var record struct {
		ARN                             string
		Position                        []byte
		LoggingConfigurationIdentifiers []string
	}
	if err := decodeRecord(id, c.id.Get(id), &record); err != nil {
		return 0, err
	}
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return 0, err
	}
	if arn.Owner.String() != owner || arn.ResourceType != resource || arn.ID != string(id) {
		return 0, fmt.Errorf("the record of %q in the %s list of %s is the one of %s", id, resource, owner, arn)
	}
	if !bytes.Equal(record.Position, position) {
		return 0, fmt.Errorf("%s has position %x, but is stored at %x", arn, record.Position, position)
	}
	for _, identifier := range record.LoggingConfigurationIdentifiers {
		configuration, err := ivschat.ParseARN(identifier)
		if err != nil {
			return 0, err
		}
		if c.users.Get(userKey(configuration, arn.ID)) == nil {
			return 0, fmt.Errorf("%s refers to %s, but is not stored as its user", arn, configuration)
		}
	}
	return len(record.LoggingConfigurationIdentifiers), nil
}

// checkPages first checks that no page extends beyond the end of the file, and then lets bbolt
// check its pages. bbolt does that in a goroutine of its own, where a memory fault would end the
// program.
func checkPages(tx *bolt.Tx) error {
	pages := int(tx.Size()) / tx.DB().Info().PageSize
	for id := 0; id < pages; id++ {
		page, err := tx.Page(id)
		if err != nil {
			return err
		}
		if page != nil && page.Type != "free" {
			id += page.OverflowCount
		}
		if id >= pages {
			return fmt.Errorf("page %d extends beyond the end of the file, which has %d pages", page.ID, pages)
		}
	}
	var first error
	for err := range tx.Check() {
		first = cmp.Or(first, err)
	}
	return first
}
