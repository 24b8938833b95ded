package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

var bucketUsedTokens = []byte("used tokens")

// errNoTokens is the error for tokens in a shared store, which are kept elsewhere, because each is about one key.
var errNoTokens = errors.New("a shared store has no used chat tokens")

// UseToken marks a chat token as used and reports whether this was its first use. It may forget tokens
// that have expired by now. A shared store has no tokens, and returns an error.
func (s *Store) UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if s.log != nil {
		return false, errNoTokens
	}
	key := usedTokenKey(id, expires)
	if !s.used.add(string(key), now) {
		return false, nil
	}
	if s.db == nil {
		_, err := s.current()
		return true, err
	}
	err = s.update(ctx, func(d *draft) error {
		d.inFile(func(tx *bolt.Tx) error {
			used, err := tx.CreateBucketIfNotExists(bucketUsedTokens)
			if err != nil {
				return err
			}
			if first = used.Get(key) == nil; !first {
				return nil
			}
			if err := removeExpired(used, now); err != nil {
				return err
			}
			return used.Put(key, usedTokenRecord(key))
		})
		return nil
	})
	if err != nil {
		s.used.remove(string(key)) // it has opened no connection, and may be tried again
	}
	return first, err
}

// TokenUsed reports whether a chat token was used. A shared store returns an error.
func (s *Store) TokenUsed(ctx context.Context, id string, expires time.Time) (used bool, err error) {
	if s.log != nil {
		return false, cmp.Or(ctx.Err(), errNoTokens)
	}
	return s.used.has(string(usedTokenKey(id, expires))), ctx.Err()
}

func usedTokenKey(id string, expires time.Time) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(expires.Unix())), id...)
}

// usedTokenRecord returns the record of a used token: only a version and a checksum.
func usedTokenRecord(key []byte) []byte { return newRecord(key, nil) }

func checkUsedTokens(used *bolt.Bucket, version string) error {
	return used.ForEach(func(key, value []byte) error {
		if version == schemaWithoutChecksums && value != nil && len(value) == 0 && len(key) >= 8 {
			return nil
		}
		content, err := recordContent(key, value)
		if err == nil && len(content) > 0 {
			err = fmt.Errorf("the record of %q is too long", key)
		}
		if err != nil {
			return fmt.Errorf("the used chat tokens are damaged: %w", err)
		}
		return nil
	})
}

// removeExpired removes up to four expired tokens, those first that expired first. One token is added
// for each call, so expired tokens do not pile up.
func removeExpired(used *bolt.Bucket, now time.Time) error {
	const limit = 4
	var old [][]byte
	cursor := used.Cursor()
	for key, _ := cursor.First(); key != nil && len(old) < limit; key, _ = cursor.Next() {
		if !expired(key, now) {
			break
		}
		old = append(old, key)
	}
	for _, key := range old {
		if err := used.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// expired reports whether the token of a key has expired. The keys of tokens that expire earlier come
// first in byte order.
func expired(key []byte, now time.Time) bool {
	return int64(binary.BigEndian.Uint64(key)) <= now.Unix()
}
