package store

import (
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"
)

var bucketUsedTokens = []byte("used tokens")

// UseToken remembers that a chat token was used and reports whether that was
// the first time. Tokens that have expired by now are forgotten along the way.
func (s *Store) UseToken(id string, now, expires time.Time) (first bool, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		used, err := tx.CreateBucketIfNotExists(bucketUsedTokens)
		if err != nil {
			return err
		}
		key := append(binary.BigEndian.AppendUint64(nil, uint64(expires.Unix())), id...)
		if first = used.Get(key) == nil; !first {
			return nil
		}
		if err := forgetExpired(used, now); err != nil {
			return err
		}
		return used.Put(key, nil)
	})
	return first, err
}

// forgetExpired takes a few of the tokens away that expired first: more than
// one for each that is added.
func forgetExpired(used *bolt.Bucket, now time.Time) error {
	const few = 4
	var expired [][]byte
	cursor := used.Cursor()
	for key, _ := cursor.First(); key != nil && len(expired) < few; key, _ = cursor.Next() {
		if int64(binary.BigEndian.Uint64(key)) > now.Unix() {
			break
		}
		expired = append(expired, key)
	}
	for _, key := range expired {
		if err := used.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
