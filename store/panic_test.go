package store

import (
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
