package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestNothingIsReadOrWrittenWithAnEndedContext(t *testing.T) {
	inEveryMode(t, func(t *testing.T, s *testStore) {
		l, r := newLogging("l", 0), newRoom("r", 0)
		cached := newRoom("cached", 0)
		s.createLogging(l)
		s.createRooms(cached, r)
		_, err := s.Room(ctx, cached.ARN)
		must(t, err)
		before := s.resources("")
		page, expires := ivschat.Page{Limit: largeLimit}, start.Add(time.Hour)
		for name, call := range map[string]func(context.Context) error{
			"CreateRoom": func(ctx context.Context) error { return s.CreateRoom(ctx, newRoom("x", 0), largeLimit) },
			"Room":       func(ctx context.Context) error { _, err := s.Room(ctx, r.ARN); return err },
			"Room, in the cache": func(ctx context.Context) error {
				_, err := s.Room(ctx, cached.ARN)
				return err
			},
			"UpdateRoom": func(ctx context.Context) error {
				_, err := s.UpdateRoom(ctx, r.ARN, func(r *ivschat.Room) { r.Name = "x" })
				return err
			},
			"DeleteRoom": func(ctx context.Context) error { return s.DeleteRoom(ctx, r.ARN) },
			"ListRooms": func(ctx context.Context) error {
				_, _, err := s.ListRooms(ctx, ivschat.Owner{}, ivschat.RoomFilter{}, page)
				return err
			},
			"CreateLoggingConfiguration": func(ctx context.Context) error {
				return s.CreateLoggingConfiguration(ctx, newLogging("x", 0), largeLimit)
			},
			"LoggingConfiguration": func(ctx context.Context) error {
				_, err := s.LoggingConfiguration(ctx, l.ARN)
				return err
			},
			"UpdateLoggingConfiguration": func(ctx context.Context) error {
				change := func(c *ivschat.LoggingConfiguration) error { c.Name = "x"; return nil }
				_, err := s.UpdateLoggingConfiguration(ctx, l.ARN, change)
				return err
			},
			"DeleteLoggingConfiguration": func(ctx context.Context) error {
				return s.DeleteLoggingConfiguration(ctx, l.ARN, setDeleted)
			},
			"Transitions":    func(ctx context.Context) error { _, err := s.Transitions(ctx, ""); return err },
			"EndTransitions": func(ctx context.Context) error { _, err := s.EndTransitions(ctx, "", nil); return err },
			"ListLoggingConfigurations": func(ctx context.Context) error {
				_, _, err := s.ListLoggingConfigurations(ctx, ivschat.Owner{}, page)
				return err
			},
			"Tags": func(ctx context.Context) error { _, err := s.Tags(ctx, r.ARN); return err },
			"ChangeTags": func(ctx context.Context) error {
				return s.ChangeTags(ctx, r.ARN, func(tags ivschat.Tags) error { tags["x"] = "x"; return nil })
			},
			"Resources": func(ctx context.Context) error { _, err := s.Resources(ctx, "0"); return err },
			"Replace":   func(ctx context.Context) error { return s.Replace(ctx, "", ivschat.Resources{}) },
			"Seed": func(ctx context.Context) error {
				return s.Seed(ctx, ivschat.Resources{Rooms: []ivschat.Room{newRoom("x", 0)}})
			},
			"UseToken": func(ctx context.Context) error {
				_, err := s.UseToken(ctx, "x", start, expires)
				return err
			},
			"TokenUsed": func(ctx context.Context) error { _, err := s.TokenUsed(ctx, "x", expires); return err },
			"NextRun":   func(ctx context.Context) error { _, err := s.NextRun(ctx); return err },
		} {
			if err := call(cancelled()); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
		checkEqual(t, "the resources", s.resources(""), before)
		if s.log == nil {
			s.use("x", start, expires, true)
		}
		run, err := s.NextRun(ctx)
		must(t, err)
		checkEqual(t, "the number of runs", run, 0)
	})
}

// A blockedCommit is a store in whose running commit an update of a room waits. Writes that are started
// meanwhile share the next commit.
type blockedCommit struct {
	*testStore
	release chan struct{} // closed to finish the running commit
	started []chan error
}

// withBlockedCommit runs the test in a synctest bubble.
func withBlockedCommit(t *testing.T, test func(t *testing.T, b *blockedCommit)) {
	synctest.Test(t, func(t *testing.T) {
		b := &blockedCommit{testStore: inMemory(t), release: make(chan struct{})}
		b.createRooms(newRoom("first", 0))
		b.start(func() error {
			_, err := b.UpdateRoom(ctx, newRoom("first", 0).ARN, func(r *ivschat.Room) {
				<-b.release
				r.Name = "changed"
			})
			return err
		})
		test(t, b)
	})
}

// start starts a write and returns when it waits for its turn.
func (b *blockedCommit) start(write func() error) {
	done := make(chan error, 1)
	b.started = append(b.started, done)
	go func() { done <- write() }()
	synctest.Wait()
}

// finish finishes the running commit and returns the errors of the writes, in the order of their start.
func (b *blockedCommit) finish() (errs []error) {
	close(b.release)
	for _, done := range b.started {
		errs = append(errs, <-done)
	}
	return errs
}

// createRoom returns a write.
func (b *blockedCommit) createRoom(ctx context.Context, id string) func() error {
	return func() error { return b.CreateRoom(ctx, newRoom(id, 1), largeLimit) }
}

func TestAWriteWhoseContextEndsBeforeItsTurnIsNotMade(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		ending, cancel := context.WithCancel(ctx)
		b.start(b.createRoom(ctx, "second"))
		b.start(b.createRoom(ending, "cancelled"))
		b.start(b.createRoom(ctx, "third"))
		cancel()
		checkEqual(t, "errors", b.finish(), []error{nil, nil, context.Canceled, nil})
		checkEqual(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "third second first")
	})
}

