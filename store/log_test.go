package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/store"
)

// A memoryLog is a log in memory, which stores follow through nodes.
type memoryLog struct {
	mu      sync.Mutex
	moved   *sync.Cond // when anything that follows has changed
	base    uint64     // the revision of content
	content []byte
	changes [][]byte // after that
	nodes   []*logNode
	done    sync.WaitGroup // of the goroutines that follow
}

// compactAfter is the number of changes after which the log keeps the whole content instead.
const compactAfter = 16

func newMemoryLog(t testing.TB) *memoryLog {
	l := &memoryLog{}
	l.moved = sync.NewCond(&l.mu)
	t.Cleanup(func() {
		for _, n := range l.nodes {
			n.die()
		}
		l.done.Wait()
	})
	return l
}

func (l *memoryLog) last() uint64 { return l.base + uint64(len(l.changes)) }

// node returns a store.Log.
func (l *memoryLog) node() *logNode { return &logNode{log: l} }

// A logNode is one of several nodes that use a log. It implements store.Log.
type logNode struct {
	log          *memoryLog
	beforeAppend func() // nil, or called before each change is added

	// Guarded by log.mu.
	applied   uint64
	dead      bool
	err       error
	conflicts int
	load      func(uint64, []byte) error
	apply     func(uint64, []byte) error
	save      func() (uint64, []byte)
}

var errDead = errors.New("the node is dead")

func (n *logNode) Follow(
	ctx context.Context, load, apply func(uint64, []byte) error, save func() (uint64, []byte),
) error {
	l := n.log
	l.mu.Lock()
	defer l.mu.Unlock()
	n.load, n.apply, n.save, n.applied = load, apply, save, l.base
	if err := load(l.base, l.content); err != nil {
		return err
	}
	for n.applied < l.last() {
		if err := n.applyNext(); err != nil {
			return err
		}
	}
	l.nodes = append(l.nodes, n)
	l.done.Go(n.follow)
	return ctx.Err()
}

// applyNext is called with the lock.
func (n *logNode) applyNext() error {
	n.applied++
	return n.apply(n.applied, n.log.changes[n.applied-n.log.base-1])
}

func (n *logNode) follow() {
	l := n.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for !n.dead {
		if n.err != nil || n.applied == l.last() {
			l.moved.Wait()
			continue
		}
		l.mu.Unlock() // others may go first
		for range rand.IntN(3) {
			runtime.Gosched()
		}
		l.mu.Lock()
		n.err = n.applyNext()
		l.moved.Broadcast()
	}
}

func (n *logNode) Append(expected uint64, change []byte) (added bool, err error) {
	if n.beforeAppend != nil {
		n.beforeAppend()
	}
	l := n.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if n.dead {
		return false, errDead
	}
	if added = expected == l.last(); added {
		l.changes = append(l.changes, change)
		l.moved.Broadcast()
	} else {
		n.conflicts++
	}
	for end := l.last(); !n.dead && !(n.applied >= end && (!added || l.allHave(end))); {
		l.moved.Wait()
	}
	if n.dead {
		return false, errDead
	}
	if len(l.changes) > compactAfter {
		l.compact()
	}
	return added, n.err
}

// allHave reports whether all live nodes have applied all changes up to a revision.
func (l *memoryLog) allHave(revision uint64) bool {
	for _, n := range l.nodes {
		if !n.dead && n.err == nil && n.applied < revision {
			return false
		}
	}
	return true
}

// compact replaces changes that all have applied by the content of any node.
func (l *memoryLog) compact() {
	n := l.nodes[rand.IntN(len(l.nodes))]
	revision, content := n.save()
	if content != nil && revision > l.base && l.allHave(revision) {
		l.changes = l.changes[revision-l.base:]
		l.base, l.content = revision, content
	}
}

func (n *logNode) Check() error {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	if n.dead {
		return errDead
	}
	return nil
}

// die makes the node unable to follow the log and to change it.
func (n *logNode) die() {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	n.dead = true
	n.log.moved.Broadcast()
}

// openShared returns a store that follows the log.
func openShared(t testing.TB, node store.Log) *store.Store {
	t.Helper()
	s, err := store.OpenShared(ctx, node)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}
