package conformance

import (
	"context"
	"time"
)

// Reviews answers for the Lambda functions that review messages, and tells which messages they reviewed. A
// function without an answer cannot be invoked.
type Reviews interface {
	// Set sets the answers of the functions of a room. The first one that matches a message is given. They
	// replace the answers of all rooms in the account of the room.
	Set(ctx context.Context, room string, answers []Answer) error
	// Begun returns how many reviews of messages in the room have got an answer, or wait for its delay.
	Begun(ctx context.Context, room string) (int, error)
	// Ended waits until so many reviews of messages in the room have ended, but not longer than the timeout.
	// It returns the events of all that have ended, each a JSON object.
	Ended(ctx context.Context, room string, n int, timeout time.Duration) ([]string, error)
	// Errors returns the sums of the metrics InvocationErrors and ResponseValidationErrors of a function.
	Errors(ctx context.Context, uri string) (invocation, validation int, err error)
}

// An Answer is what a function answers.
type Answer struct {
	Content string        // a regular expression for the content of the messages; "" matches all
	JSON    string        // what the function returns
	Error   string        // the message with which the function fails, if it does not return
	Delay   time.Duration // before the answer
}

// SetAnswers sets the answers of the functions of a room, in place of all earlier ones. They are removed at the
// end of the check.
func (p *Probe) SetAnswers(room string, answers ...Answer) {
	p.cleanups = append(p.cleanups, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), removeTimeout)
		defer cancel()
		_ = p.Reviews.Set(ctx, room, nil) // else they do no harm, because the rooms are gone
	})
	err := p.Reviews.Set(p.ctx, room, answers)
	p.Require(err == nil, "set the answers of functions: %v", err)
}

// ReviewsBegun returns how many reviews of messages in the room have begun, since answers were set.
func (p *Probe) ReviewsBegun(room string) int {
	n, err := p.Reviews.Begun(p.ctx, room)
	p.Require(err == nil, "count the reviews: %v", err)
	return n
}

// ReviewsEnded waits until so many reviews of messages in the room have ended. It returns the events of all that
// have ended.
func (p *Probe) ReviewsEnded(room string, n int) (events []Frame) {
	texts, err := p.Reviews.Ended(p.ctx, room, n, p.Timeout)
	p.Require(err == nil, "list the reviews: %v", err)
	p.Require(len(texts) >= n, "%d messages were reviewed, want %d", len(texts), n)
	for _, text := range texts {
		events = append(events, Frame{text, jsonObject(text)})
	}
	return events
}

// ReviewErrors returns the sums of the metrics InvocationErrors and ResponseValidationErrors of a function.
func (p *Probe) ReviewErrors(uri string) (invocation, validation int) {
	invocation, validation, err := p.Reviews.Errors(p.ctx, uri)
	p.Require(err == nil, "read the metrics: %v", err)
	return invocation, validation
}

// How long the reviews of DuringReview last. The timeout of the service is 200 ms.
const (
	shortestReview = 100 * time.Millisecond
	longestReview  = 800 * time.Millisecond
)

// DuringReview calls during while a message is reviewed. start creates the room and connects clients, and send
// sends the message, for which the first of the answers must be given. A busy machine may need longer for during
// than the review takes. So it tries again, with a new room and a longer review, until during returns before the
// answer is given.
func (p *Probe) DuringReview(answers []Answer, start func() (room string), send, during func()) {
	for delay := shortestReview; delay <= longestReview; delay *= 2 {
		answers[0].Delay = delay
		room := start()
		p.SetAnswers(room, answers...)
		sent := time.Now()
		send()
		for p.ReviewsBegun(room) == 0 {
			p.Require(time.Since(sent) < p.Timeout, "the message is not reviewed")
			time.Sleep(time.Millisecond)
		}
		during()
		if time.Since(sent) < delay {
			return
		}
	}
	p.Fatalf("every review ended too early")
}
