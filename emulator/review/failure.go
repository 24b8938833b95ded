package review

import (
	"cmp"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A failure is why there is no valid answer.
type failure struct {
	kind    journal.Failure
	message string
	log     string // in place of the message, if that can have what a user has written
}

// Error returns the message.
func (f *failure) Error() string { return f.message }

// asFailure returns the failure for an error of an Invoker.
func asFailure(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	kind := journal.NotInvoked
	if _, ok := errors.AsType[*invoke.FunctionError](err); ok {
		kind = journal.FunctionFailed
	} else if _, ok := errors.AsType[*invoke.LongAnswerError](err); ok {
		kind = journal.InvalidAnswer
	} else if _, ok := errors.AsType[*invoke.NoTargetError](err); ok {
		kind = journal.NoTarget
	}
	f := &failure{kind: kind, message: err.Error()}
	if server, ok := errors.AsType[*awsapi.ServerError](err); ok {
		f.log = server.Log
	}
	return f
}

// A failureLog logs failures, but not each of them: a busy room has a hundred messages per second.
type failureLog struct {
	mu     sync.Mutex // guards what follows
	logged map[failureKey]*rate.Sometimes
}

// A failureKey has failures of which only the first and then one every failureInterval is logged.
type failureKey struct {
	uri  string
	kind journal.Failure
}

const (
	failureInterval    = 30 * time.Second // in the machine's time
	maximumFailureKeys = 1000             // clients choose URIs
)

// add logs a failure of the room's function, without what the function says: that can be what a user has written.
// That there is no target is logged once for each URI.
func (l *failureLog) add(logger *slog.Logger, room ivschat.Room, f *failure) {
	handler := room.MessageReviewHandler
	l.mu.Lock()
	key := failureKey{handler.URI, f.kind}
	sometimes := l.logged[key]
	if sometimes == nil {
		if l.logged == nil || len(l.logged) >= maximumFailureKeys {
			l.logged = map[failureKey]*rate.Sometimes{}
		}
		sometimes = &rate.Sometimes{First: 1}
		if f.kind != journal.NoTarget {
			sometimes.Interval = failureInterval
		}
		l.logged[key] = sometimes
	}
	l.mu.Unlock()
	reason := cmp.Or(f.log, f.message)
	if f.kind == journal.FunctionFailed {
		reason = "the function failed, and the journal of the emulator has its message"
	}
	sometimes.Do(func() {
		logger.Warn("a message was not reviewed, so the fallbackResult of its room decided",
			"fallback_result", handler.FallbackResult, "failure", f.kind, "reason", reason,
			"function", handler.URI, "room", room.ARN)
	})
}
