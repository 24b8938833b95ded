package room

import (
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// The limiter reads the clock, and not the time at which a request arrived: a fault may have delayed
// the request since then, and a bucket that is asked at an earlier time is refilled.

// accountLimit is how often the owner of the room may do this per second. Requests over WebSockets and to the
// control plane count together.
func accountLimit(room ivschat.ARN, action string, perSecond int) throttle.Limit {
	return throttle.Limit{Key: throttle.Key{Action: action, Owner: room.Owner}, PerSecond: perSecond}
}

// messageLimits are the limits of a room, and of its owner, for messages. A message that exceeds one of them counts
// for neither.
func (r *Rooms) messageLimits(room ivschat.Room) Limits {
	account := accountLimit(room.ARN, string(ivschat.ActionSendMessage), r.SendMessageRate)
	inRoom := throttle.Limit{Key: account.Key, PerSecond: room.MaximumMessageRatePerSecond}
	inRoom.Key.RoomID = room.ARN.ID
	return Limits{inRoom, account}
}
