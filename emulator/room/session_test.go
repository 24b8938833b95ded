package room

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// newRooms returns rooms that all exist, after the changes to their config.
func newRooms(changes ...func(*Config)) *Rooms {
	config := Config{
		Finder: everyRoom{}, Random: random.New(1), Clock: clock.New(),
		MessageAttributeBytes: ivschat.DefaultMessageAttributeBytes,
		Journal:               new(journal.Journal), Logger: slog.New(slog.DiscardHandler),
		Reviewer: allowing{},
		Faults:   fault.New(random.New(1), func(fault.Rule, fault.Point) {}),
	}
	for _, change := range changes {
		change(&config)
	}
	config.Limiter = throttle.NewLimiter(func(account string) time.Time { return config.Clock.Account(account).Now() })
	if config.Fanout == nil {
		config.Fanout = NewLocal(config.Finder, config.Limiter)
	}
	return New(config)
}

// An allowing reviewer delivers every message unchanged.
type allowing struct{}

func (allowing) Review(
	_ context.Context, _ ivschat.Room, _ ivschat.ChatToken, _ string, m messaging.Message,
) (messaging.Message, *messaging.Error) {
	return m, nil
}

// everyRoom is a Finder that finds every room.
type everyRoom struct{}

func (everyRoom) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{
		ARN: arn, MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10,
		MessageReviewHandler: &ivschat.MessageReviewHandler{
			URI: "arn:aws:lambda:us-east-1:123456789012:function:review",
		},
	}, nil
}

// A client is a Connection that records the frames that are written to it.
type client struct {
	onClose func(hub.Reason)
	broken  atomic.Bool

	mu     sync.Mutex
	frames []string
}

func (*client) TryWrite([]*hub.Frame) (bool, error) { return false, nil }

func (c *client) Write(frames []*hub.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, frame := range frames {
		c.frames = append(c.frames, string(frame.Payload))
	}
	return nil
}

func (c *client) Close(r hub.Reason) {
	if c.onClose != nil {
		c.onClose(r)
	}
}

func (*client) AbortSlowWrite() {}

func (c *client) Break(fault.Effect) { c.broken.Store(true) }

func (c *client) Broken() bool { return c.broken.Load() }

func (*client) ClientIP() string { return "192.0.2.7" }

func (c *client) received() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.frames)
}

// A stalledClient does not read, so a write to it returns only when the test ends.
type stalledClient struct {
	client
	ended chan struct{}
}

func (c *stalledClient) Write([]*hub.Frame) error { <-c.ended; return nil }

var lobby = ivschat.ARN{ResourceType: ivschat.RoomResource, ID: "lobby"}

// join opens a session in the lobby that lasts for the duration and may send messages.
func join(r *Rooms, connection Connection, lasts time.Duration) *Session {
	s := joined(r, ivschat.ChatToken{
		Room: lobby, UserID: "anna", SessionExpirationTime: r.Clock.Now().Add(lasts),
		Capabilities: []ivschat.Capability{ivschat.CapabilitySendMessage},
	})
	s.Start(connection)
	return s
}

// do sends a SEND_MESSAGE.
func do(s *Session, requestID string) {
	frame := fmt.Appendf(nil, `{"Action":"SEND_MESSAGE","Content":"x","RequestId":%q}`, requestID)
	s.HandleFrame(context.Background(), frame, false)
}

// Alarms run one after another, so a request may come after its session has expired, but before the
// alarm has closed it.
func TestALateRequestIsAnsweredBeforeTheSessionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRooms()
		var closed []hub.Reason
		c := &client{onClose: func(r hub.Reason) { closed = append(closed, r) }}
		s := join(rooms, c, 2*time.Minute)
		rooms.Clock.At(rooms.Clock.Now().Add(time.Minute), func() <-chan struct{} {
			do(s, "r")
			do(s, "again")
			return nil
		})
		rooms.Clock.Advance(2 * time.Minute)
		if got := c.received(); len(got) != 1 || !strings.Contains(got[0], `"RequestId":"r","ErrorCode":401,`) {
			t.Errorf("the client received %s", got)
		}
		if !slices.Equal(closed, []hub.Reason{hub.Expired}) {
			t.Errorf("the connection was closed with %q", closed)
		}
	})
}

