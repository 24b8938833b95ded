package store

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// memoryTokens are the used tokens of a store in memory. A map takes a hundredth of the time of a
// transaction, and every connection of a chat client needs one.
type memoryTokens struct {
	mu     sync.Mutex      // guards what follows
	used   map[string]bool // by usedTokenKey
	oldest tokenHeap       // of the same keys
}

func newMemoryTokens() *memoryTokens { return &memoryTokens{used: map[string]bool{}} }

// use does what Store.UseToken does. It removes every token that has expired.
func (m *memoryTokens) use(ctx context.Context, key string, now time.Time) (first bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used[key] {
		return false, nil
	}
	for len(m.oldest) > 0 && expired([]byte(m.oldest[0]), now) {
		delete(m.used, heap.Pop(&m.oldest).(string))
	}
	m.used[key] = true
	heap.Push(&m.oldest, key)
	return true, nil
}

func (m *memoryTokens) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used[key]
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
