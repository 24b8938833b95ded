package cluster_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// soon is how long a node may take to say that the cluster cannot be reached, and to work again.
const soon = 20 * time.Second

// While NATS is away, clients stay connected, and are told that their requests cannot be carried out.
func TestNATSIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	room := createRoom(t, c.URL)
	var clients []*chatclient.Client
	for _, node := range c.Nodes {
		clients = append(clients, connect(t, node.URL(), room, node.Name, chatclient.Options{}))
	}
	say(t, clients, "before")
	c.NATS.Kill()
	var waiting sync.WaitGroup
	for i, node := range c.Nodes {
		waiting.Go(func() { expectError500(t, clients[i]) })
		waiting.Go(func() { expectUnavailable(t, node.URL()) })
	}
	waiting.Wait()
	c.NATS.Restart()
	for _, node := range c.Nodes {
		await(t, node.Name+" works again", soon, func() bool {
			_, err := sdk(node.URL()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
			return err == nil
		})
		if _, err := sdk(node.URL()).GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &room}); err != nil {
			t.Errorf("%s has lost the room: %v", node.Name, err)
		}
	}
	say(t, clients, "after")
}

// Who pairs connections with their ends in the journal finds the end of those that a node took along, also if that
// node comes back: once each.
func TestTheSessionsOfANodeThatIsGoneEndInTheJournal(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	room := createRoom(t, c.URL)
	ended := func(at *program.Node, user, query string) string {
		t.Helper()
		query = "journal?kind=disconnect&after=0" + query
		var text string
		for _, entry := range strings.Split(admin(t, at.URL(), http.MethodGet, query, ""), "\n") {
			if strings.Contains(entry, `"userId":"`+user+`"`) {
				text += entry
			}
		}
		return text
	}
	killed, paused, other := c.Nodes[0], c.Nodes[1], c.Nodes[2]
	connect(t, killed.URL(), room, "anna", chatclient.Options{})
	connect(t, paused.URL(), room, "ben", chatclient.Options{})
	killed.Kill()
	paused.Pause()
	for user, node := range map[string]*program.Node{"anna": killed, "ben": paused} {
		got := ended(other, user, "&count=2&timeout=12s")
		for _, want := range []string{`"node":"` + node.Name + `"`, `"reason":"cut off"`, `"room":"` + room + `"`} {
			if !strings.Contains(got, want) {
				t.Errorf("the journal has %q, which lacks %s", got, want)
			}
		}
	}
	paused.Continue()
	await(t, paused.Name+" works again", soon, func() bool {
		_, err := sdk(paused.URL()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		return err == nil
	})
	for _, node := range []*program.Node{paused, other} {
		if got := ended(node, "ben", ""); strings.Count(got, `"id":`) != 1 {
			t.Errorf("%s has the end of a session not once: %q", node.Name, got)
		}
	}
}

// say lets each client send a message, which all must receive.
func say(t *testing.T, clients []*chatclient.Client, text string) {
	t.Helper()
	for i, sender := range clients {
		if _, err := sender.SendMessage(text, nil); err != nil {
			t.Fatalf("%s, the connection of client %d has ended: %v", text, i, err)
		}
		for k, client := range clients {
			frame := receive(t, client)
			for frame.Content == unanswered { // it was carried out after its sender gave up
				frame = receive(t, client)
			}
			if frame.Content != text {
				t.Errorf("%s, client %d received %s", text, k, frame.Raw)
			}
		}
	}
}

// unanswered is a message that is answered with an error, because the cluster cannot be reached. Whether it is
// carried out later is unknown.
const unanswered = "is anybody there?"

// receive returns the next frame.
func receive(t *testing.T, client *chatclient.Client) chatclient.Frame {
	t.Helper()
	frame, err := client.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// expectError500 requires that a message is answered with an error soon.
func expectError500(t *testing.T, client *chatclient.Client) {
	began := time.Now()
	_, err := client.SendMessage(unanswered, nil)
	if err != nil {
		t.Errorf("while NATS is away, a message is not sent: %v", err)
		return
	}
	frame, err := client.Receive(t.Context())
	if err != nil || frame.ErrorCode != http.StatusInternalServerError {
		t.Errorf("while NATS is away, a message is answered with %s %v", frame.Raw, err)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("a message was answered after %v", took)
	}
}

// expectUnavailable requires that a request to the control plane is answered with an error soon.
func expectUnavailable(t *testing.T, url string) {
	began := time.Now()
	_, err := sdk(url).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if statusOf(err) != http.StatusServiceUnavailable || exceptionOf(err) != "ServiceUnavailable" {
		t.Errorf("while NATS is away, CreateRoom is answered with %v", err)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("CreateRoom was answered after %v", took)
	}
}
