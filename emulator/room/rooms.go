package room

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// Config is what live rooms work with. Every member is needed.
type Config struct {
	Rooms  Finder
	Clock  *clock.Clock
	Logger *slog.Logger

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
}

// accountRates counts what clients and applications ask for together.
type accountRates struct{ sendMessage, deleteMessage, disconnectUser, sendEvent rate }

// New makes the rooms. Nobody is in them.
func New(config Config) *Rooms { return &Rooms{Config: config} }

func (r *Rooms) ratesOf(owner ivschat.Owner) *accountRates {
	rates, _ := r.accounts.LoadOrStore(owner, new(accountRates))
	return rates.(*accountRates)
}

// SendEvent sends an event of the application to everyone in the room and
// gives the event's id.
func (r *Rooms) SendEvent(room ivschat.ARN, now time.Time, name string, attributes map[string]string) (id string, err error) {
	if !r.ratesOf(room.Owner).sendEvent.allow(now, r.SendEventRate) {
		return "", throttled(room, "SendEvent", r.SendEventRate)
	}
	event := messaging.Event{ID: ivschat.NewID(), EventName: name, Attributes: attributes, SendTime: now}
	r.hub.Publish(room.String(), event.Encode())
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
	event := messaging.DeletedMessage(ivschat.NewID(), requestID, messageID, reason, now)
	r.hub.Publish(room.String(), event.Encode())
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
	event := messaging.DisconnectedUser(ivschat.NewID(), requestID, userID, reason, now)
	r.hub.PublishAndEnd(room.String(), event.Encode(), userID, hub.Disconnected)
}

func throttled(room ivschat.ARN, operation string, limit int) *ivschat.Exception {
	return &ivschat.Exception{
		Kind:       ivschat.ThrottlingException,
		Message:    fmt.Sprintf("Account %s may call %s %d times a second in %s", room.Owner.AccountID, operation, limit, room.Owner.Region),
		ResourceID: room.ID,
		Limit:      limit,
	}
}
