package emulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// startNode starts a node of the cluster at a NATS server.
func startNode(t *testing.T, server *natsserver.Server, name string) *emulator.Emulator {
	t.Helper()
	e := newEmulator(t, emulator.Config{
		NATS: []string{server.URL}, ClusterSecret: "a secret for tests", Node: name,
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// adminAnswer sends a request to the admin API, without a network.
func adminAnswer(handler http.Handler, method, path, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, "http://localhost"+admin.Prefix+path, strings.NewReader(body)))
	return recorder
}

// entries returns the entries in a list of the admin API.
func entries(t *testing.T, handler http.Handler, path string) []journal.Entry {
	t.Helper()
	answer := adminAnswer(handler, "GET", path, "")
	var list struct{ Items []journal.Entry }
	if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	return list.Items
}

func TestTheAdminAPIOfANodeShowsWhatHappenedOnTheOthers(t *testing.T) {
	server := natsserver.Start(t)
	a, b := startNode(t, server, "a"), startNode(t, server, "b")
	for i := range 30 { // at once, at the other node
		name := fmt.Sprint("room-", i)
		createRoom(t, a, fmt.Sprintf(`{"name":%q}`, name))
		calls := entries(t, b, "calls?count=1&with="+url.QueryEscape(fmt.Sprintf(`{"name":%q}`, name)))
		if len(calls) != 1 || calls[0].Node != "a" || calls[0].Operation != "CreateRoom" {
			t.Fatalf("the calls at the other node are %v", calls)
		}
	}
	room := createRoom(t, a, "")
	waiting := make(chan []journal.Entry)
	path := "rooms/" + url.PathEscape(room) + "/frames"
	go func() { waiting <- entries(t, b, path+"?after=0&count=2&timeout=30s") }()
	anna, err := chatclient.Dial(t.Context(), a.URL(), createToken(t, b, room, "anna", ""), chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer anna.Close()
	if _, err := anna.SendMessage("hello", nil); err != nil {
		t.Fatal(err)
	}
	frames := <-waiting
	if len(frames) != 2 || frames[0].Direction != journal.In || frames[0].Node != "a" ||
		frames[1].Direction != journal.Out || frames[1].Recipients != 1 || frames[1].Node != "" {
		t.Errorf("who waits at the other node gets %v", frames)
	}
	all, other := adminAnswer(a, "GET", "journal?after=0&count=0", ""), adminAnswer(b, "GET", "journal?after=0&count=0", "")
	if all.Body.String() != other.Body.String() {
		t.Errorf("the journal of a node is %s, but that of the other one %s", all.Body, other.Body)
	}
	for node, name := range map[*emulator.Emulator]string{a: "a", b: "b"} {
		info := adminAnswer(node, "GET", "info", "").Body.String()
		if !strings.Contains(info, `"node":"`+name+`","nodes":[{`) || strings.Count(info, `"self":`) != 2 {
			t.Errorf("info of node %s is %s", name, info)
		}
		metrics := adminAnswer(node, "GET", "metrics", "").Body.String()
		if !strings.Contains(metrics, "\nivschat_cluster_nodes 2\n") || !strings.Contains(metrics, "\nivschat_cluster_member 1\n") {
			t.Errorf("node %s has the metrics %s", name, metrics)
		}
	}
	if answer := adminAnswer(b, "POST", "reset", ""); answer.Code != http.StatusNoContent {
		t.Fatalf("the reset is answered with %d %s", answer.Code, answer.Body)
	}
	if left := entries(t, a, "calls"); len(left) != 0 {
		t.Errorf("after a reset at one node, the other one has %v", left)
	}
}

// nextEvent returns the next event of a stream that has data: its ID and its entry.
func nextEvent(t *testing.T, stream *bufio.Scanner) (id string, entry journal.Entry) {
	t.Helper()
	for stream.Scan() {
		name, value, _ := strings.Cut(stream.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "data":
			if err := json.Unmarshal([]byte(value), &entry); err != nil {
				t.Fatal(err)
			}
			return id, entry
		}
	}
	t.Fatalf("the stream has ended: %v", stream.Err())
	return "", entry
}

// streamEvents opens a stream of the calls.
func streamEvents(t *testing.T, at *emulator.Emulator, lastEventID string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", at.AdminURL()+admin.Prefix+"events?kind=call", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", lastEventID)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return bufio.NewScanner(response.Body)
}

func TestAStreamOfEventsGoesOnAtAnotherNodeWithoutAGap(t *testing.T) {
	server := natsserver.Start(t)
	a, b := startNode(t, server, "a"), startNode(t, server, "b")
	last := "0"
	stream := streamEvents(t, a, last)
	for i := range 20 {
		name := fmt.Sprint("room-", i)
		createRoom(t, []http.Handler{a, b}[i/2%2], fmt.Sprintf(`{"name":%q}`, name))
		if i%3 == 0 { // reconnects, to a and to b
			stream = streamEvents(t, []*emulator.Emulator{a, b}[i/3%2], last)
		}
		id, entry := nextEvent(t, stream)
		if !strings.Contains(string(entry.Request), `"`+name+`"`) {
			t.Fatalf("after %s comes %s with %s, want %s", last, id, entry.Request, name)
		}
		last = id
	}
	c := startNode(t, server, "c") // which was not there
	createRoom(t, c, `{"name":"the-last-one"}`)
	if _, entry := nextEvent(t, streamEvents(t, c, last)); !strings.Contains(string(entry.Request), "the-last-one") {
		t.Errorf("a node that has joined later goes on with %v", entry)
	}
}

// awaitHealth waits until the health check of a node has a status, and returns the answer.
func awaitHealth(t *testing.T, node *emulator.Emulator, status int) string {
	t.Helper()
	tick, timeout := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		answer := adminAnswer(node, "GET", "health", "")
		if answer.Code == status {
			return answer.Body.String()
		}
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("the health is %d %s, want %d", answer.Code, answer.Body, status)
		}
	}
}

func TestANodeRefusesEverythingWhileNATSIsAwayAndGoesOnAfterwards(t *testing.T) {
	server := natsserver.Start(t)
	a := startNode(t, server, "a")
	room := createRoom(t, a, "")
	token := createToken(t, a, room, "anna", "")
	server.Pause()
	reason := `"ready":false,"reason":"the cluster cannot be reached`
	if health := awaitHealth(t, a, http.StatusServiceUnavailable); !strings.Contains(health, reason) {
		t.Errorf("the health is %s", health)
	}
	for _, operation := range []string{"CreateRoom", "GetRoom", "ListRooms", "unknown"} {
		answer := call(a, operation, fmt.Sprintf(`{"identifier":%q}`, room))
		if answer.Code != 503 || answer.Header().Get("x-amzn-ErrorType") != "ServiceUnavailable" {
			t.Errorf("%s is answered with %d %s", operation, answer.Code, answer.Body)
		}
	}
	for _, path := range []string{"calls", "events", "clock", "faults", "rooms"} {
		if answer := adminAnswer(a, "GET", path, ""); answer.Code != 503 {
			t.Errorf("%s is answered with %d %s", path, answer.Code, answer.Body)
		}
	}
	_, err := chatclient.Dial(t.Context(), a.URL(), token, chatclient.Options{})
	if err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a handshake is answered with %v", err)
	}
	server.Continue()
	awaitHealth(t, a, http.StatusOK)
	createRoom(t, a, "")
	anna, err := chatclient.Dial(t.Context(), a.URL(), token, chatclient.Options{})
	if err != nil {
		t.Fatalf("the token is used up: %v", err)
	}
	anna.Close()
}
