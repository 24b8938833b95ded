package room

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

const account, otherAccount = "111122223333", "444455556666"

// hall is a room of the account.
var hall = ivschat.ARN{
	Owner:        ivschat.Owner{AccountID: account, Region: "eu-west-1"},
	ResourceType: ivschat.RoomResource, ID: "AbCdEf012345",
}

// otherwise returns an ARN with a change.
func otherwise(room ivschat.ARN, change func(*ivschat.ARN)) ivschat.ARN {
	change(&room)
	return room
}

// The rooms differ from the hall in one part of their ARN each.
var (
	otherRoom     = otherwise(hall, func(a *ivschat.ARN) { a.ID = "ZyXwVu987654" })
	inOtherRegion = otherwise(hall, func(a *ivschat.ARN) { a.Owner.Region = "us-east-1" })
	ofOther       = otherwise(hall, func(a *ivschat.ARN) { a.Owner.AccountID = otherAccount })
)

// joined opens a session.
func joined(r *Rooms, token ivschat.ChatToken) *Session {
	s, err := r.Join(token)
	if err != nil {
		panic(err) // a single process never fails
	}
	return s
}

// reset closes the sessions of all accounts, for a reset or because of a snapshot.
func reset(t *testing.T, do func(account string) error) {
	t.Helper()
	if err := do(""); err != nil {
		t.Error(err)
	}
}

// enter opens a session with all capabilities for an hour.
func enter(r *Rooms, room ivschat.ARN, userID string, connection Connection) *Session {
	s := joined(r, ivschat.ChatToken{
		Room: room, UserID: userID, Attributes: map[string]string{"name": "of " + userID},
		SessionExpirationTime: r.Clock.Account(room.Owner.AccountID).Now().Add(time.Hour),
		Capabilities: []ivschat.Capability{
			ivschat.CapabilitySendMessage, ivschat.CapabilityDeleteMessage, ivschat.CapabilityDisconnectUser,
		},
	})
	s.Start(connection)
	return s
}

var frameID = regexp.MustCompile(`"Id":"[0-9A-Za-z]{12}"`)

// withoutIDs returns frames with the ID "ID".
func withoutIDs(frames ...string) (changed []string) {
	for _, frame := range frames {
		changed = append(changed, frameID.ReplaceAllString(frame, `"Id":"ID"`))
	}
	return changed
}

// expect compares what a client received, apart from the IDs of the frames.
func expect(t *testing.T, what string, c *client, want ...string) {
	t.Helper()
	if got := withoutIDs(c.received()...); !slices.Equal(got, want) {
		t.Errorf("%s: received\n%q, want\n%q", what, got, want)
	}
}

// errorFrame returns an ERROR with the ID "ID".
func errorFrame(err *messaging.Error, requestID string) string {
	return string(err.Encode("ID", requestID))
}

// expectEntries compares the entries of the journal, apart from the IDs of the frames and their own.
func expectEntries(t *testing.T, r *Rooms, filter journal.Filter, want ...journal.Entry) {
	t.Helper()
	show := func(entries []journal.Entry) (shown []string) {
		for _, entry := range entries {
			entry.ID = 0
			text, err := json.Marshal(entry)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, withoutIDs(string(text))...)
		}
		return shown
	}
	if got, want := show(r.Journal.After(0, 0, filter)), show(want); !slices.Equal(got, want) {
		t.Errorf("the journal has\n%q, want\n%q", got, want)
	}
}

// A finder finds every room, after a change to it.
type finder func(*ivschat.Room)

func (f finder) Room(ctx context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	room, err := everyRoom{}.Room(ctx, arn)
	f(&room)
	return room, err
}

// closings is a client that records the reasons for which it is closed.
type closings struct {
	client
	reasons []hub.Reason // guarded by client.mu
}

func (c *closings) Close(r hub.Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reasons = append(c.reasons, r)
}

func (c *closings) closedFor() []hub.Reason {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.reasons)
}
