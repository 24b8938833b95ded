package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// writerTimeout is how long the writer has for an answer if the caller does not say that.
const writerTimeout = time.Minute

// A logsQuestion is for the writer.
type logsQuestion struct {
	Asks                string // one of those below
	Account             string
	Room, Configuration ivschat.ARN
	Timeout             time.Duration
}

// What the writer is asked for.
const (
	asksStatus  = "status"
	asksWindows = "windows"
	asksFlush   = "flush"
	asksRemoval = "removal" // to end deliveries of records that were removed
)

// A logsAnswer is that of the writer, or of another node, which does not know.
type logsAnswer struct {
	Writer  bool
	Status  []chatlog.Status
	Windows []chatlog.Window
}

// Status implements chatlog.Nodes.
func (s *ChatLogs) Status(
	ctx context.Context, account string, room, configuration ivschat.ARN,
) ([]chatlog.Status, error) {
	answer, err := s.ask(ctx, logsQuestion{
		Asks: asksStatus, Account: account, Room: room, Configuration: configuration,
	})
	return answer.Status, err
}

// Windows implements chatlog.Nodes.
func (s *ChatLogs) Windows(ctx context.Context, account string) ([]chatlog.Window, error) {
	answer, err := s.ask(ctx, logsQuestion{Asks: asksWindows, Account: account})
	return answer.Windows, err
}

// Flush implements chatlog.Nodes.
func (s *ChatLogs) Flush(ctx context.Context, account string) error {
	_, err := s.ask(ctx, logsQuestion{Asks: asksFlush, Account: account})
	return err
}

// Clear implements chatlog.Nodes.
func (s *ChatLogs) Clear(account string) error {
	if _, err := s.doOnAll(logsChange{Clear: true, Account: account}); err != nil {
		return unavailable(err)
	}
	_, err := s.ask(context.Background(), logsQuestion{Asks: asksRemoval})
	return err
}

// Await implements chatlog.Nodes.
func (s *ChatLogs) Await(ctx context.Context) {
	s.mu.Lock()
	w := s.writer
	s.mu.Unlock()
	if w != nil {
		w.awaitLoaded(ctx)
	}
}

func (s *ChatLogs) doOnAll(change logsChange) (any, error) {
	return s.cluster.DoOnAll(chatLogsPart, encode(change))
}

// post appends a change, and does not wait for it.
func (s *ChatLogs) post(change logsChange) {
	s.cluster.Post(chatLogsPart, encode(change))
}

// errNoWriter is the reason if no node writes. Another one will soon.
var errNoWriter = errors.New("no node of the cluster delivers chat logs at the moment: try again")

// ask asks the writer, once it has applied all that this node has. The error is a ServiceUnavailable.
func (s *ChatLogs) ask(ctx context.Context, q logsQuestion) (logsAnswer, error) {
	if _, err := s.doOnAll(logsChange{}); err != nil {
		return logsAnswer{}, unavailable(err)
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, writerTimeout)
		defer cancel()
	}
	deadline, _ := ctx.Deadline()
	q.Timeout = time.Until(deadline)
	request := encode(q)
	for ctx.Err() == nil {
		answers, err := s.cluster.Ask(ctx, chatLogsPart, request)
		if err != nil {
			return logsAnswer{}, unavailable(err)
		}
		for _, a := range answers {
			var answer logsAnswer
			if err := json.Unmarshal(a.Data, &answer); err != nil {
				return logsAnswer{}, unavailable(fmt.Errorf("the answer of node %s: %w", a.Node.Name, err))
			}
			if answer.Writer {
				return answer, nil
			}
		}
		pause(ctx, removalPause)
	}
	return logsAnswer{}, unavailable(errNoWriter)
}

// answer answers a question of a node.
func (s *ChatLogs) answer(request []byte) ([]byte, error) {
	var q logsQuestion
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, err
	}
	s.mu.Lock()
	w := s.writer
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), q.Timeout)
	defer cancel()
	if w == nil || !w.awaitLoaded(ctx) {
		return json.Marshal(logsAnswer{})
	}
	answer := logsAnswer{Writer: true}
	switch q.Asks {
	case asksStatus:
		answer.Status = s.OwnStatus(q.Account, q.Room, q.Configuration)
	case asksWindows:
		answer.Windows = s.OwnWindows(q.Account)
	case asksFlush:
		s.FlushOwn(ctx, q.Account)
	case asksRemoval:
		w.awaitRemovals()
	}
	return json.Marshal(answer)
}

// leased are destinations to which this node delivers only while it knows that it is a member. After a pause, another
// one may have taken over.
type leased struct {
	destination.Deliverer
	cluster *cluster.Cluster
}

// leasePause is how long a delivery waits until it looks again whether this node is a member.
const leasePause = 100 * time.Millisecond

// Deliver implements destination.Deliverer.
func (l leased) Deliver(ctx context.Context, d destination.Delivery) (string, error) {
	for err := l.cluster.Ready(); err != nil; err = l.cluster.Ready() {
		if ctx.Err() != nil {
			message := "nothing was delivered, because this node may not be the one that does so: " + err.Error()
			return "", &destination.Error{Reason: destination.Other, Message: message, Log: message}
		}
		pause(ctx, leasePause)
	}
	return l.Deliverer.Deliver(ctx, d)
}
