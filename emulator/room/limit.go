package room

import (
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// allow reports whether the account may do one more of this, at so many a second, and counts it if
// so. All ways to do it count together: the WebSocket and the control plane.
func (r *Rooms) allow(now time.Time, room ivschat.ARN, action string, perSecond int) bool {
	return r.limiter.Allow(now, accountLimit(room, action, perSecond))
}

// allowMessage reports whether a message may be sent, within the limits of its room and of the
// account, and counts it for both if so.
func (r *Rooms) allowMessage(now time.Time, room ivschat.Room) bool {
	account := accountLimit(room.ARN, string(ivschat.ActionSendMessage), r.SendMessageRate)
	inRoom := throttle.Limit{Key: account.Key, PerSecond: room.MaximumMessageRatePerSecond}
	inRoom.Key.RoomID = room.ARN.ID
	return r.limiter.Allow(now, inRoom, account)
}

func accountLimit(room ivschat.ARN, action string, perSecond int) throttle.Limit {
	return throttle.Limit{Key: throttle.Key{Action: action, Owner: room.Owner}, PerSecond: perSecond}
}

func throttled(room ivschat.ARN, operation string, limit int) *ivschat.Exception {
	return &ivschat.Exception{
		Kind: ivschat.ThrottlingException,
		Message: fmt.Sprintf("Account %s may call %s %d times a second in %s",
			room.Owner.AccountID, operation, limit, room.Owner.Region),
		ResourceID: room.ID,
		Limit:      limit,
	}
}
