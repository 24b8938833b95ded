package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// retryDelay is how long a sender waits before it sends a message again that the
// room has refused with 429.
const retryDelay = 10 * time.Millisecond

// Codes of ERROR frames.
const (
	tooManyRequests = int(ivschat.ErrorCodeTooManyRequests)
	denied          = int(ivschat.ErrorCodeRejected) // in a review, by a handler or by the fallback result
)

// A sender sends every n-th message of a load with n senders, from its number on.
type sender struct {
	client  *client
	number  int
	retries chan retry // from the reader to run; never closed
}

// A retry is a message that was refused, and when to send it again.
type retry struct {
	number, attempt int
	at              time.Time
}

func newSender(c *client, number int) *sender {
	return &sender{client: c, number: number, retries: make(chan retry, 1024)}
}

// refused is called by the reader with an ERROR frame. A message that was refused
// with 429 is sent again, as an application would do.
func (s *sender) refused(requestID string, code int) {
	l := s.client.load
	number, attempt, ok := l.parseRequestID(requestID)
	if !ok {
		return // for instance the end of the session
	}
	switch code {
	case denied:
		l.denied.Add(1)
	case tooManyRequests:
		if attempt == 1 {
			l.throttled.Add(1)
		}
		select {
		case s.retries <- retry{number, attempt + 1, time.Now().Add(retryDelay)}:
			return
		default: // so many at once cannot be sent any more
		}
	}
	l.messages.rejected.Add(1)
}

// run sends on schedule until the context sending ends, and retries until the
// context retrying ends.
func (s *sender) run(sending, retrying context.Context, began time.Time) {
	l := s.client.load
	next := s.number
	timer := time.NewTimer(time.Until(due(began, next, l.options.Rate)))
	defer timer.Stop()
	for {
		select {
		case <-retrying.Done():
			return
		case r := <-s.retries:
			select {
			case <-time.After(time.Until(r.at)):
				s.send(r.number, r.attempt)
			case <-retrying.Done():
				return
			}
		case <-timer.C:
			if sending.Err() != nil || !l.messages.begin() {
				continue // only retries are left
			}
			s.send(next, 1)
			next += l.options.Senders
			timer.Reset(time.Until(due(began, next, l.options.Rate)))
		}
	}
}

// send sends a message. The reader counts a connection that has broken; here only
// the message is counted.
func (s *sender) send(number, attempt int) {
	l := s.client.load
	frame, _ := json.Marshal(struct { // which never fails
		Action, Content string
		RequestID       string `json:"RequestId"`
	}{"SEND_MESSAGE", l.pad(fmt.Sprintf("message %d", number)), l.requestID(number, attempt)})
	if s.client.conn.Send(string(frame)) != nil {
		l.messages.rejected.Add(1)
	}
}
