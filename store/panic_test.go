package store

import (
	"errors"
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

func TestAWriteDuringWhichTheFileIsOverwrittenIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.update(t.Context(), func(*bolt.Tx) error {
		file, err := os.OpenFile(filepath.Join(dir, File), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.Write(make([]byte, 2*os.Getpagesize())) // the meta pages, of which the commit writes one
		return errors.Join(err, file.Close())
	})
	if err == nil || !strings.Contains(err.Error(), "was changed by another program") {
		t.Errorf("the error is %v", err)
	}
	if err := s.Check(); err == nil {
		t.Error("the database is not marked as damaged")
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
