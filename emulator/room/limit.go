package room

import (
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// The limiter reads the clock, and not the time at which a request arrived: a fault may have delayed
// the request since then, and a bucket that is asked at an earlier time is refilled.

// allow reports whether the owner of the room may do one more of this action, at this rate per second,
// and counts it if so. Requests over WebSockets and to the control plane count together.
func (r *Rooms) allow(room ivschat.ARN, action string, perSecond int) bool {
	allowed, err := r.Limiter.Allow(accountLimit(room, action, perSecond))
	return allowed && err == nil
}

// allowMessage reports whether a message may be sent, within the limits of its room and of the room's
// owner, and counts it for both if so.
func (r *Rooms) allowMessage(room ivschat.Room) bool {
	account := accountLimit(room.ARN, string(ivschat.ActionSendMessage), r.SendMessageRate)
	inRoom := throttle.Limit{Key: account.Key, PerSecond: room.MaximumMessageRatePerSecond}
	inRoom.Key.RoomID = room.ARN.ID
	allowed, err := r.Limiter.Allow(inRoom, account)
	return allowed && err == nil
}

func accountLimit(room ivschat.ARN, action string, perSecond int) throttle.Limit {
	return throttle.Limit{Key: throttle.Key{Action: action, Owner: room.Owner}, PerSecond: perSecond}
}
