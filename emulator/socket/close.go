package socket

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// A closing is how a connection is closed.
type closing struct {
	code int // close code, or dropped
	text string
}

// dropped means that the connection ends without a close frame. The official client for JavaScript
// takes every close frame as final: it connects again, with a new token, only after a connection that
// ended without one.
const dropped = 0

// closingFor returns how a connection is closed for the reason. Only the code for Disconnected is
// known from the service (decision D27).
func (h *Handler) closingFor(reason hub.Reason) closing {
	switch reason {
	case hub.Disconnected:
		return closing{websocket.CloseNormalClosure, "disconnected"}
	case hub.Reset: // decision D30
		return closing{websocket.CloseServiceRestart, "reset"}
	case hub.TooSlow:
		return closing{websocket.CloseTryAgainLater, "too slow"}
	case hub.Shutdown:
		if h.CloseOnShutdown {
			return closing{websocket.CloseGoingAway, "shutting down"}
		}
	}
	// After hub.Expired, for which it received an ERROR 401, and after hub.Shutdown, the client should
	// reconnect.
	return closing{code: dropped}
}

// writeClose writes a close frame.
func (c *conn) writeClose(as closing, deadline time.Time) {
	payload := websocket.FormatCloseMessage(as.code, as.text)
	_ = c.socket.WriteControl(websocket.CloseMessage, payload, deadline)
}
