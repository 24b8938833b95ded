package room

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// usersOf returns the users of sessions.
func usersOf(sessions []*Session) (users []string) {
	for _, s := range sessions {
		users = append(users, s.Token.UserID)
	}
	return users
}

func TestTheOpenSessionsAreListedTheOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		var want []string
		for i := range 30 {
			if i == 20 {
				time.Sleep(time.Second)
			}
			user := fmt.Sprint("user ", i)
			enter(r, hall, user, new(client))
			want = append(want, user)
		}
		if got := usersOf(r.Sessions("", ivschat.ARN{})); !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		r.Clock.Reset() // the clock can be set back
		r.Clock.Advance(time.Hour)
		late := enter(r, hall, "late", new(client))
		r.Clock.Reset()
		enter(r, hall, "later, but at an earlier time", new(client))
		if got := usersOf(r.Sessions("", ivschat.ARN{})); got[len(got)-1] != "late" {
			t.Errorf("the last is %q", got[len(got)-1])
		}
		if at := time.Now().Add(time.Hour); !late.ConnectTime.Equal(at) {
			t.Errorf("it connected at %v, want %v", late.ConnectTime, at)
		}
	})
}

func TestTheOpenSessionsOfAnAccountOrARoomAreListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		for user, room := range map[string]ivschat.ARN{
			"hall": hall, "room": otherRoom, "region": inOtherRegion, "other": ofOther,
		} {
			enter(r, room, user, new(client))
		}
		expect := func(what, account string, room ivschat.ARN, want ...string) {
			t.Helper()
			got := usersOf(r.Sessions(account, room))
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		expect("all", "", ivschat.ARN{}, "hall", "other", "region", "room")
		expect("of the account", account, ivschat.ARN{}, "hall", "region", "room")
		expect("of another account", otherAccount, ivschat.ARN{}, "other")
		expect("of the room", "", hall, "hall")
		expect("of the room and its account", account, hall, "hall")
		expect("of the room and another account", otherAccount, hall)
		closing := r.Sessions("", hall)[0]
		closing.Close(hub.Disconnected)
		expect("after one is being closed", account, ivschat.ARN{}, "region", "room")
		r.Sessions("", otherRoom)[0].Leave("left")
		expect("after one has left", account, ivschat.ARN{}, "region")
	})
}

func TestASessionThatHasLeftReceivesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := newRooms(), new(client)
		enter(r, hall, "anna", c).Leave("left")
		if err := calls["SendEvent"](r, hall); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		expect(t, "who left", c)
		entries := r.Journal.After(0, 0, journal.Filter{Kind: journal.Frame})
		if len(entries) != 1 || entries[0].Recipients != 0 {
			t.Errorf("the journal has %v", entries)
		}
	})
}

// With a seed, the IDs are the same in every run. So they must not depend on when a session that has left
// would have expired.
func TestASessionThatHasLeftDoesNotExpire(t *testing.T) {
	next := func(expires bool) (id string) {
		synctest.Test(t, func(t *testing.T) {
			r := newRooms()
			enter(r, hall, "anna", new(client)).Leave("left")
			if expires {
				r.Clock.Advance(time.Hour)
			}
			var err error
			if id, err = r.SendEvent(t.Context(), hall, r.Clock.Now(), "e", nil); err != nil {
				t.Fatal(err)
			}
			expectEntries(t, r, journal.Filter{Kind: journal.Frame, Direction: journal.In})
		})
		return id
	}
	if before, after := next(false), next(true); before != after {
		t.Errorf("the next ID is %s, and %s after the time of the session", before, after)
	}
}

func TestTheJournalSaysWhenAClientConnectedAndWhyTheConnectionEnded(t *testing.T) {
	entry := func(kind journal.Kind, after time.Duration, reason string) journal.Entry {
		at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(after) // the bubble begins then
		return journal.Entry{Time: at, Kind: kind, UserID: "anna", Reason: reason}.About(hall)
	}
	connected := entry(journal.Connect, 0, "")
	for name, test := range map[string]struct {
		end  func(*Rooms, *Session)
		want []journal.Entry
	}{
		"it leaves": {
			func(_ *Rooms, s *Session) { s.Leave("bye") },
			[]journal.Entry{connected, entry(journal.Disconnect, time.Minute, "bye")},
		},
		"a snapshot is restored": {
			func(r *Rooms, s *Session) { reset(t, r.Restore); s.Leave("restored") },
			[]journal.Entry{connected, entry(journal.Disconnect, time.Minute, "restored")},
		},
		"a reset": { // which clears the journal
			func(r *Rooms, s *Session) { reset(t, r.Reset); s.Leave("reset") },
			[]journal.Entry{connected},
		},
		"the node is cut off": { // the other nodes add it
			func(_ *Rooms, s *Session) { s.Close(hub.CutOff); s.Leave("cut off") },
			[]journal.Entry{connected},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRooms()
				s := enter(r, hall, "anna", new(client))
				time.Sleep(time.Minute)
				test.end(r, s)
				expectEntries(t, r, journal.Filter{}, test.want...)
			})
		})
	}
}

func TestTheJournalDoesNotKnowAHandshakeThatWasNotFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		joined(r, ivschat.ChatToken{Room: hall, SessionExpirationTime: r.Clock.Now().Add(time.Hour)}).Leave("failed")
		expectEntries(t, r, journal.Filter{})
	})
}

