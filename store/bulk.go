package store

// How many resources are stored at once
//
// Within a transaction, bbolt keeps all new entries of a bucket in one sorted slice, and divides it into
// pages only at the commit (bbolt 1.5.0, node.go). An entry that belongs at the end is appended. Every other
// one moves those after it, so entries in another order take time that grows with the square of their
// number: 50,000 rooms took 6 to 12 seconds, and take less than one in the order of their keys. So the
// entries of each bucket are sorted first. It is still one transaction: all of them are stored or none.

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// An entry is a resource that is to be stored.
type entry struct {
	arn        ivschat.ARN
	updateTime time.Time
	users      []ivschat.ARN // the logging configurations to which it refers
	record     func(position []byte) any
	position   []byte // set by insertInto
}

func roomEntries(rooms []ivschat.Room) []entry {
	entries := make([]entry, len(rooms))
	for i, room := range rooms {
		entries[i] = entry{
			arn: room.ARN, updateTime: room.UpdateTime, users: room.LoggingConfigurationIdentifiers,
			record: func(position []byte) any { return newRoomRecord(room, position) },
		}
	}
	return entries
}

func loggingConfigurationEntries(configurations []ivschat.LoggingConfiguration) []entry {
	entries := make([]entry, len(configurations))
	for i, configuration := range configurations {
		entries[i] = entry{
			arn: configuration.ARN, updateTime: configuration.UpdateTime,
			record: func(position []byte) any { return newLoggingConfigurationRecord(configuration, position) },
		}
	}
	return entries
}

// insertAll stores resources of one type, which are in the order in which they are listed.
func insertAll(tx *bolt.Tx, resource ivschat.ResourceType, entries []entry) error {
	byOwner := map[ivschat.Owner][]entry{}
	for _, e := range entries {
		byOwner[e.arn.Owner] = append(byOwner[e.arn.Owner], e)
	}
	for owner, entries := range byOwner {
		if err := insertInto(tx, owner, resource, entries); err != nil {
			return err
		}
	}
	return nil
}

// insertInto stores resources of one type and one owner.
func insertInto(tx *bolt.Tx, owner ivschat.Owner, resource ivschat.ResourceType, entries []entry) error {
	c, err := ensureCollection(tx, owner, resource)
	if err != nil {
		return err
	}
	if err := attachAll(tx, c, entries); err != nil {
		return err
	}
	sequence := c.order.Sequence()
	for i := range slices.Backward(entries) { // the first one of the list is the one that came last
		sequence++
		entries[i].position = newPosition(entries[i].updateTime, sequence)
	}
	if err := c.order.SetSequence(sequence); err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.position, b.position) })
	for _, e := range entries {
		if err := c.order.Put(e.position, []byte(e.arn.ID)); err != nil {
			return err
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.arn.ID, b.arn.ID) })
	for _, e := range entries {
		if c.has(e.arn) {
			return fmt.Errorf("%s: %w", e.arn, ivschat.ErrIDTaken)
		}
		if err := c.put(e.arn.ID, e.record(e.position)); err != nil {
			return err
		}
	}
	return c.setCount(c.count() + uint64(len(entries)))
}

// attachAll stores the entries as users of their logging configurations. It fails with a
// ResourceNotFoundException for one that does not exist.
func attachAll(tx *bolt.Tx, c collection, entries []entry) error {
	var keys [][]byte
	for _, e := range entries {
		configurations := findCollection(tx, e.arn.Owner, ivschat.LoggingConfigurationResource)
		for _, configuration := range e.users {
			if !configurations.has(configuration) {
				return fmt.Errorf("%s: %w", e.arn, ivschat.NotFound(configuration))
			}
			keys = append(keys, userKey(configuration, e.arn.ID))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	for _, key := range keys {
		if err := c.users.Put(key, nil); err != nil {
			return err
		}
	}
	return nil
}
