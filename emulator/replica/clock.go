package replica

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

// settledQuestion asks a node whether the alarms have run that are due. The account follows, nothing for all.
const settledQuestion = "settled"

// settleWait is how long a node waits, in the machine's time, until it answers that it has not settled. The limit of
// a question is longer. What falls due takes longer if a destination of chat logs is slow.
const settleWait = 3 * time.Second

// ShareClock makes the clock of this node that of the cluster. Call it before the node joins.
func ShareClock(c Cluster, of *clock.Clock, logger *slog.Logger) {
	p := (&valuePart[clock.Change, struct{}, clock.State]{
		cluster: c, name: "clock", logger: logger, save: of.Save,
		apply: func(change clock.Change) (struct{}, error) { return struct{}{}, of.Apply(change) },
		load:  loads(of.Load),
	}).handle()
	c.Answer(settledQuestion, func(request []byte) ([]byte, error) {
		return settled(of, string(request)), nil
	})
	of.Propose = func(change clock.Change) error {
		_, err := p.doOnAll(change)
		if err != nil || !change.Moves() {
			return err
		}
		return awaitSettled(c, change.Account)
	}
}

// The answers to settledQuestion.
var hasSettled, hasNotSettled = []byte{1}, []byte{0}

// settled waits until the clock has settled, but not longer than settleWait. What is not done then goes on.
func settled(of *clock.Clock, account string) []byte {
	done := make(chan struct{})
	go func() {
		defer close(done)
		of.Settle(account)
	}()
	select {
	case <-done:
		return hasSettled
	case <-time.After(settleWait):
		return hasNotSettled
	}
}

// awaitSettled returns when the clocks of all nodes have settled.
func awaitSettled(c Cluster, account string) error {
	for {
		answers, err := c.Ask(context.Background(), settledQuestion, []byte(account))
		if err != nil {
			return unavailable(err)
		}
		all := true
		for _, answer := range answers {
			all = all && bytes.Equal(answer.Data, hasSettled)
		}
		if all {
			return nil
		}
	}
}
