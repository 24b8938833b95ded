package room

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestAnEventReachesEveryoneInItsRoomAndTheJournal(t *testing.T) {
	attributes := map[string]string{"a": "b"}
	for name, test := range map[string]struct {
		send  func(*testing.T, *Rooms, *Session) (id string)
		cause string
		want  messaging.Event
	}{
		"SendEvent": {
			func(t *testing.T, r *Rooms, _ *Session) string {
				id, err := r.SendEvent(t.Context(), hall, r.Clock.Now(), "greeting", attributes)
				if err != nil {
					t.Error(err)
				}
				return id
			},
			"SendEvent", messaging.Event{EventName: "greeting", Attributes: attributes},
		},
		"DeleteMessage": {
			func(t *testing.T, r *Rooms, _ *Session) string {
				id, err := r.DeleteMessage(t.Context(), hall, r.Clock.Now(), "ZyXwVu987654", "spam")
				if err != nil {
					t.Error(err)
				}
				return id
			},
			"DELETE_MESSAGE", messaging.DeletedMessage("", "", "ZyXwVu987654", "spam", time.Time{}),
		},
		"DELETE_MESSAGE": {
			func(t *testing.T, _ *Rooms, s *Session) string {
				const frame = `{"Action":"DELETE_MESSAGE","RequestId":"r","Id":"ZyXwVu987654","Reason":"spam"}`
				s.HandleFrame(t.Context(), []byte(frame), false)
				return "ID"
			},
			"DELETE_MESSAGE", messaging.DeletedMessage("", "r", "ZyXwVu987654", "spam", time.Time{}),
		},
		"DisconnectUser": {
			func(t *testing.T, r *Rooms, _ *Session) string {
				if err := r.DisconnectUser(t.Context(), hall, r.Clock.Now(), "ben", "rude"); err != nil {
					t.Error(err)
				}
				return "ID"
			},
			"DISCONNECT_USER", messaging.DisconnectedUser("", "", "ben", "rude", time.Time{}),
		},
		"DISCONNECT_USER": {
			func(t *testing.T, _ *Rooms, s *Session) string {
				const frame = `{"Action":"DISCONNECT_USER","RequestId":"r","UserId":"ben","Reason":"rude"}`
				s.HandleFrame(t.Context(), []byte(frame), false)
				return "ID"
			},
			"DISCONNECT_USER", messaging.DisconnectedUser("", "r", "ben", "rude", time.Time{}),
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			r, anna, ben, elsewhere := newRooms(), new(closings), new(closings), new(closings)
			s := enter(r, hall, "anna", anna)
			enter(r, hall, "ben", ben)
			enter(r, otherRoom, "ben", elsewhere)
			r.Clock.Advance(time.Minute)
			id := test.send(t, r, s)
			synctest.Wait()
			received := ben.received()
			if len(received) != 1 {
				t.Fatalf("%s: received %q", name, received)
			}
			test.want.ID, test.want.SendTime = id, r.Clock.Now()
			if id == "ID" { // the caller does not get it
				received = withoutIDs(received...)
			}
			if want := string(test.want.Encode()); received[0] != want {
				t.Errorf("%s: received\n%s, want\n%s", name, received[0], want)
			}
			test.want.ID = "ID"
			expect(t, name, &anna.client, string(test.want.Encode()))
			expect(t, name, &elsewhere.client)
			expectEntries(t, r, journal.Filter{Kind: journal.Frame, Direction: journal.Out}, journal.Entry{
				Time: r.Clock.Now(), Kind: journal.Frame, Direction: journal.Out, Operation: test.cause,
				Recipients: 2, Frame: test.want.Encode(),
			}.About(hall))
			var closed []hub.Reason
			if test.cause == "DISCONNECT_USER" {
				closed = []hub.Reason{hub.Disconnected}
			}
			if !slices.Equal(ben.closedFor(), closed) || len(anna.closedFor())+len(elsewhere.closedFor()) > 0 {
				t.Errorf("%s: closed for %q, %q and %q, want %q",
					name, ben.closedFor(), anna.closedFor(), elsewhere.closedFor(), closed)
			}
		})
	}
}

// calls are the ways to do something that has a rate limit.
var calls = map[string]func(*Rooms, ivschat.ARN) error{
	"SendEvent": func(r *Rooms, room ivschat.ARN) error {
		id, err := r.SendEvent(context.Background(), room, r.Clock.Now(), "e", nil)
		return withoutID(id, err)
	},
	"DeleteMessage": func(r *Rooms, room ivschat.ARN) error {
		id, err := r.DeleteMessage(context.Background(), room, r.Clock.Now(), "ZyXwVu987654", "")
		return withoutID(id, err)
	},
	"DisconnectUser": func(r *Rooms, room ivschat.ARN) error {
		return r.DisconnectUser(context.Background(), room, r.Clock.Now(), "nobody", "")
	},
	"SEND_MESSAGE":    act(message),
	"DELETE_MESSAGE":  act(`{"Action":"DELETE_MESSAGE","RequestId":"r","Id":"ZyXwVu987654"}`),
	"DISCONNECT_USER": act(`{"Action":"DISCONNECT_USER","RequestId":"r","UserId":"nobody"}`),
}

