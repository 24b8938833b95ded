package socket

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// newFaults returns a set with the rules. Faults that fire are reported to report.
func newFaults(t *testing.T, report func(), rules ...fault.Rule) *fault.Set {
	t.Helper()
	set := fault.New(random.New(1), func(fault.Rule, fault.Point) { report() })
	if _, err := set.Add(rules...); err != nil {
		t.Fatal(err)
	}
	return set
}

// upgrade makes a handshake and calls serve with the connection, which it then closes.
func upgrade(t *testing.T, w http.ResponseWriter, r *http.Request, serve func(*conn)) {
	t.Helper()
	wire, err := takeOver(w)
	if err == nil {
		_, err = wire.Write(appendAnswer(nil, r.Header.Get("Sec-Websocket-Key"), ""))
	}
	if err != nil {
		t.Error(err)
		return
	}
	defer wire.Close()
	h := &Handler{Config: Config{Faults: new(fault.Set), Logger: slog.New(slog.DiscardHandler)}, ctx: t.Context()}
	c := &conn{handler: h, session: new(room.Session), wire: wire}
	c.prepare()
	serve(c)
}

// accept calls serve with the server's side of a connection and returns the client's, which stays open until
// serve has returned.
func accept(t *testing.T, serve func(*conn)) *websocket.Conn {
	t.Helper()
	done := make(chan struct{})
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		defer func() {
			if p := recover(); p != nil { // or the server would log it only
				t.Error(p)
			}
		}()
		upgrade(t, w, r, serve)
	}))
	t.Cleanup(func() {
		<-done
		server.Close()
	})
	client, _, err := newDialer().Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		<-done // a test that ends early must not end the connection that serve looks at
		_ = client.Close()
	})
	_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
	return client
}

func TestAFaultIsReportedOnceTheConnectionIsBroken(t *testing.T) {
	for name, test := range map[string]struct {
		effect fault.Effect
		broken func(*conn) bool
	}{
		"silenced": {fault.SilenceConnection{}, func(c *conn) bool { return c.silent.Load() }},
		"reset":    {fault.ResetConnection{}, func(c *conn) bool { return c.wire.Conn.SetDeadline(time.Time{}) != nil }},
		"closed":   {fault.CloseConnection{Code: 4000}, func(c *conn) bool { return c.wire.write(nil) == errClosed }},
	} {
		t.Run(name, func(t *testing.T) {
			reports := 0
			client := accept(t, func(c *conn) {
				set := newFaults(t, func() {
					reports++
					if !c.Broken() || !test.broken(c) {
						t.Error("the fault is reported, but the connection is not broken")
					}
				}, fault.Rule{Operation: "SEND_MESSAGE", Effect: test.effect})
				set.Fire(fault.Point{Operation: "SEND_MESSAGE"}).Break(c)
				if reports != 1 {
					t.Errorf("the fault was reported %d times", reports)
				}
			})
			_, _, err := client.ReadMessage()
			want := websocket.CloseError{Code: 4000, Text: "fault"}
			got, ok := errors.AsType[*websocket.CloseError](err)
			if closed := ok && *got == want; closed != (name == "closed") {
				t.Errorf("the connection ended with %v", err)
			}
		})
	}
}