func TestAResetOrRestoreClosesTheSessionsOfAnAccountAndRefillsItsLimits(t *testing.T) {
	for _, test := range []struct {
		do      func(*Rooms, string) error
		account string
		reason  hub.Reason
		others  bool
	}{
		{(*Rooms).Reset, account, hub.Reset, false},
		{(*Rooms).Reset, "", hub.Reset, true},
		{(*Rooms).Restore, account, hub.Restored, false},
		{(*Rooms).Restore, "", hub.Restored, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRooms(func(c *Config) { c.SendEventRate = 1 })
			mine, others := new(closings), new(closings)
			s, other := enter(r, hall, "anna", mine), enter(r, ofOther, "anna", others)
			for _, room := range []ivschat.ARN{hall, ofOther} {
				if err := calls["SendEvent"](r, room); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			if err := test.do(r, test.account); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("it took %v, although the clients read", took)
			}
			if want := []hub.Reason{test.reason}; !slices.Equal(mine.closedFor(), want) || s.Reason() != test.reason {
				t.Errorf("closed for %q, want %q", mine.closedFor(), want)
			}
			if closed := len(others.closedFor()) > 0; closed != test.others || (other.Reason() != "") != test.others {
				t.Errorf("%s of %q: the other is closed for %q", test.reason, test.account, others.closedFor())
			}
			if err := calls["SendEvent"](r, hall); err != nil {
				t.Errorf("%s of %q: %v", test.reason, test.account, err)
			}
			if err := calls["SendEvent"](r, ofOther); (err == nil) != test.others {
				t.Errorf("%s of %q: for the other account, %v", test.reason, test.account, err)
			}
		})
	}
}

// A slowClient takes time to read each write, unless that is aborted.
type slowClient struct {
	*closings
	takes   time.Duration
	aborted chan struct{}
}

func (c *slowClient) Write(frames []*hub.Frame) error {
	select {
	case <-time.After(c.takes):
		return c.closings.Write(frames)
	case <-c.aborted:
		return nil
	}
}

func (c *slowClient) AbortSlowWrite() { close(c.aborted) }

func TestAResetWaitsForSlowClientsAndAbortsThoseThatDoNotRead(t *testing.T) {
	for _, test := range []struct {
		takes, wait time.Duration
		aborted     bool
	}{
		{60 * time.Millisecond, 60 * time.Millisecond, false},
		{time.Hour, 100 * time.Millisecond, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRooms()
			c := &slowClient{new(closings), test.takes, make(chan struct{})}
			s := enter(r, hall, "anna", c)
			if err := calls["SendEvent"](r, hall); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			began := time.Now()
			reset(t, r.Reset)
			if took := time.Since(began); took != test.wait {
				t.Errorf("the reset took %v, want %v", took, test.wait)
			}
			synctest.Wait()
			wasAborted := false
			select {
			case <-c.aborted:
				wasAborted = true
			default:
			}
			if wasAborted != test.aborted || !slices.Contains(c.closedFor(), hub.Reset) {
				t.Errorf("the write was aborted: %t; closed for %q", wasAborted, c.closedFor())
			}
			if !test.aborted && len(c.closedFor()) != 1 {
				t.Errorf("the connection was closed %d times", len(c.closedFor()))
			}
			s.Leave("left")
		})
	}
}

func TestAResetEndsTheWriteOfABrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		c := &slowClient{new(closings), time.Hour, make(chan struct{})}
		c.broken.Store(true)
		enter(r, hall, "anna", c)
		reset(t, r.Reset)
		select {
		case <-c.aborted:
		default:
			t.Error("the write was not aborted")
		}
	})
}

func TestAResetDoesNotFailForASessionWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		s := joined(r, ivschat.ChatToken{Room: hall, SessionExpirationTime: r.Clock.Now().Add(time.Hour)})
		if s.Broken() {
			t.Error("it is broken")
		}
		reset(t, r.Reset)
		if s.Reason() != hub.Reset {
			t.Errorf("the reason is %q", s.Reason())
		}
		s.Leave("left")
	})
}

func TestUpTo512FramesWaitForAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		s := joined(r, ivschat.ChatToken{Room: hall, SessionExpirationTime: r.Clock.Now().Add(time.Hour)})
		for range 512 {
			if err := calls["SendEvent"](r, hall); err != nil {
				t.Fatal(err)
			}
		}
		if s.Queued() != 512 || s.Reason() != "" {
			t.Errorf("%d frames wait, and the reason is %q", s.Queued(), s.Reason())
		}
		if err := calls["SendEvent"](r, hall); err != nil {
			t.Fatal(err)
		}
		if s.Reason() != hub.TooSlow {
			t.Errorf("after one more, the reason is %q", s.Reason())
		}
		s.Leave("left")
	})
}

func TestAFaultFindsASessionByEverythingThatARuleCanName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(newRooms(), hall, "anna", new(client))
		want := fault.Point{
			Operation: "SEND_MESSAGE", Account: account, UserID: "anna", Capabilities: s.Token.Capabilities,
			Room: "arn:aws:ivschat:eu-west-1:111122223333:room/AbCdEf012345",
		}
		if got := s.Point("SEND_MESSAGE"); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestASessionThatExpiresEndsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := newRooms(), new(closings)
		enter(r, hall, "anna", c)
		r.Clock.Advance(time.Hour)
		want := errorFrame(messaging.ErrSessionExpired, "")
		expect(t, "who expired", &c.client, want)
		if !slices.Equal(c.closedFor(), []hub.Reason{hub.Expired}) {
			t.Errorf("closed for %q", c.closedFor())
		}
		expectEntries(t, r, journal.Filter{Kind: journal.Frame}, journal.Entry{
			Time: r.Clock.Now(), Kind: journal.Frame, Direction: journal.Out, UserID: "anna", Frame: []byte(want),
		}.About(hall))
	})
}
