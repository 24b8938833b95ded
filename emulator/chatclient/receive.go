package chatclient

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Receive returns the next frame, and waits for it if necessary. If the context
// ends first, the error wraps its cause. When the connection has ended, Receive
// still returns the frames that arrived before, and then a *ClosedError. A frame
// that cannot be decoded is not an error: it has only its Raw text.
func (c *Client) Receive(ctx context.Context) (Frame, error) {
	if c.onFrame != nil {
		return Frame{}, errors.New("frames cannot be received: Options.OnFrame is set and gets all of them")
	}
	for {
		if frame, ok := c.queue.take(); ok {
			return decode(frame), nil
		}
		select {
		case <-c.queue.arrived:
		case <-c.done:
			if frame, ok := c.queue.take(); ok { // it arrived after the first look
				return decode(frame), nil
			}
			return Frame{}, &ClosedError{c.status}
		case <-ctx.Done():
			if frame, ok := c.queue.take(); ok {
				return decode(frame), nil
			}
			return Frame{}, fmt.Errorf("no frame was received: %w", context.Cause(ctx))
		}
	}
}

func decode(frame received) Frame {
	f, _ := ParseFrame(frame.raw) // what is not valid has its text
	f.Binary = frame.binary
	return f
}

// An UnexpectedFrameError is a frame that was received where none was expected.
// Its text does not contain the frame, which may carry attributes and user IDs.
type UnexpectedFrameError struct{ Frame Frame }

// Error names the type and the ID of the frame.
func (e *UnexpectedFrameError) Error() string {
	return fmt.Sprintf("expected no frame, but received one of type %q with Id %q", e.Frame.Type, e.Frame.ID)
}

// ReceiveNothing waits for the given time and returns nil if no frame arrives. If
// a frame arrives, the error is an *UnexpectedFrameError. If the connection ends,
// it is a *ClosedError, because then nothing can arrive any more.
func (c *Client) ReceiveNothing(ctx context.Context, d time.Duration) error {
	waiting, cancel := context.WithTimeoutCause(ctx, d, errWaited)
	defer cancel()
	frame, err := c.Receive(waiting)
	switch {
	case err == nil:
		return &UnexpectedFrameError{frame}
	case errors.Is(err, errWaited):
		return nil
	default:
		return err
	}
}

var errWaited = errors.New("the time has passed")
