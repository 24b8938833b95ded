package main

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// retryPause is how long a sender waits before it says again what the room was
// too busy for.
const retryPause = 10 * time.Millisecond

const tooManyRequests = 429

// A sender says every so many-th message of a load.
type sender struct {
	client *client
	number int
	again  chan repeat // what has to be said again
}

// A repeat is a message that was refused, and when to try again.
type repeat struct {
	number int
	at     time.Time
}

func newSender(c *client, number int) *sender {
	return &sender{client: c, number: number, again: make(chan repeat, 1024)}
}

// refused is told by the reader. What came too fast is said again, as an
// application would.
func (s *sender) refused(number, code int) {
	if code == tooManyRequests {
		select {
		case s.again <- repeat{number, time.Now().Add(retryPause)}:
			return
		default: // so many at once are beyond all pacing
		}
	}
	s.client.load.messages.rejected.Add(1)
}

// run sends on schedule while it is to talk, and repeats what was refused while
// it lives.
func (s *sender) run(talking, living context.Context, began time.Time) {
	l := s.client.load
	next := s.number
	timer := time.NewTimer(time.Until(due(began, next, l.options.Rate)))
	defer timer.Stop()
	for {
		select {
		case <-living.Done():
			return
		case r := <-s.again:
			select {
			case <-time.After(time.Until(r.at)):
				s.say(r.number)
			case <-living.Done():
				return
			}
		case <-timer.C:
			if talking.Err() != nil || !l.messages.begin() {
				continue // and wait for what is refused
			}
			s.say(next)
			next += l.options.Senders
			timer.Reset(time.Until(due(began, next, l.options.Rate)))
		}
	}
}

// say sends a message. When that fails the reader learns of it, too.
func (s *sender) say(number int) {
	l := s.client.load
	frame, _ := json.Marshal(struct{ Action, Content, RequestID string }{"SEND_MESSAGE", l.text(number), strconv.Itoa(number)}) // always encodes
	_ = s.client.conn.SetWriteDeadline(time.Now().Add(answerTimeout))                                                           // never fails
	if s.client.conn.WriteMessage(websocket.TextMessage, frame) != nil {
		l.messages.rejected.Add(1)
	}
}
