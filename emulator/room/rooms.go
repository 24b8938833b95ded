package room

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// Config is what live rooms work with. Every member is needed.
type Config struct {
	Rooms   Finder
	Random  *ivschat.Random
	Clock   *clock.Clock
	Journal *journal.Journal
	Faults  *fault.Set
	Logger  *slog.Logger

	// Rates of an account in a region, per second. 0 is none.
	SendMessageRate, DeleteMessageRate, DisconnectUserRate, SendEventRate int
}

// A Finder finds rooms as they are now.
type Finder interface {
	// Room gives the room, or a ResourceNotFoundException.
	Room(ivschat.ARN) (ivschat.Room, error)
}

// Rooms is every room in which somebody may be.
type Rooms struct {
	Config
	hub hub.Hub

	accounts sync.Map // ivschat.Owner -> *accountRates
	senders  sync.Map // ivschat.ARN -> *rate of SEND_MESSAGE

	numbered atomic.Int64 // so many sessions there have been

	mu       sync.Mutex
	sessions map[*Session]struct{}
}

// accountRates counts what clients and applications ask for together.
type accountRates struct{ sendMessage, deleteMessage, disconnectUser, sendEvent rate }

// New makes the rooms. Nobody is in them.
func New(config Config) *Rooms {
	return &Rooms{Config: config, sessions: map[*Session]struct{}{}}
}

func (r *Rooms) ratesOf(owner ivschat.Owner) *accountRates {
	rates, _ := r.accounts.LoadOrStore(owner, new(accountRates))
	return rates.(*accountRates)
}

// publish sends a frame, which an action has caused, to everyone in the room
// and, for a reason, ends the connections of a user.
func (r *Rooms) publish(room ivschat.ARN, now time.Time, action string, frame []byte, userID string, reason hub.Reason) {
	key := room.String()
	r.Journal.Add(journal.Entry{
		Time: now, Kind: journal.Frame, Direction: "out", Operation: action, Recipients: r.hub.Count(key),
	}.About(room).WithFrame(frame))
	if reason == "" {
		r.hub.Publish(key, frame)
	} else {
		r.hub.PublishAndEnd(key, frame, userID, reason)
	}
}

// SendEvent sends an event of the application to everyone in the room and
// gives the event's id.
func (r *Rooms) SendEvent(room ivschat.ARN, now time.Time, name string, attributes map[string]string) (id string, err error) {
	if !r.ratesOf(room.Owner).sendEvent.allow(now, r.SendEventRate) {
		return "", throttled(room, "SendEvent", r.SendEventRate)
	}
	event := messaging.Event{ID: r.Random.ID(), EventName: name, Attributes: attributes, SendTime: now}
	r.publish(room, now, "SendEvent", event.Encode(), "", "")
	return event.ID, nil
}

// DeleteMessage tells everyone in the room to delete a message, which need not
// exist, and gives the id of that event.
func (r *Rooms) DeleteMessage(room ivschat.ARN, now time.Time, messageID, reason string) (id string, err error) {
	if !r.ratesOf(room.Owner).deleteMessage.allow(now, r.DeleteMessageRate) {
		return "", throttled(room, "DeleteMessage", r.DeleteMessageRate)
	}
	return r.deleteMessage(room, now, "", messageID, reason), nil
}

func (r *Rooms) deleteMessage(room ivschat.ARN, now time.Time, requestID, messageID, reason string) (id string) {
	event := messaging.DeletedMessage(r.Random.ID(), requestID, messageID, reason, now)
	r.publish(room, now, messaging.DeleteMessage, event.Encode(), "", "")
	return event.ID
}

// DisconnectUser tells everyone in the room that the user has to go, the user
// too, and ends each of their connections.
func (r *Rooms) DisconnectUser(room ivschat.ARN, now time.Time, userID, reason string) error {
	if !r.ratesOf(room.Owner).disconnectUser.allow(now, r.DisconnectUserRate) {
		return throttled(room, "DisconnectUser", r.DisconnectUserRate)
	}
	r.disconnectUser(room, now, "", userID, reason)
	return nil
}

func (r *Rooms) disconnectUser(room ivschat.ARN, now time.Time, requestID, userID, reason string) {
	event := messaging.DisconnectedUser(r.Random.ID(), requestID, userID, reason, now)
	r.publish(room, now, messaging.DisconnectUser, event.Encode(), userID, hub.Disconnected)
}

func throttled(room ivschat.ARN, operation string, limit int) *ivschat.Exception {
	return &ivschat.Exception{
		Kind:       ivschat.ThrottlingException,
		Message:    fmt.Sprintf("Account %s may call %s %d times a second in %s", room.Owner.AccountID, operation, limit, room.Owner.Region),
		ResourceID: room.ID,
		Limit:      limit,
	}
}

// Sessions gives the open sessions of an account and of a room, the longest
// first. "" and no ARN mean any. One that was let go is over, even if its client
// takes its time to hang up.
func (r *Rooms) Sessions(account string, room ivschat.ARN) []*Session {
	return slices.DeleteFunc(r.all(account, room), func(s *Session) bool { return s.Reason() != "" })
}

// all gives those, too, whose clients have yet to hang up.
func (r *Rooms) all(account string, room ivschat.ARN) (found []*Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.sessions {
		if (account == "" || s.Token.Room.Owner.AccountID == account) && (room == ivschat.ARN{} || s.Token.Room == room) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *Session) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.number, b.number)) })
	return found
}

// Reset ends the sessions of an account, all of them when it is "", and forgets
// what was counted for rates. It returns when the connections were ended.
func (r *Rooms) Reset(account string) {
	sessions := r.all(account, ivschat.ARN{})
	for _, s := range sessions {
		s.member.End(hub.Reset)
	}
	patience := time.NewTimer(endTimeout) // for all of them together
	defer patience.Stop()
	var held sync.WaitGroup
	for _, s := range sessions {
		if ended := s.awaitEnd(patience); !ended || s.silent.Load() { // a fault would hold it for long
			held.Go(s.breakOff)
		}
	}
	held.Wait()
	r.accounts.Range(func(owner, _ any) bool {
		if account == "" || owner.(ivschat.Owner).AccountID == account {
			r.accounts.Delete(owner)
		}
		return true
	})
	r.senders.Range(func(room, _ any) bool {
		if account == "" || room.(ivschat.ARN).Owner.AccountID == account {
			r.senders.Delete(room)
		}
		return true
	})
}