func TestAFrameThatIsHeldBackFollowsTheNextOne(t *testing.T) {
	for name, test := range map[string]struct {
		effect fault.Effect // of the fault for the second frame
		delay  time.Duration
		want   string
	}{
		"which is duplicated": {effect: fault.DuplicateFrame{}, want: "bb bb aa cc"},
		"which is dropped":    {effect: fault.DropFrame{}, want: "aa cc"},
		"which is corrupted":  {effect: fault.CorruptFrame{}, want: "b aa cc"},
		"which is held, too":  {effect: fault.ReorderFrame{}, want: "aa cc bb"},
		"which is delayed":    {delay: time.Nanosecond, want: "bb aa cc"},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := net.Pipe()
			defer server.Close()
			defer client.Close()
			set := newFaults(t, func() {},
				fault.Rule{Operation: fault.EventFrame, Times: 1, Effect: fault.ReorderFrame{}},
				fault.Rule{Operation: fault.EventFrame, Times: 1, Effect: test.effect, Delay: test.delay},
			)
			c := &conn{
				handler: &Handler{Config: Config{Faults: set}, ctx: t.Context()},
				session: new(room.Session), wire: newWire(server),
			}
			var got []string
			for _, payload := range []string{"aa", "bb", "cc"} {
				frame := &hub.Frame{Kind: fault.EventFrame, Payload: []byte(payload)}
				for _, left := range c.applyFaults([]*hub.Frame{frame}) {
					got = append(got, string(left.Payload))
				}
			}
			if want := strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("the client receives %v, want %v", got, want)
			}
		})
	}
}

func TestAFrameIsNotDelayedForAClientThatIsGone(t *testing.T) {
	client := accept(t, func(c *conn) {
		set := newFaults(t, func() {}, fault.Rule{Operation: fault.EventFrame, Delay: time.Nanosecond})
		c.handler = &Handler{Config: Config{Faults: set}, ctx: t.Context()}
		c.session = new(room.Session)
		if err := c.socket.Close(); err != nil {
			t.Error(err)
		}
		left := c.applyFaults([]*hub.Frame{
			{Kind: fault.MessageFrame, Payload: []byte("a")}, {Kind: fault.EventFrame, Payload: []byte("b")},
		})
		if left != nil {
			t.Errorf("%d frames are left", len(left))
		}
	})
	if _, _, err := client.ReadMessage(); err == nil {
		t.Error("the connection is open")
	}
}

func TestADelayedFrameFollowsTheEarlierOnesOnce(t *testing.T) {
	client := accept(t, func(c *conn) {
		set := newFaults(t, func() {}, fault.Rule{Operation: fault.EventFrame, Delay: time.Nanosecond})
		c.handler = &Handler{Config: Config{Faults: set}, ctx: t.Context()}
		if err := c.Write([]*hub.Frame{
			{Kind: fault.MessageFrame, Payload: []byte("a")}, {Kind: fault.EventFrame, Payload: []byte("b")},
		}); err != nil {
			t.Error(err)
		}
	})
	expectFrames(t, client, "a", "b")
}

// expectFrames checks that a client receives exactly these frames until its connection ends.
func expectFrames(t *testing.T, client *websocket.Conn, want ...string) {
	t.Helper()
	var got []string
	for {
		_, text, err := client.ReadMessage()
		if err != nil {
			break
		}
		got = append(got, string(text))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the client received %q, want %q", got, want)
	}
}

func TestTheDelayOfAFaultEndsWithTheConnection(t *testing.T) {
	for name, before := range map[string]bool{"before the delay": true, "during the delay": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				done := make(chan struct{})
				client := acceptInMemory(t, func(c *conn) {
					defer close(done)
					c.handler.Faults = newFaults(t, func() {},
						fault.Rule{Operation: fault.EventFrame, Delay: 10 * time.Minute})
					reader := make(chan struct{})
					go func() {
						c.serve(t.Context())
						close(reader)
					}()
					if before {
						<-reader
					}
					start := time.Now()
					left := c.applyFaults([]*hub.Frame{{Kind: fault.EventFrame, Payload: []byte("a")}})
					if waited := time.Since(start); waited > time.Second || left != nil {
						t.Errorf("the delay ended after %v, and %d frames are left", waited, len(left))
					}
					<-reader
				})
				time.Sleep(time.Second)
				_ = client.Close()
				<-done
			})
		})
	}
}

