package admin

import "context"

// A turn is for one goroutine at a time. It has a buffer of one, which is full during a turn.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// wait waits for the turn, unless the context ends before.
func (t turn) wait(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) end() { <-t }