// withoutID returns the error of an operation that returns an ID, but only if it succeeds.
func withoutID(id string, err error) error {
	if (id == "") != (err != nil) {
		return fmt.Errorf("the ID is %q (%w)", id, err)
	}
	return err
}

var errRefused = errors.New("rate limit exceeded")

// act returns a call that sends a frame over a new connection, and returns whether it was refused for its
// rate.
func act(frame string) func(*Rooms, ivschat.ARN) error {
	return func(r *Rooms, room ivschat.ARN) error {
		c := new(client)
		s := enter(r, room, "anna", c)
		s.HandleFrame(context.Background(), []byte(frame), false)
		synctest.Wait()
		s.Close(hub.Shutdown)
		s.Leave("left")
		refused := errorFrame(messaging.ErrRateLimited, "r")
		if got := withoutIDs(c.received()...); len(got) == 1 && got[0] == refused {
			return errRefused
		}
		return nil
	}
}

func throttling(operation string) *ivschat.Exception {
	return &ivschat.Exception{
		Type: ivschat.ThrottlingException,
		Message: "Account 111122223333 exceeds the rate limit of " + operation +
			" in eu-west-1: 4 calls per second",
		ResourceID: "AbCdEf012345", Limit: 4,
	}
}

// An action of a client and the operation of the application have one limit together. The limits of other
// actions, accounts and regions are their own.
func TestAnAccountHasALimitForEachActionInARegion(t *testing.T) {
	for name, test := range map[string]struct {
		rate   func(*Config) *int
		calls  []string
		limits []error
	}{
		"events": {
			func(c *Config) *int { return &c.SendEventRate },
			[]string{"SendEvent"}, []error{throttling("SendEvent")},
		},
		"messages": {
			func(c *Config) *int { return &c.SendMessageRate },
			[]string{"SEND_MESSAGE"}, []error{errRefused},
		},
		"deletions": {
			func(c *Config) *int { return &c.DeleteMessageRate },
			[]string{"DeleteMessage", "DELETE_MESSAGE"}, []error{throttling("DeleteMessage"), errRefused},
		},
		"disconnections": {
			func(c *Config) *int { return &c.DisconnectUserRate },
			[]string{"DisconnectUser", "DISCONNECT_USER"}, []error{throttling("DisconnectUser"), errRefused},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRooms(func(c *Config) {
				c.SendMessageRate, c.DeleteMessageRate, c.DisconnectUserRate, c.SendEventRate = 5, 5, 5, 5
				*test.rate(c) = 4
			})
			for i := range 4 {
				call, room := test.calls[i%len(test.calls)], []ivschat.ARN{hall, otherRoom}[i/2]
				if err := calls[call](r, room); err != nil {
					t.Errorf("%s: the call %d of %s: %v", name, i, call, err)
				}
			}
			published := func() int {
				return len(r.Journal.After(0, 0, journal.Filter{Kind: journal.Frame, Direction: journal.Out}))
			}
			before := published()
			for i, call := range test.calls {
				if err := calls[call](r, hall); !reflect.DeepEqual(err, test.limits[i]) {
					t.Errorf("%s: one more %s: %v, want %v", name, call, err, test.limits[i])
				}
				for _, other := range []ivschat.ARN{inOtherRegion, ofOther} {
					if err := calls[call](r, other); err != nil {
						t.Errorf("%s: %s in %s: %v", name, call, other, err)
					}
				}
			}
			refusals := 0 // that are ERROR frames
			for _, limit := range test.limits {
				if limit == errRefused {
					refusals++
				}
			}
			if n := published() - before; n != 2*len(test.calls)+refusals {
				t.Errorf("%s: %d frames were sent, of which %d are refusals", name, n, refusals)
			}
			for call := range calls {
				if err := calls[call](r, hall); err != nil != slices.Contains(test.calls, call) {
					t.Errorf("%s: then %s: %v", name, call, err)
				}
			}
			r.Clock.Advance(250 * time.Millisecond)
			if err := calls[test.calls[0]](r, hall); err != nil {
				t.Errorf("%s: after a quarter of a second: %v", name, err)
			}
		})
	}
}

func TestARoomHasALimitOfItsOwnForMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms(func(c *Config) {
			c.Finder = finder(func(room *ivschat.Room) {
				room.MaximumMessageRatePerSecond = 3
				if room.ARN == otherRoom {
					room.MaximumMessageRatePerSecond = 2
				}
			})
			c.SendMessageRate = 8
		})
		third := otherwise(hall, func(a *ivschat.ARN) { a.ID = "QwErTy135790" })
		fourth := otherwise(hall, func(a *ivschat.ARN) { a.ID = "AsDfGh246801" })
		for i, step := range []struct {
			room ivschat.ARN
			sent int // of five messages
		}{{hall, 3}, {otherRoom, 2}, {third, 3}, {fourth, 0}, {inOtherRegion, 3}, {ofOther, 3}} {
			sent := 0
			for range 5 {
				if err := calls["SEND_MESSAGE"](r, step.room); err == nil {
					sent++
				}
			}
			if sent != step.sent {
				t.Errorf("%s: %d messages were sent, want %d", fmt.Sprint(i, " ", step.room), sent, step.sent)
			}
		}
	})
}
