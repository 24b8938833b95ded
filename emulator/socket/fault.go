package socket

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A brokenHandshake is the error for a handshake that a fault answers in another form than an
// exception.
type brokenHandshake struct{ firing *fault.Firing }

// Error says that the emulator did not fail.
func (*brokenHandshake) Error() string { return "a fault broke the handshake" }

// applyFault carries out the fault that fires for a handshake, if one does. It comes before the token
// is used, so that the client can try again with the same token.
func (h *Handler) applyFault(ctx context.Context, token ivschat.ChatToken) error {
	firing := h.Faults.Fire(fault.SessionPoint(fault.Handshake, token))
	if firing == nil {
		return nil
	}
	firing.Wait(ctx, h.ctx.Done())
	switch effect := firing.Effect.(type) {
	case fault.ReturnException:
		return effect.Exception(fault.Handshake, token.Room.ID)
	case fault.ReturnStatus, fault.ResetConnection:
		return &brokenHandshake{firing}
	default: // only a delay, during which the room may have been deleted, or the token have expired
		return h.check(ctx, token)
	}
}

// breakHandshake answers a handshake as a fault says, or resets its connection.
func (h *Handler) breakHandshake(w http.ResponseWriter, token ivschat.ChatToken, firing *fault.Firing) {
	response, _ := firing.Effect.(fault.ReturnStatus)
	h.record(token, response.Status, "fault")
	fault.Respond(w, firing.Effect)
}

// applyFaults carries out the faults that fire for frames to the client, and returns the frames to
// write.
func (c *conn) applyFaults(frames []*hub.Frame) (left []*hub.Frame) {
	if c.Broken() {
		return frames
	}
	for _, frame := range frames {
		firing := c.handler.Faults.Fire(c.session.Point(frame.Kind))
		if firing == nil {
			left = c.release(append(left, frame))
			continue
		}
		if firing.Delay > 0 {
			if err := c.write(left); err != nil { // earlier frames are not delayed
				return nil
			}
			left = nil
			if !c.delay(firing) {
				return nil
			}
		}
		switch firing.Effect.(type) {
		case fault.DropFrame:
			left = c.release(left)
		case fault.DuplicateFrame:
			left = c.release(append(left, frame, frame))
		case fault.ReorderFrame:
			left = c.release(left)
			c.held = frame
		case fault.CorruptFrame:
			left = c.release(append(left, &hub.Frame{Payload: firstHalf(frame.Payload)}))
		case nil: // only a delay
			left = c.release(append(left, frame))
		default:
			_ = c.write(left) // if it fails, there is nothing left to break
			firing.Break(c)
			return nil
		}
	}
	return left
}

// delay waits for the delay of a fault, and reports whether the connection is still there. The writer
// calls it.
func (c *conn) delay(firing *fault.Firing) bool {
	ended := make(chan struct{})
	c.delayed.Store(&ended)
	if !c.ended.Load() {
		firing.Wait(c.handler.ctx, ended)
	}
	return !c.ended.Load()
}

// release appends the frame that a fault holds back, if there is one.
func (c *conn) release(left []*hub.Frame) []*hub.Frame {
	if c.held != nil {
		left, c.held = append(left, c.held), nil
	}
	return left
}

// firstHalf cuts a text in two, but not within a character: clients check for UTF-8 before anything
// else, and would close the connection (RFC 6455, section 8.1).
func firstHalf(text []byte) []byte {
	end := len(text) / 2
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// Break closes, resets or silences the connection, as the effect says. The reader, the writer and others may
// call it at the same time.
func (c *conn) Break(by fault.Effect) {
	c.broken.Store(true)
	switch effect := by.(type) {
	case fault.SilenceConnection:
		c.silent.Store(true)
	case fault.ResetConnection:
		fault.Reset(c.wire.network()) // without telling it over TLS
		c.wake()
	case fault.CloseConnection:
		c.AbortSlowWrite() // a client that does not read would delay the close frame
		deadline := time.Now().Add(closeTimeout)
		c.writeClose(closing{effect.Code, "fault"}, deadline)
		c.endBy(deadline)
	}
}

// Broken reports whether Break was called. No fault fires for the connection then.
func (c *conn) Broken() bool { return c.broken.Load() }
