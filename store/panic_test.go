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
	if err == nil || err.Error() != "panic: on purpose" {
		t.Errorf("the error is %v", err)
	}
	if _, err := s.NextRun(t.Context()); err != nil {
		t.Errorf("the next write fails: %v", err)
	}
}

func TestAllWritesOfACommitThatFailsReturnItsError(t *testing.T) {
	t.Parallel()
	for want, fail := range map[string]func(*bolt.Tx){
		"panic: on purpose": func(tx *bolt.Tx) { tx.OnCommit(func() { panic("on purpose") }) },
		"tx closed":         func(tx *bolt.Tx) { _ = tx.Rollback() },
	} {
		s := smallStore(t)
		batch := make([]*write, 3)
		for i := range batch {
			batch[i] = &write{done: make(chan error, 1), run: func(tx *bolt.Tx) error {
				if i == 1 {
					fail(tx)
				}
				return nil
			}}
		}
		s.commitBatch(batch)
		for i, w := range batch {
			if err := <-w.done; err == nil || err.Error() != want {
				t.Errorf("write %d: got %v, want %s", i, err, want)
			}
		}
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
