package admin_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A fakeCluster has three nodes. The second one is this one.
type fakeCluster struct {
	ready   error
	barrier func() error

	mu  sync.Mutex // guards what follows
	run string
}

func (c *fakeCluster) Nodes() []admin.Node {
	return []admin.Node{{ID: "1", Name: "a"}, {ID: "2", Name: "b", Self: true}, {ID: "3", Name: "a"}}
}

func (c *fakeCluster) Run() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.run
}

func (c *fakeCluster) begin(run string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = run
}

func (c *fakeCluster) Ready() error { return c.ready }

func (c *fakeCluster) Barrier(context.Context) error {
	if c.barrier == nil {
		return nil
	}
	return c.barrier()
}

// newNode returns the admin API of a node with a journal.
func newNode(c *fakeCluster, j *journal.Journal) http.Handler {
	return admin.Handler(admin.Config{
		Version: "1.2.3", Started: time.Now(), Journal: j, Clock: clock.New(), State: fakeState{}, Auth: "off",
		ChatLogs: &chatlog.Logs{}, Problem: func() string { return "" }, Metrics: http.NotFoundHandler(),
		Logger: slog.New(slog.DiscardHandler), Cluster: c,
	})
}

const arnPath = "arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"

// readers are the paths that read a journal.
var readers = []string{
	"calls", "handshakes", "reviews", "journal", "events", "clock/due", "chat-logs/records",
	"rooms/" + arnPath, "rooms/" + arnPath + "/frames", "rooms/" + arnPath + "/reviews",
}

func TestAReaderOfAJournalGetsWhatHappenedOnOtherNodesBefore(t *testing.T) {
	for _, path := range []string{"journal", "journal?after=0&count=1", "calls", "calls?after=0&count=1&timeout=0s"} {
		entries := new(journal.Journal)
		node := newNode(&fakeCluster{barrier: func() error {
			entries.Append(journal.Entry{Kind: journal.Call, Operation: "CreateRoom", Node: "c"})
			return nil
		}}, entries)
		if answer := request(t, node, "GET", admin.Prefix+path, ""); !strings.Contains(answer.body, `"node":"c"`) {
			t.Errorf("%s is answered with %s", path, answer.body)
		}
	}
	for _, path := range readers {
		node := newNode(&fakeCluster{barrier: func() error { return errors.New("NATS is away") }}, new(journal.Journal))
		answer := request(t, node, "GET", admin.Prefix+path, "")
		if answer.status != 503 || strings.TrimSpace(answer.body) != `{"message":"NATS is away"}` {
			t.Errorf("%s is answered with %d %s", path, answer.status, answer.body)
		}
	}
}

func TestANodeThatMustNotAnswerSaysWhy(t *testing.T) {
	const why = "the cluster cannot be reached: this node was cut off"
	node := newNode(&fakeCluster{ready: errors.New(why)}, new(journal.Journal))
	for method, paths := range map[string][]string{
		"GET": append(readers, "clock", "faults", "rooms", "snapshot"), "POST": {"clock", "faults", "reset", "sessions/1"},
	} {
		for _, path := range paths {
			answer := request(t, node, method, admin.Prefix+path, "")
			if answer.status != 503 || strings.TrimSpace(answer.body) != `{"message":"`+why+`"}` {
				t.Fatalf("%s %s is answered with %d %s", method, path, answer.status, answer.body)
			}
		}
	}
	for _, path := range []string{"/health", admin.Prefix + "health"} {
		answer := request(t, node, "GET", path, "")
		if answer.status != 503 || !strings.Contains(answer.body, `"ready":false,"reason":"`+why+`"`) {
			t.Errorf("%s is answered with %d %s", path, answer.status, answer.body)
		}
	}
	if answer := request(t, node, "GET", "/_localstack/health", ""); answer.status != 503 {
		t.Errorf("a wait strategy for LocalStack gets %d", answer.status)
	}
	for path, status := range map[string]int{"openapi.json": 200, "metrics": 404, "ca": 404} {
		if answer := request(t, node, "GET", admin.Prefix+path, ""); answer.status != status {
			t.Errorf("%s, which is about this node alone, is answered with %d %s", path, answer.status, answer.body)
		}
	}
}

// readEvents returns the first lines of a stream of events that begin with "id:" or "data:".
func readEvents(t *testing.T, url, lastEventID string, count int) (lines []string, stream *bufio.Scanner) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+admin.Prefix+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", lastEventID)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	stream = bufio.NewScanner(response.Body)
	for len(lines) < count && stream.Scan() {
		if text := stream.Text(); strings.HasPrefix(text, "id:") || strings.HasPrefix(text, "data:") {
			lines = append(lines, text)
		}
	}
	return lines, stream
}

func TestAStreamOfEventsGoesOnAtAnotherNodeAndEndsWithTheRun(t *testing.T) {
	urls, clusters := []string{}, []*fakeCluster{{run: "first"}, {run: "first"}}
	var journals [2]journal.Journal
	for i, c := range clusters {
		for number := range 3 {
			journals[i].Append(journal.Entry{Kind: journal.Call, RequestID: fmt.Sprint("call ", number+1)})
		}
		server := httptest.NewServer(newNode(c, &journals[i]))
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
	}
	lines, _ := readEvents(t, urls[0], "1-first", 3)
	if len(lines) != 3 || lines[1] != "id: 2-first" || !strings.Contains(lines[2], `"call 2"`) {
		t.Errorf("the first node sends %q", lines)
	}
	lines, stream := readEvents(t, urls[1], "2-first", 3)
	if len(lines) != 3 || lines[1] != "id: 3-first" || !strings.Contains(lines[2], `"call 3"`) {
		t.Errorf("the second node sends %q", lines)
	}
	clusters[1].begin("second")
	if err := journals[1].Load(nil); err != nil {
		t.Fatal(err)
	}
	for stream.Scan() { // until the stream ends
	}
	journals[1].Append(journal.Entry{Kind: journal.Call, RequestID: "new call"})
	lines, _ = readEvents(t, urls[1], "3-first", 3)
	if len(lines) != 3 || lines[1] != "id: 1-second" || !strings.Contains(lines[2], `"new call"`) {
		t.Errorf("in the next run, the second node sends %q", lines)
	}
}

func TestTheAnswersOfANodeMatchTheOpenAPIDocument(t *testing.T) {
	router, err := gorillamux.NewRouter(loadDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	c, entries := &fakeCluster{run: "first"}, new(journal.Journal)
	entries.Append(journal.Entry{Kind: journal.Call, Node: "c"})
	node := newNode(c, entries)
	if list := checkAnswer(t, router, node, "GET", "journal", "", 200); !strings.Contains(list, `"node":"c"`) {
		t.Errorf("the journal is %s", list)
	}
	c.ready = errors.New("the cluster cannot be reached")
	checkAnswer(t, router, node, "GET", "health", "", 503)
	info := checkAnswer(t, router, node, "GET", "info", "", 200)
	const nodes = `"node":"b","nodes":[{"id":"1","name":"a","self":false},{"id":"2","name":"b","self":true},` +
		`{"id":"3","name":"a","self":false}]`
	if !strings.Contains(info, nodes) || !strings.Contains(info, `"run":"first"`) {
		t.Errorf("info is %s", info)
	}
}
