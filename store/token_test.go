package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/store"
)

// use uses a token and checks whether the store reports this as the first use.
func (s *testStore) use(id string, now, expires time.Time, first bool) {
	s.t.Helper()
	got, err := s.UseToken(ctx, id, now, expires)
	must(s.t, err)
	if got != first {
		s.t.Errorf("first use of %s: got %t, want %t", id, got, first)
	}
}

func TestOnlyTheFirstUseOfATokenIsReportedAsTheFirst(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		expires := start.Add(time.Hour)
		s.use("a", start, expires, true)
		s.use("a", start, expires, false)
		s.use("b", start, expires, true)
		s.reopen()
		if used, err := s.TokenUsed(ctx, "a", expires); !used || err != nil {
			t.Errorf("the store says after a restart that the token was used: %t, %v", used, err)
		}
		s.use("a", expires.Add(-1), expires, false)
		s.use("c", start, expires, true)
	})
}

func TestATokenIsUsedFromItsFirstUseOn(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		expires := start.Add(time.Hour)
		check := func(id string, want bool) {
			t.Helper()
			got, err := s.TokenUsed(ctx, id, expires)
			must(t, err)
			checkEqual(t, "whether "+id+" is used", got, want)
		}
		check("a", false)
		s.use("a", start, expires, true)
		check("a", true)
		check("b", false)
		first, err := s.UseToken(cancelled(), "b", start, expires)
		if first || err == nil {
			t.Errorf("a cancelled use is the first: %t, and its error is %v", first, err)
		}
		check("b", false)
	})
}

func TestExpiredTokensAreRemoved(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		soon, late := start.Add(time.Minute), start.Add(time.Hour)
		for i := range 20 {
			s.use(fmt.Sprint("soon", i), start, soon, true)
			s.use(fmt.Sprint("late", i), start, late, true)
		}
		for i := range 10 {
			s.use(fmt.Sprint("new", i), soon, late, true)
		}
		for i := range 20 {
			s.use(fmt.Sprint("late", i), soon, late, false)
			s.use(fmt.Sprint("soon", i), start, soon, true) // removed, so it looks new
		}
	})
}

func TestTokensThatExpireAfterARestartAreRemoved(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		soon, late := start.Add(time.Minute), start.Add(time.Hour)
		for i := range 4 {
			s.use(fmt.Sprint("soon", i), start, soon, true)
			s.use(fmt.Sprint("late", i), start, late, true)
		}
		s.reopen()
		s.use("new", soon, late, true)
		for i := range 4 {
			s.use(fmt.Sprint("soon", i), start, soon, true) // removed, so it looks new
			s.use(fmt.Sprint("late", i), start, late, false)
		}
	})
}

// The clock of the emulator can go back. The database forgets up to four tokens at a time.
func TestATokenIsStillUsedIfOnlyTheDatabaseHasIt(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	soon, late := start.Add(time.Minute), start.Add(time.Hour)
	for i := range 5 {
		s.use(fmt.Sprint("soon", i), start, soon, true)
	}
	s.use("new", soon, late, true)
	s.use("soon4", start, soon, false)
	s.use("soon3", start, soon, true)
}

func TestDamageOfTheOpenDatabaseMakesNoUsedTokenNew(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	expires := start.Add(time.Hour)
	s.use("token-of-anna", start, expires, true)
	path := filepath.Join(s.dir, store.File)
	content, err := os.ReadFile(path)
	must(t, err)
	at := bytes.Index(content, []byte("token-of-anna"))
	if at < 0 {
		t.Fatal("the database does not have the token")
	}
	must(t, overwrite(path, int64(at), []byte("tokem")))
	s.use("token-of-anna", start, expires, false)
}

func TestATokenWhoseUseCannotBeStoredMayBeUsedLater(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	expires := start.Add(time.Hour)
	path := filepath.Join(s.dir, store.File)
	must(t, os.Rename(path, path+".away"))
	if first, err := s.UseToken(ctx, "a", start, expires); first || err == nil {
		t.Errorf("without the database: %t, %v", first, err)
	}
	must(t, os.Rename(path+".away", path))
	s.use("a", start, expires, true)
	s.use("a", start, expires, false)
}

// Concurrent uses of a token share a transaction when another write is being committed.
func TestOfManyConcurrentUsesOneIsTheFirst(t *testing.T) {
	inBothModes(t, func(t *testing.T, s *testStore) {
		const rounds, uses = 20, 20
		must(t, s.CreateRoom(ctx, newRoom("aaaaaaaaaaaa", 0), largeLimit))
		stop := make(chan struct{})
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						s.touch("aaaaaaaaaaaa", 1)
					}
				}
			})
		}
		expires := start.Add(time.Hour)
		for i := range rounds {
			var first atomic.Int32
			var all sync.WaitGroup
			for range uses {
				all.Go(func() {
					got, err := s.UseToken(ctx, fmt.Sprint("token", i), start, expires)
					if err != nil {
						t.Error(err)
					}
					if got {
						first.Add(1)
					}
				})
			}
			all.Wait()
			if first.Load() != 1 {
				t.Errorf("%d uses of one token were reported as the first", first.Load())
			}
		}
		close(stop)
		writers.Wait()
	})
}
