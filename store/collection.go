package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

var (
	bucketID    = []byte("id")
	bucketOrder = []byte("order")
	bucketUsers = []byte("users")
	keyCount    = []byte("count")
)

var collectionNames = map[ivschat.ResourceType][]byte{
	ivschat.RoomResource:                 []byte("rooms"),
	ivschat.LoggingConfigurationResource: []byte("logging configurations"),
}

// A collection holds the resources of one type and one owner. The zero value is empty and must not
// be written to.
type collection struct {
	bucket *bolt.Bucket // holds the count and the other buckets
	id     *bolt.Bucket
	order  *bolt.Bucket
	users  *bolt.Bucket
}

// findCollection returns the collection of the owner's resources of the type. It is empty when the
// owner has none and when the type is unknown.
func findCollection(tx *bolt.Tx, owner ivschat.Owner, resource ivschat.ResourceType) collection {
	owned := tx.Bucket([]byte(owner.String()))
	name, known := collectionNames[resource]
	if owned == nil || !known {
		return collection{}
	}
	bucket := owned.Bucket(name)
	if bucket == nil {
		return collection{}
	}
	return collectionIn(bucket)
}

func collectionIn(bucket *bolt.Bucket) collection {
	return collection{
		bucket: bucket,
		id:     bucket.Bucket(bucketID),
		order:  bucket.Bucket(bucketOrder),
		users:  bucket.Bucket(bucketUsers),
	}
}

// ensureCollection returns the collection like findCollection, and creates it if it does not exist.
func ensureCollection(
	tx *bolt.Tx, owner ivschat.Owner, resource ivschat.ResourceType,
) (c collection, err error) {
	owned, err := tx.CreateBucketIfNotExists([]byte(owner.String()))
	if err != nil {
		return c, err
	}
	if c.bucket, err = owned.CreateBucketIfNotExists(collectionNames[resource]); err != nil {
		return c, err
	}
	if c.id, err = c.bucket.CreateBucketIfNotExists(bucketID); err != nil {
		return c, err
	}
	if c.order, err = c.bucket.CreateBucketIfNotExists(bucketOrder); err != nil {
		return c, err
	}
	c.users, err = c.bucket.CreateBucketIfNotExists(bucketUsers)
	return c, err
}

// get decodes the resource into record, or returns a ResourceNotFoundException.
func (c collection) get(arn ivschat.ARN, record any) error {
	if !c.has(arn) {
		return ivschat.NotFound(arn)
	}
	key := []byte(arn.ID)
	return decodeRecord(key, c.id.Get(key), record)
}

func (c collection) has(arn ivschat.ARN) bool {
	return c.id != nil && c.id.Get([]byte(arn.ID)) != nil
}

// put stores the record under the ID.
func (c collection) put(id string, record any) error {
	value, err := encodeRecord([]byte(id), record)
	if err != nil {
		return err
	}
	return c.id.Put([]byte(id), value)
}

// insert counts a new resource and adds it to the order. The caller puts its record.
func (c collection) insert(id string, updateTime time.Time) (position []byte, err error) {
	if c.id.Get([]byte(id)) != nil {
		return nil, fmt.Errorf("%s: %w", id, ivschat.ErrIDTaken)
	}
	if err := c.setCount(c.count() + 1); err != nil {
		return nil, err
	}
	return c.addPosition(id, updateTime)
}

// move gives a changed resource a new position in the order. The caller puts its record.
func (c collection) move(id string, from []byte, updateTime time.Time) (position []byte, err error) {
	if err := c.order.Delete(from); err != nil {
		return nil, err
	}
	return c.addPosition(id, updateTime)
}

func (c collection) addPosition(id string, updateTime time.Time) ([]byte, error) {
	sequence, err := c.order.NextSequence()
	if err != nil {
		return nil, err
	}
	position := newPosition(updateTime, sequence)
	return position, c.order.Put(position, []byte(id))
}

func newPosition(updateTime time.Time, sequence uint64) []byte {
	position := binary.BigEndian.AppendUint64(nil, ^uint64(updateTime.UnixNano()))
	return binary.BigEndian.AppendUint64(position, ^sequence)
}

// remove removes a resource that exists.
func (c collection) remove(id string, position []byte) error {
	return errors.Join(
		c.order.Delete(position),
		c.id.Delete([]byte(id)),
		c.setCount(c.count()-1),
	)
}

func (c collection) count() uint64 {
	if value := c.bucket.Get(keyCount); value != nil {
		return binary.BigEndian.Uint64(value)
	}
	return 0
}

func (c collection) setCount(n uint64) error {
	return c.bucket.Put(keyCount, binary.BigEndian.AppendUint64(nil, n))
}

// list returns the resources of the page that match, in order. next is the position of the last
// one if another match follows, and nil otherwise. It stops with the context's error when the
// context ends.
func list[Resource any](
	ctx context.Context, c collection, page ivschat.Page,
	read func(key, value []byte) (Resource, error), match func(Resource) bool,
) (items []Resource, next []byte, err error) {
	if c.order == nil {
		return nil, nil, nil
	}
	cursor := c.order.Cursor()
	position, id := cursor.Seek(page.After) // the first one on the first page
	if bytes.Equal(position, page.After) {
		position, id = cursor.Next()
	}
	var last []byte
	for ; position != nil; position, id = cursor.Next() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		item, err := read(id, c.id.Get(id))
		if err != nil {
			return nil, nil, err
		}
		if !match(item) {
			continue
		}
		if len(items) == page.Limit {
			return items, bytes.Clone(last), nil
		}
		items, last = append(items, item), position
	}
	return items, nil, nil
}
