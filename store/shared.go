package store

// How stores share their content
//
// A shared store has no file. Its content is what a log has, which other stores also follow. All of them apply the
// same changes in the same order, so they have the same content, and the same positions in lists.
//
// A write runs on the index as it is, which makes a change (see change.go). The log takes that only if it has
// no other change that the index lacks. Otherwise another store was faster: when its change has been applied here, the
// write runs again, on the newer index. So quotas and references are as exact as in a single store (decision D84).
// What a write
// changes is not taken from its draft, but from the log, like the changes of others.
//
// An error of the log becomes a ServiceUnavailable. Whether the write is made is not known then.
//
// The writes of a batch are one change. So all stores see all of them at once, or nothing.

import (
	"context"
	"fmt"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Log is a log of changes that several stores share.
type Log interface {
	// Follow calls load with what save returned in one of the stores, or with nil if the log has no such content, and
	// then apply with each change since, in their order, each with its revision. These calls never overlap. Follow
	// returns when all changes that the log had at its beginning are applied, and the calls go on after that. load may
	// be called again if changes were missed. Follow returns the error of a call, or the context's. After an
	// error later on, there are no calls for further changes, unless load succeeds again.
	//
	// save may be called at any time after that. It returns the content after the change with that revision, or nil if
	// the store was closed or cannot apply changes.
	Follow(
		ctx context.Context,
		load func(revision uint64, content []byte) error,
		apply func(revision uint64, change []byte) error,
		save func() (revision uint64, content []byte),
	) error
	// Append adds a change, and reports whether it did. If it did, then all stores have applied it. If it did not, then
	// another change came after the expected revision, which is that of the latest change that this store had applied,
	// and has been applied here. After an error it is not known whether the change was added, or will be.
	// Append is never called twice at once.
	Append(expected uint64, change []byte) (added bool, err error)
	// Check returns why no change can be added now, or nil.
	Check() error
}

// OpenShared returns a store whose content is that of the log. It fails if that cannot be read, or is damaged. The
// context is for the start only.
func OpenShared(ctx context.Context, log Log) (*Store, error) {
	s := &Store{file: &file{}, log: log}
	s.index.Store(&index{})
	if err := log.Follow(ctx, s.loadShared, s.applyShared, s.saveShared); err != nil {
		return nil, fmt.Errorf("read the shared rooms and logging configurations: %w", err)
	}
	return s, nil
}

// loadShared replaces the content.
func (s *Store) loadShared(revision uint64, content []byte) error {
	loaded := &index{}
	if content != nil {
		var err error
		if loaded, err = loaded.apply(keyContent, content); err != nil {
			return s.broken(fmt.Errorf("the content at revision %d: %w", revision, err))
		}
	}
	loaded.revision = revision
	s.follow(loaded)
	s.file.broken.Store(nil)
	return nil
}

// applyShared makes a change.
func (s *Store) applyShared(revision uint64, change []byte) error {
	before, err := s.current()
	if err != nil {
		return nil // it was closed
	}
	after, err := before.apply(keyChange, change)
	if err != nil {
		return s.broken(fmt.Errorf("the change at revision %d: %w", revision, err))
	}
	after.revision = revision
	s.follow(after)
	after.tellTransitions(before, s.began.Load())
	return nil
}

// OnTransition sets the function that is called when logging configurations may have begun to be CREATING, UPDATING or
// DELETING, by a change of any store that shares the log: with each that is. It must not block, and not call the
// store.
func (s *Store) OnTransition(began func(ivschat.LoggingConfiguration)) { s.began.Store(&began) }

// tellTransitions calls began, unless it is nil, with the logging configurations that are in transition, if an owner
// has others than before.
func (x *index) tellTransitions(before *index, began *func(ivschat.LoggingConfiguration)) {
	if began == nil {
		return
	}
	for _, owned := range x.ownersOf("") {
		old := before.of(owned.owner)
		if old.configurations.lists.root == owned.configurations.lists.root {
			continue
		}
		for _, found := range owned.configurations.from(list{by: inTransition}, position{}) {
			(*began)(found.resource)
		}
	}
}

// follow makes an index the one of the store, unless it was closed.
func (s *Store) follow(after *index) {
	for before := s.index.Load(); before != nil && !s.index.CompareAndSwap(before, after); {
		before = s.index.Load()
	}
}

func (s *Store) saveShared() (revision uint64, content []byte) {
	x, err := s.latest(context.Background())
	if err != nil {
		return 0, nil
	}
	return x.revision, x.record()
}

// shared is the path of a FileError about a log.
const shared = "the data of the cluster"

// broken marks the store as broken, and returns why.
func (s *Store) broken(reason error) error {
	s.file.broken.Store(&FileError{shared, fmt.Sprintf("cannot be read (%v)", reason),
		"restore the stream with the data from a backup, or start all nodes with another --nats-prefix"})
	return reason
}

// checkLog returns a *FileError if no change can be added to the log now.
func (s *Store) checkLog() error {
	if err := s.log.Check(); err != nil {
		return &FileError{shared, "cannot be changed now", err.Error()}
	}
	return nil
}

// commitShared makes the writes until they are in the log, and answers their callers. A write that fails is dropped,
// and the others are made without it.
func (s *Store) commitShared(batch []*write) {
	for {
		batch = slices.DeleteFunc(batch, (*write).cancelled)
		before, err := s.beforeWrites()
		if err != nil {
			answer(batch, err)
			return
		}
		results, change := before.run(batch)
		added := true
		if len(change) > 0 {
			added, err = s.log.Append(before.revision, newRecord(keyChange, change))
		}
		if err != nil {
			err = &ivschat.Exception{
				Type: ivschat.ServiceUnavailable, Message: "The change is not stored, or not yet: " + err.Error(),
			}
		}
		if !added && err == nil {
			continue
		}
		for i, w := range batch {
			if results[i] == nil {
				results[i] = err
			}
			w.done <- results[i]
		}
		return
	}
}

// run makes the writes, and returns the error of each, and the operations of the others.
func (x *index) run(batch []*write) (results []error, change []byte) {
	for _, w := range batch {
		d := draft{index: *x, edit: new(edit), shares: true}
		err := w.make(&d)
		if err == nil {
			x, change = &d.index, append(change, d.log...)
		}
		results = append(results, err)
	}
	return results, change
}
