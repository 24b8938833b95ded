package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestACommitThatPanicsReturnsAnError(t *testing.T) {
	t.Parallel()
	s, err := OpenInMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.update(t.Context(), func(tx *bolt.Tx) error {
		tx.OnCommit(func() { panic("on purpose") })
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("the error is %v", err)
	}
	if _, err := s.NextRun(t.Context()); err != nil {
		t.Errorf("the next write fails: %v", err)
	}
}

// The file is truncated after it was checked and before bbolt reads its meta pages.
func TestATransactionThatCannotBeginLeavesNoLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := s.begin(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, File), 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, writable := range []bool{false, true} {
			if _, err := s.begin(writable); err == nil {
				t.Errorf("a transaction begins, writable: %t", writable)
			}
		}
	}
	if err := reading.Rollback(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