func TestAFaultIsReportedAlthoughItsClientIsGone(t *testing.T) {
	client := accept(t, func(c *conn) {
		reports := 0
		c.handler.Faults = newFaults(t, func() { reports++ },
			fault.Rule{Operation: fault.EventFrame, Effect: fault.SilenceConnection{}})
		_ = c.wire.Conn.Close()
		left := c.applyFaults([]*hub.Frame{
			{Kind: fault.MessageFrame, Payload: []byte("a")}, {Kind: fault.EventFrame, Payload: []byte("b")},
		})
		if reports != 1 || left != nil {
			t.Errorf("the fault was reported %d times, and %d frames are left", reports, len(left))
		}
	})
	expectFrames(t, client)
}

func TestNoOtherFaultFiresOnceAFaultHasBrokenTheConnection(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.handler.Faults = newFaults(t, func() { t.Error("a fault fires") },
			fault.Rule{Operation: fault.EventFrame, Effect: fault.DropFrame{}})
		c.broken.Store(true)
		frames := []*hub.Frame{{Kind: fault.EventFrame, Payload: []byte("a")}}
		if left := c.applyFaults(frames); !slices.Equal(left, frames) {
			t.Errorf("%d frames are left", len(left))
		}
	})
	expectFrames(t, client)
}

func TestAFrameThatIsHeldBackIsSentAlthoughTheFaultWasRemoved(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.held = &hub.Frame{Payload: []byte("a")}
		frames := []*hub.Frame{{Payload: []byte("b")}}
		if all, err := c.TryWrite(frames); all || err != nil {
			t.Errorf("TryWrite wrote all: %t (%v)", all, err)
		}
		if err := c.Write(frames); err != nil {
			t.Error(err)
		}
	})
	expectFrames(t, client, "b", "a")
}

func TestNothingIsWrittenAtOnceWhileAFaultIsPossible(t *testing.T) {
	for name, prepare := range map[string]func(*conn){
		"for a silenced connection": func(c *conn) { c.silent.Store(true) },
		"with a frame held back":    func(c *conn) { c.held = new(hub.Frame) },
		"with a rule": func(c *conn) {
			c.handler.Faults = newFaults(t, func() {}, fault.Rule{Operation: fault.EventFrame, Effect: fault.DropFrame{}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := accept(t, func(c *conn) {
				prepare(c)
				if all, err := c.TryWrite([]*hub.Frame{{Payload: []byte("a")}}); all || err != nil {
					t.Errorf("TryWrite wrote all: %t (%v)", all, err)
				}
			})
			expectFrames(t, client)
		})
	}
}

func TestASilencedConnectionGetsNoFramesAndNoPings(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.silent.Store(true)
		if err := c.Write([]*hub.Frame{{Payload: []byte("a")}}); err != nil {
			t.Error(err)
		}
		c.ping()
		c.wire.raw = nil
		c.ping()
		c.handler.pinging.Wait()
	})
	client.SetPingHandler(func(string) error {
		t.Error("received a ping")
		return nil
	})
	expectFrames(t, client)
}

// An unlimitedConn is a connection of which a write was begun without a deadline.
type unlimitedConn struct{ net.Conn }

func (unlimitedConn) SetWriteDeadline(time.Time) error { return nil }

func TestAFaultClosesTheConnectionOfAClientThatDoesNotReadAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		acceptInMemory(t, func(c *conn) {
			set := newFaults(t, func() {}, fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.CloseConnection{Code: 4000}})
			c.wire.Conn = unlimitedConn{c.wire.Conn}
			start := time.Now()
			set.Fire(fault.Point{Operation: "SEND_MESSAGE"}).Break(c)
			if waited := time.Since(start); waited != time.Second {
				t.Errorf("closing took %v", waited)
			}
		})
		time.Sleep(time.Minute)
	})
}

func TestTheFirstHalfOfATextHasOnlyWholeCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "", "ab": "a", "abcdef": "abc", "é": "", "aé": "a", "ab🙂": "ab",
	} {
		if got := string(firstHalf([]byte(text))); got != want {
			t.Errorf("the first half of %q is %q, want %q", text, got, want)
		}
	}
}
