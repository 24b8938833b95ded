package store

import (
	"container/heap"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// usedTokens are the used tokens that have not been forgotten, in memory. A map takes a hundredth of the
// time of a transaction, and every connection of a chat client needs one. Damage of the database while it
// is open cannot make a used token look new either.
type usedTokens struct {
	mu     sync.Mutex      // guards what follows
	used   map[string]bool // by usedTokenKey; false for a token that is new again
	oldest tokenHeap       // of these keys
}

// add marks a token as used and reports whether it was new. It forgets every token that has expired.
func (u *usedTokens) add(key string, now time.Time) (first bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.used[key] {
		return false
	}
	for len(u.oldest) > 0 && expired([]byte(u.oldest[0]), now) {
		delete(u.used, heap.Pop(&u.oldest).(string))
	}
	if _, known := u.used[key]; !known {
		heap.Push(&u.oldest, key)
	}
	u.used[key] = true
	return true
}

// remove marks a token as new again.
func (u *usedTokens) remove(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.used[key] = false
}

func (u *usedTokens) has(key string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.used[key]
}

// load adds the tokens of the database.
func (u *usedTokens) load(tx *bolt.Tx) error {
	u.used = map[string]bool{}
	bucket := tx.Bucket(bucketUsedTokens)
	if bucket == nil {
		return nil
	}
	return bucket.ForEach(func(key, _ []byte) error {
		u.used[string(key)] = true
		u.oldest = append(u.oldest, string(key)) // in order, so it is a heap
		return nil
	})
}

// A tokenHeap has keys of used tokens, the one that expires first at the beginning. It implements
// heap.Interface.
type tokenHeap []string

// Len returns the number of keys.
func (h tokenHeap) Len() int { return len(h) }

// Less reports whether one key expires before another.
func (h tokenHeap) Less(i, j int) bool { return h[i] < h[j] }

// Swap swaps two keys.
func (h tokenHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push appends a key.
func (h *tokenHeap) Push(key any) { *h = append(*h, key.(string)) }

// Pop removes the last key.
func (h *tokenHeap) Pop() any {
	last := len(*h) - 1
	key := (*h)[last]
	(*h)[last] = ""
	*h = (*h)[:last]
	return key
}