func TestWritesThatAllWereCancelledBlockNoOthers(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		ending, cancel := context.WithCancel(ctx)
		b.start(b.createRoom(ending, "one"))
		b.start(b.createRoom(ending, "two"))
		cancel()
		checkEqual(t, "errors", b.finish(), []error{nil, context.Canceled, context.Canceled})
		b.createRooms(newRoom("second", 1))
		checkEqual(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "second first")
	})
}

// A write that fails has no effect on the others of its commit.
func TestAWriteThatHasBegunIsFinished(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		ending, cancel := context.WithCancel(ctx)
		runs := 0
		b.start(func() error {
			_, err := b.UpdateRoom(ending, newRoom("first", 0).ARN, func(r *ivschat.Room) {
				runs++
				cancel()
				r.Name += " again"
			})
			return err
		})
		b.start(func() error { return b.DeleteRoom(ctx, newRoom("missing", 0).ARN) })
		errs := b.finish()
		checkException(t, errs[2], ivschat.ResourceNotFoundException)
		checkEqual(t, "the other errors", errs[:2], []error{nil, nil})
		checkEqual(t, "the runs of the update", runs, 1)
		r, err := b.Room(ctx, newRoom("first", 0).ARN)
		must(t, err)
		checkEqual(t, "the name", r.Name, "changed again")
	})
}

func TestAWriteThatWaitsAloneIsMadeAfterTheRunningCommit(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		b.start(b.createRoom(ctx, "second"))
		checkEqual(t, "errors", b.finish(), []error{nil, nil})
		checkEqual(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "second first")
	})
}

func TestTheFirstWriteOfACommitFailsAlone(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		b.start(func() error { return b.DeleteRoom(ctx, newRoom("missing", 0).ARN) })
		b.start(b.createRoom(ctx, "second"))
		errs := b.finish()
		checkException(t, errs[1], ivschat.ResourceNotFoundException)
		checkEqual(t, "the other errors", []error{errs[0], errs[2]}, []error{nil, nil})
		checkEqual(t, "rooms", b.roomIDs(owner, ivschat.RoomFilter{}), "second first")
	})
}

func TestWritesThatSucceedTogetherRunOnce(t *testing.T) {
	t.Parallel()
	withBlockedCommit(t, func(t *testing.T, b *blockedCommit) {
		for range 3 {
			b.start(func() error {
				_, err := b.UpdateRoom(ctx, newRoom("first", 0).ARN, func(r *ivschat.Room) { r.Name += " again" })
				return err
			})
		}
		checkEqual(t, "errors", b.finish(), []error{nil, nil, nil, nil})
		r, err := b.Room(ctx, newRoom("first", 0).ARN)
		must(t, err)
		checkEqual(t, "the name", r.Name, "changed again again again")
	})
}

func TestASeedThatHasBegunIsFinished(t *testing.T) {
	t.Parallel()
	s := inMemory(t)
	s.createRooms(newRoom("existing", 0))
	ends := &countingContext{Context: ctx, limit: 1} // the check at its turn
	must(t, s.Seed(ends, ivschat.Resources{Rooms: []ivschat.Room{newRoom("seed", 1)}}))
	checkEqual(t, "rooms", s.roomIDs(owner, ivschat.RoomFilter{}), "seed existing")
}
