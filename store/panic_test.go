package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestAllWritesOfACommitThatFailsReturnItsError(t *testing.T) {
	t.Parallel()
	for want, fail := range map[string]func(*bolt.Tx){
		"was damaged while it was in use (on purpose)": func(tx *bolt.Tx) {
			tx.OnCommit(func() { panic("on purpose") })
		},
		"tx closed": func(tx *bolt.Tx) { _ = tx.Rollback() },
	} {
		s := smallStore(t)
		batch := make([]*write, 3)
		for i := range batch {
			batch[i] = &write{done: make(chan error, 1), run: func(d *draft) error {
				d.index.runs += 10
				d.inFile(func(tx *bolt.Tx) error {
					if i == 1 {
						fail(tx)
					}
					return nil
				})
				return nil
			}}
		}
		s.commitBatch(batch)
		for i, w := range batch {
			if err := <-w.done; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("write %d: got %v, want %s", i, err, want)
			}
		}
		if runs := s.index.Load().runs; runs != 1 {
			t.Errorf("%s: the number of runs is %d", want, runs)
		}
	}
}

func TestAWriteThatPanicsReturnsAnErrorAndTheNextOneSucceeds(t *testing.T) {
	t.Parallel()
	for _, s := range []*Store{smallStore(t), smallMemoryStore(t)} {
		err := s.update(t.Context(), func(*draft) error { panic("on purpose") })
		if err == nil || err.Error() != "panic: on purpose" {
			t.Errorf("the error is %v", err)
		}
		if run, err := s.NextRun(t.Context()); err != nil || run != 1 {
			t.Errorf("the next run is %d (%v)", run, err)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
}

// The file is moved away after it was checked, so the write is on disk, but is not acknowledged.
func TestAWriteThatWasMadeButIsNotAcknowledgedIsStillThereAfterAStart(t *testing.T) {
	t.Parallel()
	s := newDiskStore(t)
	moved := s.path + "-moved"
	err := s.update(t.Context(), func(d *draft) error {
		d.inFile(func(*bolt.Tx) error { return os.Rename(s.path, moved) })
		return insert(d, rooms, new(roomOf(someOwner, "made")), 1000)
	})
	s.check("the write", err, "was deleted while it was in use")
	s.do(os.Rename(moved, s.path), s.Check(), s.CreateRoom(t.Context(), roomOf(someOwner, "next"), 1000))
	for range 2 { // before and after a start
		for _, id := range []string{"made", "next"} {
			_, err := s.Room(t.Context(), roomOf(someOwner, id).ARN)
			s.do(err)
		}
		s.do(s.Close())
		s.Store, err = Open(filepath.Dir(s.path))
		s.do(err)
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
	_, err = s.store([]func(*bolt.Tx) error{func(*bolt.Tx) error {
		file, err := os.OpenFile(filepath.Join(dir, File), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.Write(make([]byte, 2*os.Getpagesize())) // the meta pages, of which the commit writes one
		return errors.Join(err, file.Close())
	}})
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
	reading, err := s.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, File), 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.begin(); err == nil {
			t.Error("a transaction begins")
		}
	}
	if err := reading.Rollback(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