// together calls the functions at the same time, as far as the machine allows, and waits for them.
func together(calls ...func()) {
	var all sync.WaitGroup
	var waiting atomic.Int32
	waiting.Store(int32(len(calls)))
	for _, call := range calls {
		all.Go(func() {
			waiting.Add(-1)
			for i := 1; waiting.Load() > 0; i++ {
				if i%1000 == 0 {
					runtime.Gosched()
				}
			}
			call()
		})
	}
	all.Wait()
}

func TestAClientReceivesOneErrorWhenItsSessionExpires(t *testing.T) {
	for range 2000 {
		rooms := newRooms()
		c := new(client)
		s := join(rooms, c, time.Minute)
		together(
			func() { rooms.Clock.Advance(time.Minute) },
			func() { s.expire("r") }, // as a late request does
		)
		<-s.member.Closed()
		if got := c.received(); len(got) != 1 {
			t.Fatalf("the client received %s", got)
		}
		if entries := rooms.Journal.After(0, 0, journal.Filter{Kind: journal.Frame}); len(entries) != 1 {
			t.Fatalf("the journal has %v", entries)
		}
	}
}

func TestTenThousandSessionsExpireInTheOrderOfTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sessions = 10_000
		rooms := newRooms()
		began := rooms.Clock.Now()
		var closed []int
		for i := range sessions {
			minute := (i * 7919) % sessions // each minute once, in no order
			joined(rooms, ivschat.ChatToken{
				Room:                  ivschat.ARN{ID: fmt.Sprint(i % 10)},
				SessionExpirationTime: began.Add(time.Duration(1+minute) * time.Minute),
			}).Start(&client{onClose: func(hub.Reason) { closed = append(closed, minute) }})
		}
		moved := time.Now()
		rooms.Clock.Advance(sessions * time.Minute)
		if took := time.Since(moved); took != 0 { // in the bubble, only waiting takes time
			t.Errorf("Advance waited for %v, although every client reads", took)
		}
		if len(closed) != sessions || !slices.IsSorted(closed) {
			t.Errorf("%d sessions were closed, want %d; sorted: %v", len(closed), sessions, slices.IsSorted(closed))
		}
	})
}

// withStalledClients calls do with rooms in which 500 clients do not read, and returns how long it
// took.
func withStalledClients(t *testing.T, do func(*Rooms)) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rooms, ended := newRooms(), make(chan struct{})
		defer close(ended)
		for range 500 {
			join(rooms, &stalledClient{ended: ended}, time.Hour)
		}
		if _, err := rooms.SendEvent(t.Context(), lobby, time.Now(), "e", nil); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		do(rooms)
		took = time.Since(began) // of the bubble's time, in which only waiting counts
	})
	return took
}

func TestAResetWaitsOnceForAllClientsThatDoNotRead(t *testing.T) {
	if took := withStalledClients(t, func(r *Rooms) { reset(t, r.Reset) }); took != 100*time.Millisecond {
		t.Errorf("the reset took %v, want 100 ms", took)
	}
}

func TestAdvanceWaitsOnceForAllClientsThatDoNotRead(t *testing.T) {
	took := withStalledClients(t, func(r *Rooms) { r.Clock.Advance(time.Hour) })
	if took > 200*time.Millisecond {
		t.Errorf("Advance took %v", took)
	}
}

func TestTheJournalHasTheOrderOfDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms, c := newRooms(), new(client)
		// Other callers go first, unless the entry is written in the same step as the publication.
		rooms.Journal.Listen(func(journal.Entry) { runtime.Gosched() })
		join(rooms, c, time.Hour)
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				for range 50 {
					if _, err := rooms.SendEvent(t.Context(), lobby, rooms.Clock.Now(), "e", nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		callers.Wait()
		synctest.Wait()
		var recorded []string
		for _, entry := range rooms.Journal.After(0, 0, journal.Filter{Kind: journal.Frame}) {
			recorded = append(recorded, string(entry.Frame))
			if entry.Recipients != 1 {
				t.Errorf("%d recipients, want 1", entry.Recipients)
			}
		}
		if received := c.received(); len(received) != 400 || !slices.Equal(recorded, received) {
			t.Errorf("the client received %d frames, the journal has %d, want 400 and the same",
				len(received), len(recorded))
		}
	})
}

