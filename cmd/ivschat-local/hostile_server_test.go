package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	hostileserver "github.com/ivschat-local/ivschat-local/internal/hostile"
)

// answering returns the URL of a server that answers every request with that content type and body.
func answering(t *testing.T, contentType, body string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// An adminVerb is a verb that calls the admin API, with its arguments. FILE stands for the name of a file.
var adminVerbs = []string{
	"reset", "reset --json", "clock", "clock advance 1h", "clock due", "clock advance-to next",
	"fault list", "fault clear",
	"fault remove 1", "fault add --operation GetRoom --status 500", "snapshot save FILE", "snapshot load FILE", "tail",
}

func TestAnotherServerThatAnswersEverythingIsNotTakenForAnEmulator(t *testing.T) {
	page := answering(t, "text/html; charset=utf-8", "<html>Welcome</html>")
	object := answering(t, "application/json", `{"ok":true}`)
	file := t.TempDir() + "/snapshot.json"
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(verb, url string) {
		got := runSelf(t, nil, append(strings.Fields(strings.ReplaceAll(verb, "FILE", file)), "--endpoint", url)...)
		if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "has no admin API") {
			t.Errorf("%s: %+v", verb, got)
		}
	}
	for _, verb := range adminVerbs {
		check(verb, page)
	}
	for _, verb := range []string{"reset", "fault clear", "fault remove 1", "snapshot load FILE"} {
		check(verb, object)
	}
	if text, err := os.ReadFile(file); string(text) != "{}" {
		t.Errorf("the file was replaced with %q, %v", text, err)
	}
}

func TestAVerbThatIsInterruptedDoesNotReportSuccess(t *testing.T) {
	for _, answer := range []string{"", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"rooms\":["} {
		began := make(chan struct{}, 100)
		url := hostileserver.Server(t, func(c net.Conn) {
			_, _ = io.WriteString(c, answer)
			began <- struct{}{}
			hostileserver.UntilClosed(c)
		})
		file := t.TempDir() + "/snapshot.json"
		if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, verb := range append(adminVerbs,
			"room create", "room list", "room show a", "room delete a", "token a --as anna") {
			if verb == "tail" && answer != "" {
				continue // waits for what happens next
			}
			v := runVerb(t, url, strings.Fields(strings.ReplaceAll(verb, "FILE", file))...)
			<-began
			if code := v.end(); code == 0 && verb != "tail" || v.stdout.String() != "" {
				t.Errorf("%s: exit code %d: %s%s", verb, code, v.stdout, v.stderr)
			}
		}
		if text, err := os.ReadFile(file); string(text) != "{}" {
			t.Errorf("the file was replaced with %q, %v", text, err)
		}
	}
}

func TestAnEventWithoutAnEndIsAnError(t *testing.T) {
	for name, part := range map[string]string{
		"a line": strings.Repeat("x", 1<<20), "lines": strings.Repeat("data: x\n", 1<<17),
	} {
		url := hostileserver.Server(t, func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
			for err == nil {
				_, err = io.WriteString(c, part)
			}
		})
		if got := runSelf(t, nil, "tail", "--endpoint", url); got.code != 1 ||
			!strings.Contains(got.stderr, "an event with more than") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAStreamThatAlwaysEndsAtOnceIsReadLessAndLessOften(t *testing.T) {
	requests := make(chan time.Time, 100)
	url := hostileserver.Server(t, func(c net.Conn) {
		requests <- time.Now()
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: opened\n\n")
	})
	runVerb(t, url, "tail")
	first := <-requests
	for range 4 {
		<-requests
	}
	// It is at least 0.2 + 0.4 + 0.8 s, however fast the machine is.
	if took := (<-requests).Sub(first); took < time.Second {
		t.Errorf("five pauses took %s", took)
	}
}

func TestTailThatHasReceivedNothingGoesOnWhereItWas(t *testing.T) {
	ids := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ids <- r.Header.Get("Last-Event-ID")
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ": opened\nid: 5-a\n\n")
	}))
	defer server.Close()
	tail := runVerb(t, server.URL, "tail")
	if first, second := <-ids, <-ids; first != "" || second != "5-a" {
		t.Errorf("it asked for what follows %q, and then %q", first, second)
	}
	if tail.end(); tail.stdout.String() != "" {
		t.Errorf("it printed %s", tail.stdout)
	}
}

func TestTailGoesOnAfterANodeThatCannotReachTheOthers(t *testing.T) {
	event := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ": opened\nid: 5-a\n\nid: 6-a\nevent: call\n"+
			`data: {"id":6,"kind":"call","node":"b","operation":"GetRoom","status":200}`+"\n\n")
	}
	away := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"message":"the cluster cannot be reached"}`)
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n := requests.Add(1); n == 1 || n == 4 {
			event(w)
		} else {
			away(w)
		}
	}))
	defer server.Close()
	tail := runVerb(t, server.URL, "tail")
	tail.stdout.wait(t, `(?s) b GetRoom 200.* b GetRoom 200`)
	tail.end()
	if got := runSelf(t, nil, "tail", "--endpoint", server.URL); got.code != 1 ||
		!strings.Contains(got.stderr, "the cluster cannot be reached") {
		t.Errorf("at the start: %+v", got)
	}
}

func TestAListOfRoomsThatNeverEndsIsAnError(t *testing.T) {
	url := answering(t, "application/json", `{"rooms":[],"nextToken":"next"}`)
	for _, verb := range []string{"room list", "room show lobby"} {
		got := runSelf(t, nil, append(strings.Fields(verb), "--endpoint", url)...)
		if got.code != 1 || !strings.Contains(got.stderr, "the same nextToken") {
			t.Errorf("%s: %+v", verb, got)
		}
	}
}

func TestRoomsThatCannotBeNamedAreNotSuggested(t *testing.T) {
	url := answering(t, "application/json", `{"items":[
		{"arn":"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl","name":"$(touch broken)"},
		{"arn":"arn:aws:ivschat:us-east-1:000000000000:room/$(touch broken)","name":""},
		{"arn":"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkm","name":"lobby"}],"total":3}`)
	got := runSelf(t, nil, "__complete", "--", "room", "show", "--endpoint", url, "")
	if got.code != 0 || got.stdout != "lobby\tarn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkm\n" {
		t.Errorf("%+v", got)
	}
}
