package socket

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
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

// accept calls serve with the server's side of a connection and returns the client's.
func accept(t *testing.T, serve func(*conn)) *websocket.Conn {
	t.Helper()
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		hijacker := &hijacker{ResponseWriter: w}
		socket, err := new(websocket.Upgrader).Upgrade(hijacker, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer socket.Close()
		serve(&conn{handler: &Handler{Config: Config{Faults: new(fault.Set)}}, socket: socket, wire: hijacker.wire})
	}))
	t.Cleanup(func() {
		<-done
		server.Close()
	})
	client, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
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
				c.Break(set.Fire(fault.Point{Operation: "SEND_MESSAGE"}))
				if reports != 1 {
					t.Errorf("the fault was reported %d times", reports)
				}
			})
			if _, _, err := client.ReadMessage(); websocket.IsCloseError(err, 4000) != (name == "closed") {
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