func TestObserversSeeWhatIsSentToEveryone(t *testing.T) {
	var observed []string
	rooms := newRooms(func(c *Config) {
		c.Observers = []hub.Observer{func(room ivschat.ARN, p hub.Publication, recipients int) {
			observed = append(observed, fmt.Sprint(room.ID, " ", p.Cause, " ", p.Frame.Kind, " ", recipients))
		}}
	})
	s := join(rooms, new(client), time.Hour)
	do(s, "r")
	if _, err := rooms.SendEvent(t.Context(), ivschat.ARN{ID: "empty"}, time.Now(), "e", nil); err != nil {
		t.Fatal(err)
	}
	s.HandleFrame(t.Context(), []byte("no JSON"), false) // the ERROR is for one client only
	want := []string{"lobby SEND_MESSAGE MESSAGE 1", "empty SendEvent EVENT 0"}
	if !slices.Equal(observed, want) {
		t.Errorf("observed %q, want %q", observed, want)
	}
}

// A brokenStore is a Finder that fails.
type brokenStore struct{}

func (brokenStore) Room(context.Context, ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{}, errors.New("the disk is broken")
}

func TestAClientIsNotToldMoreOfAnInternalErrorThanThatThereWasOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		rooms := newRooms(func(c *Config) {
			c.Finder, c.Logger = brokenStore{}, slog.New(slog.NewTextHandler(&log, nil))
		})
		c := new(client)
		do(join(rooms, c, time.Hour), "r")
		synctest.Wait()
		got := c.received()
		if len(got) != 1 || !strings.HasSuffix(got[0],
			`"RequestId":"r","ErrorCode":500,"ErrorMessage":"internal error"}`) {
			t.Errorf("the client received %s", got)
		}
		if !strings.Contains(log.String(), "the disk is broken") {
			t.Errorf("the log is %s", &log)
		}
	})
}

// A reviewer rejects messages with the RequestId "no", and replaces the content of the others.
type reviewer struct{}

func (reviewer) Review(
	_ context.Context, _ ivschat.Room, _ ivschat.ChatToken, _ string, m messaging.Message,
) (messaging.Message, *messaging.Error) {
	if m.RequestID == "no" {
		return m, &messaging.Error{Code: ivschat.ErrorCodeRejected, Message: "rejected"}
	}
	m.Content = "reviewed"
	return m, nil
}

func TestAReviewerDecidesWhatIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRooms(func(c *Config) { c.Reviewer = reviewer{} })
		sender, other := new(client), new(client)
		s := join(rooms, sender, time.Hour)
		join(rooms, other, time.Hour)
		do(s, "yes")
		do(s, "no")
		synctest.Wait()
		if got := other.received(); len(got) != 1 || !strings.Contains(got[0], `"Content":"reviewed"`) {
			t.Errorf("the other client received %s", got)
		}
		got := sender.received()
		if len(got) != 2 || !strings.Contains(got[1], `"RequestId":"no","ErrorCode":406`) {
			t.Errorf("the sender received %s", got)
		}
	})
}

func TestWhatABrokenConnectionSendsIsIgnoredAndAResetClosesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRooms()
		addFault(t, rooms, fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SilenceConnection{}})
		var closed []hub.Reason
		c := &client{onClose: func(r hub.Reason) { closed = append(closed, r) }}
		s := join(rooms, c, time.Minute)
		do(s, "a")
		do(s, "b")
		if n := len(rooms.Journal.After(0, 0, journal.Filter{Direction: "in"})); n != 1 {
			t.Errorf("%d frames were accepted, want 1", n)
		}
		rooms.Clock.Advance(time.Minute) // a silenced connection does not send that its session expired
		reset(t, rooms.Reset)
		synctest.Wait()
		if !slices.Contains(closed, hub.Reset) {
			t.Errorf("the connection was closed with %q", closed)
		}
	})
}

func addFault(t *testing.T, rooms *Rooms, rule fault.Rule) {
	t.Helper()
	if _, err := rooms.Faults.Add(rule); err != nil {
		t.Fatal(err)
	}
}

