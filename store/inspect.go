package store

import (
	"bytes"
	"cmp"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// inspect reads everything and changes nothing. bbolt has no checksums below
// its first two pages, so what our own do not cover is held against what they
// do: each record against its place in the order, the count and the uses.
func inspect(tx *bolt.Tx, path string) error {
	if info, err := os.Stat(path); path != "" && err == nil && info.Size() < tx.Size() {
		return fmt.Errorf("it has %d bytes where there should be %d", info.Size(), tx.Size())
	}
	err := tx.ForEach(func(name []byte, owned *bolt.Bucket) error {
		if bytes.Equal(name, bucketMeta) || bytes.Equal(name, bucketUsedTokens) {
			return nil
		}
		return owned.ForEach(func(kind, value []byte) error {
			for resource, known := range collectionNames {
				if value == nil && bytes.Equal(kind, known) {
					return within(owned.Bucket(kind)).inspect(string(name), resource)
				}
			}
			return fmt.Errorf("%s has an unknown part %q", name, kind)
		})
	})
	if err != nil {
		return err
	}
	return inspectPages(tx)
}

func (c collection) inspect(owner string, resource ivschat.ResourceType) error {
	if c.id == nil || c.order == nil || c.users == nil || len(c.bucket.Get(keyCount)) != 8 {
		return fmt.Errorf("the %s list of %s lacks a part", resource, owner)
	}
	ids, places, uses := 0, 0, 0
	err := c.id.ForEach(func(key, record []byte) error {
		ids++
		_, err := unseal(key, record)
		return err
	})
	if err != nil {
		return err
	}
	err = c.order.ForEach(func(position, id []byte) error {
		places++
		used, err := c.inspectRecord(owner, resource, position, id)
		uses += used
		return err
	})
	if err != nil {
		return err
	}
	users := c.users.Stats().KeyN
	if ids != places || c.count() != uint64(places) || users != uses {
		return fmt.Errorf("the %s list of %s has %d records in %d places, and %d uses where there should be %d", resource, owner, ids, places, users, uses)
	}
	return nil
}

// inspectRecord gives the number of logging configurations that the record
// uses.
func (c collection) inspectRecord(owner string, resource ivschat.ResourceType, position, id []byte) (uses int, err error) {
	var record struct {
		ARN                             string
		Position                        []byte
		LoggingConfigurationIdentifiers []string
	}
	if err := decode(id, c.id.Get(id), &record); err != nil {
		return 0, err
	}
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return 0, err
	}
	if arn.Owner.String() != owner || arn.ResourceType != resource || arn.ID != string(id) || !bytes.Equal(record.Position, position) {
		return 0, fmt.Errorf("%s stands in the wrong place", arn)
	}
	for _, identifier := range record.LoggingConfigurationIdentifiers {
		configuration, err := ivschat.ParseARN(identifier)
		if err != nil {
			return 0, err
		}
		if c.users.Get(use(configuration, arn.ID)) == nil {
			return 0, fmt.Errorf("the use of %s by %s is missing", configuration, arn)
		}
	}
	return len(record.LoggingConfigurationIdentifiers), nil
}

// inspectPages lets bbolt look at its own pages, once it is clear that none
// reaches beyond the file: bbolt does that in a goroutine of its own, where a
// fault would end the program.
func inspectPages(tx *bolt.Tx) error {
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
			return fmt.Errorf("page %d reaches beyond the end", page.ID)
		}
	}
	var first error
	for err := range tx.Check() {
		first = cmp.Or(first, err)
	}
	return first
}
