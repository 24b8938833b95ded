package replica

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// newLocal returns the rooms of a node that is about to join, with everything that they need.
func newLocal(t *testing.T, c Cluster, seed uint64) *room.Rooms {
	shared := newRooms(t, c, theTime)
	local := room.New(room.Config{
		Finder: everyRoom{}, Fanout: shared, Nodes: shared, Limiter: shared.Limiter, Random: random.New(seed),
		Clock: clock.New(), Journal: journal.New(journal.MinimumBytes), Logger: slog.New(slog.DiscardHandler),
		Faults: fault.New(random.New(seed), func(fault.Rule, fault.Point) {}),
	})
	shared.Serve(local)
	return local
}

// A connection is a viewer that can be broken.
type connection struct {
	viewer
	broken atomic.Bool
}

func (c *connection) Break(fault.Effect) { c.broken.Store(true) }

func (c *connection) Broken() bool { return c.broken.Load() }

func (c *connection) ClientIP() string { return "192.0.2.7" }

// connect opens a session.
func connect(t *testing.T, local *room.Rooms, in ivschat.ARN, user string) (*room.Session, *connection) {
	t.Helper()
	s, err := local.Join(ivschat.ChatToken{
		Room: in, UserID: user, Attributes: map[string]string{"a": "b"},
		Capabilities:          []ivschat.Capability{ivschat.CapabilitySendMessage},
		SessionExpirationTime: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &connection{viewer: viewer{changed: make(chan struct{})}}
	s.Start(c)
	return s, c
}

// awaitClosed waits until the connection is closed for the reason.
func (c *connection) awaitClosed(t *testing.T, reason hub.Reason) {
	t.Helper()
	c.await(t, "closed for "+string(reason), func(_ []string, r hub.Reason) bool { return r == reason })
}

func TestEachNodeShowsAndEndsTheSessionsOfAllNodes(t *testing.T) {
	log := newLiveLog()
	var locals []*room.Rooms
	for i := range 3 {
		node := log.newNode(fmt.Sprint("node-", i))
		locals = append(locals, newLocal(t, node, uint64(i)))
		node.join(t)
	}
	anna, annas := connect(t, locals[0], hall, "anna")
	_, bens := connect(t, locals[1], hall, "ben")
	cleo, cleos := connect(t, locals[2], ofOther, "cleo")
	open := func(local *room.Rooms, s room.Selection) (users string) {
		found, err := local.Select(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []ivschat.ARN{hall, ofOther} {
			for _, info := range found[in].Listed {
				users += fmt.Sprint(info.ID, " ", info.UserID, " ", info.Node, " ")
			}
			users += fmt.Sprint("of ", found[in].Count, " ")
		}
		return users
	}
	all := room.Selection{Maximum: -1}
	for i, local := range locals {
		for want, s := range map[string]room.Selection{
			"1 anna node-0 2 ben node-1 of 2 3 cleo node-2 of 1 ": all,
			"of 0 of 1 ":               {Account: ofOther.Owner.AccountID},
			"1 anna node-0 of 2 of 0 ": {Room: hall, Maximum: 1},
		} {
			if got := open(local, s); got != want {
				t.Errorf("node %d: open are %s, want %s", i, got, want)
			}
		}
	}
	found, err := locals[1].Select(t.Context(), room.Selection{Room: ofOther, Maximum: -1})
	want := cleo.Info()
	want.Node = "node-2"
	if err != nil || len(found[ofOther].Listed) != 1 {
		t.Fatalf("the session is %+v (%v), want %+v", found, err, want)
	}
	got := found[ofOther].Listed[0]
	if !got.ConnectTime.Equal(want.ConnectTime) || !got.SessionExpirationTime.Equal(want.SessionExpirationTime) {
		t.Errorf("the session is %+v, want %+v", got, want)
	}
	got.ConnectTime, got.SessionExpirationTime = want.ConnectTime, want.SessionExpirationTime
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the session is %+v, want %+v", got, want)
	}
	end := func(account string, id int64, how room.End) bool {
		found, err := locals[1].End(t.Context(), account, id, how)
		if err != nil {
			t.Error(err)
		}
		return found
	}
	if end(ofOther.Owner.AccountID, anna.ID(), room.End{Expire: true}) || end("", 4, room.End{Expire: true}) {
		t.Error("a session was ended that is of another account, or does not exist")
	}
	if !end("", anna.ID(), room.End{Expire: true}) || end("", anna.ID(), room.End{Expire: true}) {
		t.Error("the session was not ended once")
	}
	annas.awaitClosed(t, hub.Expired)
	if !end("", cleo.ID(), room.End{Silence: true}) || !cleos.Broken() || open(locals[0], all) != "2 ben node-1 of 1 3 cleo node-2 of 1 " {
		t.Error("the session is not silent")
	}
	if err := locals[2].Reset(hall.Owner.AccountID); err != nil {
		t.Error(err)
	}
	bens.awaitClosed(t, hub.Reset)
	if got := open(locals[0], all); got != "of 0 3 cleo node-2 of 1 " {
		t.Errorf("after the reset, open are %s", got)
	}
}

func TestWhatIsPublishedIsInTheJournalOfEachNodeAndHappenedOnOne(t *testing.T) {
	log := newLiveLog()
	var locals []*room.Rooms
	var heard [2]atomic.Int64
	for i := range heard {
		node := log.newNode(fmt.Sprint("node-", i))
		local := newLocal(t, node, uint64(i))
		local.Journal.Listen(func(e journal.Entry) {
			if e.Direction == journal.Out {
				heard[i].Add(1)
			}
		})
		locals = append(locals, local)
		node.join(t)
	}
	anna, _ := connect(t, locals[0], hall, "anna")
	connect(t, locals[1], hall, "ben")
	anna.HandleFrame(t.Context(), []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`), false)
	if _, err := locals[1].SendEvent(t.Context(), hall, time.Now(), "e", nil); err != nil {
		t.Fatal(err)
	}
	if err := locals[0].Fanout.Forget("nobody"); err != nil { // which returns when all have applied it
		t.Fatal(err)
	}
	var first string
	for i, local := range locals {
		var texts []string
		for _, e := range local.Journal.After(0, 0, journal.Filter{Kind: journal.Frame, Direction: journal.Out}) {
			texts = append(texts, fmt.Sprint(e.Time.UnixNano(), e.Operation, e.Recipients, e.Room, string(e.Frame)))
		}
		got := strings.Join(texts, "\n")
		if i == 0 {
			first = got
		}
		if len(texts) != 2 || got != first || heard[i].Load() != 1 {
			t.Errorf("node %d has\n%s, want\n%s\nand %d happened there", i, got, first, heard[i].Load())
		}
	}
	if n := slices.IndexFunc(locals[0].Journal.After(0, 0, journal.Filter{}), func(e journal.Entry) bool {
		return e.Recipients == 2
	}); n < 0 {
		t.Error("no entry has two recipients")
	}
}
