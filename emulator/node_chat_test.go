package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// startNodes starts nodes of one cluster, with the names node-0, node-1 and so on.
func startNodes(t *testing.T, count int) (nodes []*emulatortest.Emulator) {
	t.Helper()
	server := natsserver.Start(t)
	for i := range count {
		nodes = append(nodes, emulatortest.Start(t, emulator.Config{
			NATS: []string{server.URL}, ClusterSecret: "a secret of the cluster, for tests only", Node: fmt.Sprint("node-", i),
		}))
	}
	return nodes
}

// administer sends a request to the admin API of a node.
func administer(t *testing.T, e *emulatortest.Emulator, status int, method, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest(method, "http://localhost/_ivschat/v1/"+path, strings.NewReader(body)))
	if recorder.Code != status {
		t.Fatalf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func TestClientsOfDifferentNodesAreInOneRoom(t *testing.T) {
	nodes := startNodes(t, 3)
	room := nodes[0].Room()
	anna := nodes[0].Connect(room, "anna", "SEND_MESSAGE")
	ben := nodes[1].Connect(room, "ben", "SEND_MESSAGE", "DISCONNECT_USER")
	cleo := nodes[2].Connect(room, "cleo")
	all := []*emulatortest.Client{anna, ben, cleo}
	receive := func(what string, is func(chatclient.Frame) bool) {
		t.Helper()
		for _, client := range all {
			if frame := client.Receive(); !is(frame) {
				t.Errorf("%s: received %+v", what, frame)
			}
		}
	}
	anna.SendMessage("from anna")
	receive("a message", func(f chatclient.Frame) bool { return f.Content == "from anna" })
	ben.SendMessage("from ben")
	receive("a message", func(f chatclient.Frame) bool { return f.Content == "from ben" })

	for _, node := range nodes {
		shown := administer(t, node, 200, "GET", "rooms/"+room, "")
		for _, part := range []string{
			`"messages":2`, `"sessionCount":3`, `"node":"node-0","userId":"anna"`, `"node":"node-1","userId":"ben"`,
			`"node":"node-2","userId":"cleo"`,
		} {
			if !strings.Contains(shown, part) {
				t.Errorf("the room has no %s: %s", part, shown)
			}
		}
		got := administer(t, node, 200, "GET", "rooms/"+room+"/frames?direction=out", "")
		if strings.Count(got, `"recipients":3`) != 2 {
			t.Errorf("the frames are %s", got)
		}
	}

	ben.DisconnectUser("anna", "")
	receive("a disconnection", func(f chatclient.Frame) bool { return f.EventName == "aws:DISCONNECT_USER" })
	if status := anna.WaitClosed(); status.Code != 1000 {
		t.Errorf("anna is disconnected with %+v", status)
	}
	administer(t, nodes[0], 204, "POST", "sessions/3", `{"close":4000}`)
	if status := cleo.WaitClosed(); status.Code != 4000 {
		t.Errorf("cleo is disconnected with %+v", status)
	}
	administer(t, nodes[2], 204, "POST", "reset", "")
	if status := ben.WaitClosed(); status.Code != 1012 {
		t.Errorf("ben is disconnected with %+v", status)
	}
}
