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
// takes every close frame as final: only after a connection that breaks does it come back, with a new
// token.
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
	// The client should come back after hub.Expired, when it has received an ERROR 401, and after
	// hub.Shutdown.
	return closing{code: dropped}
}

// writeClose writes a close frame.
func (c *conn) writeClose(as closing, deadline time.Time) {
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(as.code, as.text), deadline)
}
