package store

import (
	"context"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"
)

var bucketUsedTokens = []byte("used tokens")

// UseToken remembers that a chat token was used and reports whether that was
// the first time. Tokens that have expired by now are forgotten along the way.
func (s *Store) UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error) {
	err = s.updateOther(ctx, func(tx *bolt.Tx) error {
		used, err := tx.CreateBucketIfNotExists(bucketUsedTokens)
		if err != nil {
			return err
		}
		key := usedTokenKey(id, expires)
		if first = used.Get(key) == nil; !first {
			return nil
		}
		if err := forgetExpired(used, now); err != nil {
			return err
		}
		return used.Put(key, []byte{}) // within a transaction nil would look as if it were not there
	})
	return first, err
}

// TokenUsed reports whether a chat token was used.
func (s *Store) TokenUsed(ctx context.Context, id string, expires time.Time) (used bool, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		if tokens := tx.Bucket(bucketUsedTokens); tokens != nil {
			used = tokens.Get(usedTokenKey(id, expires)) != nil
		}
		return nil
	})
	return used, err
}

func usedTokenKey(id string, expires time.Time) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(expires.Unix())), id...)
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
