package socket

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// A closing is how a connection is closed.
type closing struct {
	code int // close code
	text string
}

// closingFor returns how a connection is closed for the reason, or false if it ends without a close
// frame. The official client for JavaScript takes every close frame as final: it connects again, with a
// new token, only after a connection that ended without one. Only the code for Disconnected is known
// from the service (decision D27).
func (h *Handler) closingFor(reason hub.Reason) (as closing, ok bool) {
	switch reason {
	case hub.Disconnected:
		return closing{websocket.CloseNormalClosure, "disconnected"}, true
	case hub.Reset, hub.Restored: // decision D30
		return closing{websocket.CloseServiceRestart, "reset"}, true
	case hub.TooSlow:
		return closing{websocket.CloseTryAgainLater, "too slow"}, true
	case hub.Shutdown:
		if h.CloseOnShutdown {
			return closing{websocket.CloseGoingAway, "shutting down"}, true
		}
	}
	// After hub.Expired, for which it received an ERROR 401, and after hub.Shutdown and hub.CutOff, the client should
	// reconnect (decision D90).
	return closing{}, false
}

// writeClose writes a close frame.
func (c *conn) writeClose(as closing, deadline time.Time) {
	payload := websocket.FormatCloseMessage(as.code, as.text)
	frame := append([]byte{finalClose, byte(len(payload))}, payload...) // shorter than 126 bytes
	_ = c.wire.writeControl(frame, time.Until(deadline))
}
