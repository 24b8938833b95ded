// Package review reviews messages before they are delivered: it asks the message review handler of the room, and
// applies the room's fallback result if the handler fails.
//
// The answer to an event comes from the first of these: a fault at the point REVIEW, a scripted answer
// (script.go), the Reviewer of a Go test, and the function of the room, which package invoke reaches. All answers
// are checked in the same way (answer.go).
package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// DefaultTimeout is how long a review may take, in the machine's time (User Guide: Service Quotas).
const DefaultTimeout = 200 * time.Millisecond

// A Reviewer answers events in place of Lambda functions. It is for tests in Go.
type Reviewer interface {
	// Review returns the answer to an event. An error means that the function failed. Review may be called
	// for several messages at the same time. The context ends at the timeout, and when the session of the sender
	// ends. An answer after that is ignored.
	Review(context.Context, Event) (Answer, error)
}

// A Func is a function that is a Reviewer.
type Func func(context.Context, Event) (Answer, error)

// Review calls the function.
func (f Func) Review(ctx context.Context, event Event) (Answer, error) { return f(ctx, event) }

// Config is what reviews work with. Every member is required.
type Config struct {
	Invoker invoke.Invoker
	Timeout time.Duration // of a review, in the machine's time
	Clock   *clock.Clock
	Journal *journal.Journal
	Faults  *fault.Set
	Logger  *slog.Logger
}

// Reviews reviews messages: it is the Reviewer of package room. It is safe for concurrent use.
type Reviews struct {
	Config // static after New
	Script Script
	log    failureLog

	mu       sync.Mutex // guards what follows
	reviewer Reviewer   // nil if there is none

	running sync.WaitGroup // of calls of reviewers
}

// New returns reviews without scripted answers. Close ends them.
func New(config Config) *Reviews { return &Reviews{Config: config} }

// SetReviewer makes the reviewer answer all events for which there is no scripted answer. With nil, functions
// answer again.
func (r *Reviews) SetReviewer(reviewer Reviewer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reviewer = reviewer
}

