package store

import (
	"encoding/binary"

	bolt "go.etcd.io/bbolt"
)

var (
	bucketID    = []byte("id")
	bucketOrder = []byte("order") // in earlier layouts
	keyCount    = []byte("count")
)

// The buckets of a collection in the file.
type buckets struct {
	collection *bolt.Bucket // has the count and the records
	id         *bolt.Bucket // has the records, by ID; its sequence is that of the latest position
}

// ensureBuckets returns the buckets of a collection, and creates those that do not exist.
func ensureBuckets(tx *bolt.Tx, owner, name string) (b buckets, err error) {
	owned, err := tx.CreateBucketIfNotExists([]byte(owner))
	if err != nil {
		return b, err
	}
	if b.collection, err = owned.CreateBucketIfNotExists([]byte(name)); err != nil {
		return b, err
	}
	b.id, err = b.collection.CreateBucketIfNotExists(bucketID)
	return b, err
}

func (b buckets) setCount(n uint64) error {
	return b.collection.Put(keyCount, binary.BigEndian.AppendUint64(nil, n))
}
