package chatlog

import (
	"context"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Window collects records of a room for a logging configuration. They are delivered at its end, or earlier if there
// are many.
type Window struct {
	End                        time.Time // of the clock of the account
	Room, LoggingConfiguration ivschat.ARN
}

// Windows returns the windows of an account, or of all if it is "", that have records, in no order. It leaves out those
// whose records are delivered without waiting for the end: their delivery has failed and is tried again, or they are
// of an earlier run whose clock was ahead. The error is that of Nodes.
func (l *Logs) Windows(ctx context.Context, account string) ([]Window, error) {
	if l.Nodes != nil {
		return l.Nodes.Windows(ctx, account)
	}
	return l.OwnWindows(account), nil
}

// OwnWindows is Windows for this process.
func (l *Logs) OwnWindows(account string) (all []Window) {
	for _, q := range l.selected(account, ivschat.ARN{}) {
		all = q.appendWindows(all)
	}
	return all
}

func (q *queue) appendWindows(all []Window) []Window {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range q.batches {
		if !b.overdue {
			all = append(all, Window{b.End, q.roomARN(b.Room), q.key.Configuration})
		}
	}
	return all
}
