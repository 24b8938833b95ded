package room

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// say sends a message, which must be within the rate of the connection.
func say(s *Session) {
	s.HandleFrame(context.Background(), []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`), false)
}

func TestOnlyAcceptedMessagesOfTheRoomAreCounted(t *testing.T) {
	deny := false
	r := newRooms(func(c *Config) { c.Reviewer = denying{&deny} })
	anna, ben, other := enter(r, hall, "anna", new(client)), enter(r, hall, "ben", new(client)),
		enter(r, otherRoom, "anna", new(client))
	for _, s := range []*Session{anna, anna, ben, other} {
		say(s)
	}
	anna.HandleFrame(t.Context(), []byte(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`), false)
	anna.HandleFrame(t.Context(), []byte(`{"Action":"SEND_MESSAGE"}`), false)
	deny = true
	say(anna)
	deny = false
	ben.Close("left")
	say(ben)
	if got := fmt.Sprint(r.Messages(hall), r.Messages(otherRoom), r.Messages(inOtherRegion)); got != "3 1 0" {
		t.Errorf("counted %s", got)
	}
}

// A denying reviewer denies messages while its value is true.
type denying struct{ denies *bool }

func (d denying) Review(
	_ context.Context, _ ivschat.Room, _ ivschat.ChatToken, _ string, m messaging.Message,
) (messaging.Message, *messaging.Error) {
	if *d.denies {
		return m, messaging.ErrInternal
	}
	return m, nil
}

func TestAResetCountsTheMessagesOfTheAccountFrom0Again(t *testing.T) {
	for name, reset := range map[string]func(r *Rooms, account string) error{
		"reset": (*Rooms).Reset, "restore": (*Rooms).Restore,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRooms()
			say(enter(r, hall, "anna", new(client)))
			say(enter(r, ofOther, "anna", new(client)))
			if err := reset(r, account); err != nil {
				t.Error(err)
			}
			if got := fmt.Sprint(r.Messages(hall), r.Messages(ofOther)); got != "0 1" {
				t.Errorf("counted %s", got)
			}
			say(enter(r, hall, "anna", new(client)))
			if err := reset(r, ""); err != nil {
				t.Error(err)
			}
			if got := fmt.Sprint(r.Messages(hall), r.Messages(ofOther)); got != "0 0" {
				t.Errorf("counted %s", got)
			}
		})
	}
}

// An existing finder finds only these rooms.
type existing map[ivschat.ARN]bool

func (e existing) Room(ctx context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	if !e[arn] {
		return ivschat.Room{}, errors.New("not found")
	}
	return everyRoom{}.Room(ctx, arn)
}

func TestCountersOfDeletedRoomsDoNotPileUp(t *testing.T) {
	rooms := existing{}
	r := newRooms(func(c *Config) { c.Finder = rooms })
	kept, deleted := otherRoom, inOtherRegion
	rooms[kept], rooms[deleted] = true, true
	s := enter(r, kept, "anna", new(client))
	say(s)
	s.Leave("left")
	say(enter(r, deleted, "anna", new(client))) // who stays
	delete(rooms, deleted)
	for i := range 5 * minimumSweep {
		room := otherwise(hall, func(a *ivschat.ARN) { a.ID = fmt.Sprintf("room%08d", i) })
		rooms[room] = true
		s := enter(r, room, "ben", new(client))
		say(s)
		s.Leave("left")
		delete(rooms, room)
	}
	if n := len(r.Fanout.(*Local).counts.rooms); n > minimumSweep {
		t.Errorf("there are %d counters", n)
	}
	if got := fmt.Sprint(r.Messages(kept), r.Messages(deleted)); got != "1 1" {
		t.Errorf("counted %s", got)
	}
}

func TestTheRoomsWithCountersAreSweptOnlyWhenThereAreTwiceAsMany(t *testing.T) {
	c := counts{live: func(ivschat.ARN) bool { return true }}
	for i := range 2*minimumSweep + 1 {
		c.of(otherwise(hall, func(a *ivschat.ARN) { a.ID = fmt.Sprintf("room%08d", i) }))
	}
	if c.sweepAt != 4*minimumSweep {
		t.Errorf("the next sweep is at %d rooms", c.sweepAt)
	}
}
