package socket

import (
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// dropped is no close code: the connection ends without a close frame. To the
// official client for JavaScript every clean close is final, and only a
// connection that breaks makes it come back with a fresh token.
const dropped = 0

// An ending is how a connection ends for a reason.
type ending struct {
	code int // close code, or dropped
	text string
}

// ending gives how. All of it was decided but for Disconnected (decision D27).
func (h *Handler) ending(reason hub.Reason) ending {
	switch reason {
	case hub.Disconnected:
		return ending{websocket.CloseNormalClosure, "disconnected"} // code as observed
	case hub.Reset: // decision D30
		return ending{websocket.CloseServiceRestart, "reset"}
	case hub.TooSlow:
		return ending{websocket.CloseTryAgainLater, "too slow"}
	case hub.Shutdown:
		if h.CloseOnShutdown {
			return ending{websocket.CloseGoingAway, "shutting down"}
		}
	}
	// At hub.Expired, where the client has heard an ERROR 401, and at
	// hub.Shutdown it is to come back.
	return ending{code: dropped}
}
