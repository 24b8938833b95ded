//go:build unix

package benchmark_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// TestTheServersSendTheSameFrames checks that the servers do the same work: frames have the same members,
// and reach their room only.
func TestTheServersSendTheSameFrames(t *testing.T) {
	want := map[string][]string{}
	for _, kind := range present(emulatorInMemory, writePumpPeer, bareLoopPeer, bunPeer) {
		p := startPeer(t, kind)
		other := p.createRoom(t, "{}")
		here, there := p.dial(t, p.room), p.dial(t, other)
		for _, room := range []string{other, p.room} {
			p.call(t, "SendEvent", fmt.Sprintf(
				`{"roomIdentifier":%q,"eventName":"app:benchmark","attributes":{"k":"v"}}`, room))
		}
		send(t, there, `{"Action":"SEND_MESSAGE","Content":"there"}`)
		send(t, here, `{"Action":"SEND_MESSAGE","Content":"here","RequestId":"1","Attributes":{"k":"v"}}`)
		for _, conn := range []*websocket.Conn{here, there} {
			for _, what := range []string{"EVENT", "MESSAGE"} {
				var frame map[string]any
				if err := conn.ReadJSON(&frame); err != nil {
					t.Fatal(err)
				}
				members := slices.Sorted(maps.Keys(frame))
				if kind == emulatorInMemory {
					want[what] = members
				}
				if frame["Type"] != what || !slices.Equal(members, want[what]) {
					t.Errorf("%s: a frame has Type %v and the members %q, want %s and %q",
						kind, frame["Type"], members, what, want[what])
				}
				if content, ok := frame["Content"]; ok && (content == "here") != (conn == here) {
					t.Errorf("%s: a message has reached another room", kind)
				}
			}
		}
	}
}

// dial connects to a room until the end of the test.
func (p *peer) dial(t *testing.T, room string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{p.tokenFor(t, room)}}
	conn, _, err := dialer.Dial(strings.Replace(p.url, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t *testing.T, conn *websocket.Conn, action string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(action)); err != nil {
		t.Fatal(err)
	}
}