// Close ends the functions. It waits for calls of a Reviewer until the context ends. Call it when no messages are
// reviewed any more.
func (r *Reviews) Close(ctx context.Context) {
	r.Invoker.Close()
	done := make(chan struct{})
	go func() { // ends with the last call of a Reviewer, which its test has to end
		r.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Review returns the message to deliver, or the error for its sender. The room has a handler with a URI. If the
// context ends before the timeout, the session has ended, and what Review returns does not matter.
func (r *Reviews) Review(
	ctx context.Context, room ivschat.Room, sender ivschat.ChatToken, ip string, m messaging.Message,
) (messaging.Message, *messaging.Error) {
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	event := newEvent(room.ARN, m, ip)
	one := &review{Reviews: r, room: room, sender: sender, message: m, event: event, eventText: event.encode()}
	one.run(limited)
	if ctx.Err() != nil {
		return m, nil // nobody decided, and the journal may be cleared by a reset that ended the session
	}
	one.record(time.Since(began))
	if one.failed != nil {
		r.log.add(r.Logger, room, one.failed)
	}
	return one.result()
}

// A review is the review of one message.
type review struct {
	*Reviews
	room      ivschat.Room
	sender    ivschat.ChatToken
	message   messaging.Message
	event     Event
	eventText []byte // in JSON

	// The result.
	text      []byte           // of the answer, if there was one
	answer    Answer           // if it is valid
	refused   *messaging.Error // by a fault
	failed    *failure         // why the fallback result decides; nil if it does not
	verdict   Result
	decidedBy journal.Decider
}

// run asks for an answer and decides.
func (r *review) run(ctx context.Context) {
	var err error
	r.text, err = r.ask(ctx)
	if r.refused != nil {
		r.verdict, r.decidedBy = Deny, journal.ByFault
		return
	}
	if ctx.Err() != nil {
		// The answer may have come at the same moment.
		r.failed = &failure{kind: journal.TimedOut, message: fmt.Sprintf("there was no answer within %v", r.Timeout)}
	} else if err != nil {
		r.failed = asFailure(err)
	} else if r.answer, err = parseAnswer(r.text, r.room.MaximumMessageLength); err != nil {
		r.failed = &failure{kind: journal.InvalidAnswer, message: err.Error()}
	}
	if r.failed != nil {
		r.verdict, r.decidedBy = Result(r.room.MessageReviewHandler.FallbackResult), journal.ByFallback
	} else {
		r.verdict, r.decidedBy = r.answer.ReviewResult, journal.ByHandler
	}
}

// ask returns the answer to the event. When the context ends, it returns at once.
func (r *review) ask(ctx context.Context) ([]byte, error) {
	if !r.Faults.Armed() {
		return r.askHandler(ctx)
	}
	firing := r.Faults.Fire(fault.SessionPoint(fault.Review, r.sender))
	if firing == nil {
		return r.askHandler(ctx)
	}
	firing.Wait(ctx, nil)
	switch effect := firing.Effect.(type) {
	case fault.SendError:
		r.refused = effect.Frame()
		return nil, nil
	case fault.ReturnStatus:
		if effect.Status < 200 || effect.Status > 299 {
			text := http.StatusText(effect.Status)
			return nil, fmt.Errorf("a fault answered with the status %d %s", effect.Status, text)
		}
		return []byte(effect.Body), nil
	case fault.ResetConnection:
		return nil, errors.New("a fault reset the connection to the function")
	case fault.DropFrame:
		<-ctx.Done()
		return nil, ctx.Err()
	case fault.CorruptFrame:
		text, err := r.askHandler(ctx)
		return text[:len(text)/2], err
	default: // only a delay
		return r.askHandler(ctx)
	}
}

// askHandler asks a script, the reviewer or the function.
func (r *review) askHandler(ctx context.Context) ([]byte, error) {
	if script := r.Script.next(ctx, r.room.ARN, r.message); script != nil {
		if script.delay > 0 {
			select {
			case <-time.After(script.delay):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if !script.onlyDelays() {
			return script.answer(r.message)
		}
	}
	r.mu.Lock()
	reviewer := r.reviewer
	r.mu.Unlock()
	if reviewer != nil {
		return r.askReviewer(ctx, reviewer)
	}
	return r.Invoker.Invoke(ctx, invoke.Call{
		Function: r.room.MessageReviewHandler.URI, Owner: r.room.ARN.Owner, Event: r.eventText,
	})
}

// askReviewer calls a reviewer. When the context ends, it returns at once, because the reviewer may ignore the
// context.
func (r *review) askReviewer(ctx context.Context, reviewer Reviewer) ([]byte, error) {
	type result struct {
		answer Answer
		err    error
	}
	returned := make(chan result, 1)
	event := r.event.clone()
	r.running.Go(func() {
		var got result
		defer func() {
			if p := recover(); p != nil { // it must not end the emulator
				got.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			returned <- got
		}()
		got.answer, got.err = reviewer.Review(ctx, event)
	})
	select {
	case got := <-returned:
		if got.err != nil {
			return nil, &failure{kind: journal.FunctionFailed, message: shortened(got.err.Error())}
		}
		return got.answer.encode(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// maximumReason is how many bytes the journal keeps of the error of a reviewer.
const maximumReason = 4 << 10

// shortened returns the beginning of a text.
func shortened(text string) string {
	if len(text) > maximumReason {
		text = strings.ToValidUTF8(text[:maximumReason], "")
	}
	return text
}

// result returns the message to deliver, or the error for its sender.
func (r *review) result() (messaging.Message, *messaging.Error) {
	switch {
	case r.refused != nil:
		return r.message, r.refused
	case r.verdict == Deny && r.failed != nil:
		return r.message, messaging.ErrNotReviewed
	case r.verdict == Deny:
		return r.message, messaging.ErrRejected(r.answer.Attributes[reasonAttribute])
	case r.failed != nil:
		return r.message, nil
	}
	m := r.message
	m.Content = r.answer.Content
	if r.answer.Attributes != nil {
		m.Attributes = r.answer.Attributes
	}
	return m, nil
}

// record writes the review to the journal.
func (r *review) record(took time.Duration) {
	entry := journal.Entry{
		Time: r.Clock.Account(r.room.ARN.Owner.AccountID).Now(), Kind: journal.Review,
		UserID: r.message.Sender.UserID, RequestID: r.message.RequestID, Duration: took,
		Review: &journal.ReviewEntry{
			URI: r.room.MessageReviewHandler.URI, Verdict: string(r.verdict), DecidedBy: r.decidedBy,
		},
	}
	if r.failed != nil {
		entry.Review.Failure, entry.Reason = r.failed.kind, r.failed.message
	}
	r.Journal.Add(entry.About(r.room.ARN).WithRequest(r.eventText).WithResponse(r.text))
}

// encode returns a value in JSON. It has no value that cannot be encoded.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read events, and the content of messages can be HTML
	_ = encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
