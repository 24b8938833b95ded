package store_test

import (
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestRunsAreCountedAlsoAfterARestart(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		for want := range uint64(12) {
			run, err := s.NextRun(ctx)
			must(t, err)
			checkEqual(t, "the run", run, want)
			if want%3 == 0 {
				s.reopen()
			}
		}
	})
}

func TestTheNumberOfRunsOfTheFirstLayoutIsDecimal(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	must(t, s.Close())
	editDatabase(t, s.dir, both(put("schema", "1", "meta"), put("runs", "10", "meta")))
	s.Store = open(t, s.dir)
	run, err := s.NextRun(ctx)
	must(t, err)
	checkEqual(t, "the run", run, 10)
}

func TestAUsedTokenOfTheFirstLayoutMayHaveNoID(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	must(t, s.Close())
	editDatabase(t, s.dir, both(put("schema", "1", "meta"), put("12345678", "", "used tokens")))
	open(t, s.dir).Close()
}

// Otherwise a run could have the IDs of an earlier one.
func TestADamagedNumberOfRunsIsRefused(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	_, err := s.NextRun(ctx)
	must(t, err)
	must(t, s.Close())
	for name, change := range map[string]func(*bolt.Tx) error{
		"another number": put("runs", recordOf(1, "runs", "1")[:5]+"2", "meta"),
		"no checksum":    put("runs", "1", "meta"),
		"not a number":   put("runs", recordOf(1, "runs", "x"), "meta"),
	} {
		editDatabase(t, s.dir, change)
		if !openDamaged(t, name, readDatabase(t, s.dir), nil) {
			t.Errorf("%s: it opens", name)
		}
	}
}
