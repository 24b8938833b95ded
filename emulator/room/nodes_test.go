package room

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

var errAway = errors.New("the other nodes cannot be reached")

// away is the exception for errAway.
var away = &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: errAway.Error()}

// newLocal returns the fan-out of a single process.
func newLocal() *Local {
	return NewLocal(everyRoom{}, throttle.NewLimiter(func(string) time.Time { return time.Now() }))
}

// An awayFanout fails while its error is not nil.
type awayFanout struct {
	*Local
	err error
}

func (f *awayFanout) Join(room ivschat.ARN, user string, capacity int) (Member, error) {
	if f.err != nil {
		return Member{}, f.err
	}
	return f.Local.Join(room, user, capacity)
}

func (f *awayFanout) Publish(room ivschat.ARN, p Publication) error {
	return errors.Join(f.err, f.Local.Publish(room, p))
}

func (f *awayFanout) Forget(account string) error { return errors.Join(f.err, f.Local.Forget(account)) }

func TestWhileTheFanOutFailsChatRequestsAreErrors500AndTheRestIsUnavailable(t *testing.T) {
	for action, frame := range map[string]string{
		"SEND_MESSAGE": message, "DELETE_MESSAGE": `{"Action":"DELETE_MESSAGE","RequestId":"r","Id":"AbCdEf012345"}`,
		"DISCONNECT_USER": `{"Action":"DISCONNECT_USER","RequestId":"r","UserId":"nobody"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			fanout := &awayFanout{Local: newLocal()}
			r := newRooms(func(c *Config) { c.Fanout, c.Finder = fanout, simple{} })
			c := new(client)
			s := enter(r, hall, "anna", c)
			fanout.err = errAway
			s.HandleFrame(t.Context(), []byte(frame), false)
			synctest.Wait()
			if got := withoutIDs(c.received()...); got[len(got)-1] != errorFrame(messaging.ErrInternal, "r") {
				t.Errorf("%s: received %q", action, got)
			}
			for _, operation := range []string{"SendEvent", "DeleteMessage", "DisconnectUser"} {
				if err := calls[operation](r, hall); !reflect.DeepEqual(err, away) {
					t.Errorf("%s: %v", operation, err)
				}
			}
			if s, err := r.Join(ivschat.ChatToken{Room: hall}); !reflect.DeepEqual(err, error(away)) || s != nil {
				t.Errorf("joining: %v, %v", s, err)
			}
			for name, do := range map[string]func(string) error{"reset": r.Reset, "restore": r.Restore} {
				if err := do(account); !reflect.DeepEqual(err, error(away)) {
					t.Errorf("%s: %v", name, err)
				}
			}
			s.Leave("left")
		})
	}
}

// simple is a Finder of rooms without message review handlers.
type simple struct{}

func (simple) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{ARN: arn, MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10}, nil
}

// twoNodes are two Rooms that are one service.
type twoNodes struct {
	here, there *Rooms
	err         error
}

func (n *twoNodes) Select(_ context.Context, s Selection) (all []RoomSessions, err error) {
	for name, rooms := range map[string]*Rooms{"here": n.here, "there": n.there} {
		for _, in := range rooms.SelectHere(s) {
			for i := range in.Listed {
				in.Listed[i].Node = name
			}
			all = append(all, in)
		}
	}
	return all, n.err
}

func (n *twoNodes) End(_ context.Context, account string, id int64, end End) (bool, error) {
	return n.here.EndHere(account, id, end) || n.there.EndHere(account, id, end), n.err
}

func (n *twoNodes) Close(account string, reason hub.Reason) error {
	n.here.CloseHere(account, reason)
	n.there.CloseHere(account, reason)
	return n.err
}

func TestSessionsOfAllNodesAreListedAndEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes := new(twoNodes)
		fanout := newLocal() // which both use
		for _, rooms := range []**Rooms{&nodes.here, &nodes.there} {
			*rooms = newRooms(func(c *Config) { c.Nodes, c.Fanout = nodes, fanout })
		}
		var sessions []*Session
		for i, token := range []ivschat.ChatToken{
			{Room: hall, UserID: "anna"}, {Room: hall, UserID: "ben"}, {Room: ofOther, UserID: "cleo"},
		} {
			token.SessionExpirationTime = time.Now().Add(time.Duration(9-i) * time.Minute)
			s := joined([]*Rooms{nodes.there, nodes.here, nodes.there}[i], token)
			s.Start(new(client))
			sessions = append(sessions, s)
		}
		list := func(s Selection) (users string) {
			found, err := nodes.here.Select(t.Context(), s)
			if err != nil {
				t.Error(err)
			}
			for _, in := range []ivschat.ARN{hall, ofOther} {
				for _, info := range found[in].Listed {
					users += fmt.Sprint(info.UserID, " ", info.Node, " ")
				}
				users += fmt.Sprint("of ", found[in].Count, " ")
			}
			return users
		}
		ben := "ben"
		for want, s := range map[string]Selection{
			"anna there ben here of 2 cleo there of 1 ": {Maximum: -1}, "of 0 cleo there of 1 ": {Account: otherAccount, Maximum: 1},
			"anna there of 2 of 0 ": {Room: hall, Maximum: 1}, "ben here of 2 of 0 ": {Room: hall, Maximum: 1, ByExpiration: true},
			"of 2 of 1 ": {}, "ben here of 2 of 1 ": {Maximum: -1, UserID: &ben},
		} {
			if got := list(s); got != want {
				t.Errorf("%+v: open are %s, want %s", s, got, want)
			}
		}
		for account, want := range map[string]bool{otherAccount: false, account: true} {
			found, err := nodes.here.End(t.Context(), account, sessions[0].ID(), End{Expire: true})
			if found != want || err != nil {
				t.Errorf("the end of a session with account %s: %v, %v", account, found, err)
			}
		}
		if err := nodes.here.Reset(otherAccount); err != nil {
			t.Error(err)
		}
		if got := list(Selection{Maximum: -1}); got != "ben here of 1 of 0 " {
			t.Error("at last, open are", got)
		}
		nodes.err = errAway
		_, listing := nodes.here.Select(t.Context(), Selection{})
		_, ending := nodes.here.End(t.Context(), "", sessions[1].ID(), End{Reset: true})
		for what, err := range map[string]error{"list": listing, "end": ending, "reset": nodes.here.Reset("")} {
			if !reflect.DeepEqual(err, error(away)) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, s := range sessions {
			s.Leave("left")
		}
	})
}

func TestTheFanOutIsToldOnceThatASessionIsNoRecipientAnyMore(t *testing.T) {
	for name, end := range map[string]func(*Session){
		"closed": func(s *Session) { s.Close(hub.Shutdown) }, "expired": (*Session).Expire, "left": func(*Session) {},
	} {
		synctest.Test(t, func(t *testing.T) {
			fanout := &goodbyes{Local: newLocal()}
			r := newRooms(func(c *Config) { c.Fanout = fanout })
			s := enter(r, hall, "anna", new(client))
			end(s)
			if early := len(fanout.left) == 1; early != (name != "left") {
				t.Errorf("%s: told %v before it has left", name, fanout.left)
			}
			s.Leave("left")
			if want := []int64{s.ID()}; !reflect.DeepEqual(fanout.left, want) {
				t.Errorf("%s: told %v", name, fanout.left)
			}
			time.Sleep(time.Hour) // its alarm is stopped, or runs
		})
	}
}

// goodbyes notes which sessions are no recipients any more.
type goodbyes struct {
	*Local
	left []int64
}

func (g *goodbyes) Leave(_ ivschat.ARN, m *Member) { g.left = append(g.left, m.Session) }