func TestARequestThatAFaultDelaysDoesNotRefillARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms, delayed := newRooms(), new(client)
		slow, quick := join(rooms, delayed, time.Hour), join(rooms, new(client), time.Hour)
		addFault(t, rooms, fault.Rule{Operation: "SEND_MESSAGE", Times: 1, Delay: 5 * time.Second})
		go do(slow, "delayed")
		time.Sleep(5*time.Second - time.Millisecond)
		for i := range 10 { // all that the room allows in a second
			do(quick, fmt.Sprint(i))
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		got := delayed.received()
		if len(got) != 11 || !strings.Contains(got[10], `"RequestId":"delayed","ErrorCode":429`) {
			t.Errorf("the client received %s", got)
		}
	})
}

func TestAnActionWhoseDelayOutlastsTheSessionIsNotCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms, other := newRooms(), new(client)
		if _, err := rooms.Faults.Add(fault.Rule{Operation: "SEND_MESSAGE", Delay: time.Minute}); err != nil {
			t.Fatal(err)
		}
		s := join(rooms, new(client), time.Hour)
		join(rooms, other, 2*time.Hour)
		time.AfterFunc(time.Second, func() { s.Close(hub.Disconnected) })
		do(s, "r")
		synctest.Wait()
		if got := other.received(); len(got) != 0 {
			t.Errorf("the other client received %s", got)
		}
	})
}

// A client knows that it is connected a moment before its session is started.
func TestASessionThatIsBrokenDuringItsHandshakeIsBrokenOnceItIsStarted(t *testing.T) {
	rooms := newRooms()
	c := new(client)
	s := joined(rooms, ivschat.ChatToken{Room: lobby, SessionExpirationTime: rooms.Clock.Now().Add(time.Hour)})
	if ip := s.ClientIP(); ip != "" {
		t.Errorf("the IP address is %q before there is a connection", ip)
	}
	s.Attach(c)
	if ip := s.ClientIP(); ip != "192.0.2.7" {
		t.Errorf("the IP address is %q", ip)
	}
	end := func() bool { return rooms.EndHere("", s.ID(), End{Reset: true}) }
	if !end() || end() || c.Broken() {
		t.Errorf("the session is open, or was not; its connection is broken: %v", c.Broken())
	}
	if s.Start(c); !c.Broken() {
		t.Error("the connection is not broken")
	}
	s.Leave(s.EndReason())
	ended := rooms.Journal.After(0, 0, journal.Filter{Kind: journal.Disconnect})
	if len(ended) != 1 || ended[0].Reason != "reset by the admin API" {
		t.Errorf("the journal has %v", ended)
	}
}

// A breakCounter is a client that counts how often it is broken.
type breakCounter struct {
	client
	breaks atomic.Int32
}

func (c *breakCounter) Break(fault.Effect) { c.breaks.Add(1) }

func TestASessionThatIsBrokenAtTheEndOfItsHandshakeIsBrokenOnce(t *testing.T) {
	for range 2000 {
		rooms := newRooms()
		c := new(breakCounter)
		s := joined(rooms, ivschat.ChatToken{Room: lobby, SessionExpirationTime: rooms.Clock.Now().Add(time.Hour)})
		together(
			func() { s.Start(c) },
			func() { s.Break(fault.SilenceConnection{}) },
		)
		if n := c.breaks.Load(); n != 1 {
			t.Fatalf("the connection was broken %d times", n)
		}
	}
}

// A client that does not read must not delay the answer.
func TestExpireWaitsForAClientButNotForOneThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRooms()
		reads, stalled := new(closings), &stalledClient{ended: make(chan struct{})}
		defer close(stalled.ended)
		for c, limit := range map[Connection]time.Duration{reads: 0, stalled: expiryTimeout} {
			s := join(rooms, c, time.Hour)
			start := time.Now()
			if s.Expire(); time.Since(start) != limit {
				t.Errorf("%T: it took %v", c, time.Since(start))
			}
			if s.open() {
				t.Errorf("%T: the session is open", c)
			}
		}
		if got := reads.closedFor(); !slices.Equal(got, []hub.Reason{hub.Expired}) {
			t.Errorf("the connection was closed with %q", got)
		}
	})
}
