package admin_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// openStream returns the lines of the event stream. The last event ID is "" for a client that
// connects for the first time.
func openStream(t *testing.T, e *emulatortest.Emulator, query, lastEventID string) *bufio.Scanner {
	t.Helper()
	url := emulatortest.URL + admin.Prefix + "events" + query
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	stream, err := e.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stream.Body.Close() })
	if stream.StatusCode != 200 {
		t.Fatalf("status %d", stream.StatusCode)
	}
	lines := bufio.NewScanner(stream.Body)
	lines.Buffer(nil, 1<<20)
	// The stream begins with a comment, so that it also opens behind a proxy that waits for the first bytes, and with
	// the ID of the event that it follows.
	for _, beginning := range []string{": ", "id: ", ""} {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), beginning) {
			t.Fatalf("the stream begins with %q", lines.Text())
		}
	}
	return lines
}

func TestEveryEntryIsStreamedAsAnEvent(t *testing.T) {
	e := emulatortest.Start(t)
	lines := openStream(t, e, "", "")
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	streamed := ""
	for lines.Scan() {
		if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			streamed += kind + " "
		}
		if strings.Contains(lines.Text(), `"Type":"MESSAGE"`) {
			break
		}
	}
	if want := "call call connect frame frame "; streamed != want {
		t.Errorf("streamed %s, want %s", streamed, want)
	}
}

func TestAStreamHasTheEntriesOfItsAccountOnly(t *testing.T) {
	e := emulatortest.Start(t)
	request(t, e, "POST", "/CreateRoom", "{}") // of 000000000000
	e.Room()                                   // of 123456789012
	lines := openStream(t, e, "?after=0&account=123456789012", "")
	for _, want := range []string{"id: 2-", "event: call", "data: {", "", "id: 4-"} {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Errorf("the stream has %q, want %q", lines.Text(), want)
		}
		if want == "" {
			request(t, e, "POST", "/CreateRoom", "{}")
			e.Room()
		}
	}
}

func TestAStreamStartsAfterTheLastEventThatTheClientHas(t *testing.T) {
	e := emulatortest.Start(t)
	for range 20 {
		e.Room()
	}
	last := e.Journal().Last()
	first := openStream(t, e, "?after=0", "")
	first.Scan()
	_, run, _ := strings.Cut(first.Text(), "-")
	for _, test := range []struct {
		query, lastEventID string
		first              uint64
	}{
		{"?after=0", "", 1},
		{fmt.Sprintf("?after=%d", last-1), "", last},
		{"", fmt.Sprint(last - 1), last},
		{"", "12", 13},
		{"?after=0", fmt.Sprint(last - 1), last}, // a browser that connects again
		{"", fmt.Sprint(last-1, "-", run), last},
		{"", fmt.Sprint(last-1, "-", run, "0"), 1}, // to an emulator that was started again
		{"", "99999999999999999999-0", 1},
	} {
		lines := openStream(t, e, test.query, test.lastEventID)
		if want := fmt.Sprintf("id: %d-%s", test.first, run); !lines.Scan() || lines.Text() != want {
			t.Errorf("%s %s: starts with %q, want %q", test.query, test.lastEventID, lines.Text(), want)
		}
	}
}

func TestAStreamAfterAnEventThatDoesNotExistStartsWithTheNextEntry(t *testing.T) {
	e := emulatortest.Start(t)
	e.Room()
	first := openStream(t, e, "?after=0", "")
	first.Scan()
	_, run, _ := strings.Cut(first.Text(), "-")
	for _, id := range []string{
		"100", "100-" + run, "9223372036854775807", "18446744073709551615", "99999999999999999999-" + run,
	} {
		lines := openStream(t, e, "?after=0", id)
		e.Room()
		if want := fmt.Sprintf("id: %d-%s", e.Journal().Last(), run); !lines.Scan() || lines.Text() != want {
			t.Errorf("%s: starts with %q, want %q", id, lines.Text(), want)
		}
	}
	for _, id := range []string{"x", "-1", "1.5", "-" + run} {
		r := request(t, e, "GET", admin.Prefix+"events", "", "Last-Event-ID", id)
		want := `"Last-Event-ID must be the ID of an event, but is \"` + id + `\""`
		if r.status != 400 || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s", id, r.status, r.body)
		}
	}
}

func TestEveryEventIsStreamedAsAWholeBeforeTheNextOneExists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		for range 4 { // together, they have more than 64 KiB
			request(t, e, "POST", "/CreateRoom", `{"name":"`+strings.Repeat("x", 16_300)+`"}`)
		}
		lines := openStream(t, e, "?after=0", "")
		events := 0
		go func() {
			for lines.Scan() {
				if lines.Text() == "" { // the end of an event
					events++
				}
			}
		}()
		synctest.Wait()
		if events != 4 {
			t.Errorf("there are %d whole events, want 4", events)
		}
	})
}

func TestAClientWithoutAnEventMissesNothingWhenItConnectsAgain(t *testing.T) {
	e := emulatortest.Start(t)
	e.Room()
	r := request(t, e, "GET", admin.Prefix+"info", "")
	var info struct{ Run string }
	if err := json.Unmarshal([]byte(r.body), &info); err != nil || info.Run == "" {
		t.Fatalf("%s: %v", r.body, err)
	}
	for query, want := range map[string]uint64{"": e.Journal().Last(), "?after=0": 0} {
		stream, err := e.HTTPClient().Get(emulatortest.URL + admin.Prefix + "events" + query)
		if err != nil {
			t.Fatal(err)
		}
		beginning := make([]byte, 64)
		n, _ := stream.Body.Read(beginning)
		_ = stream.Body.Close()
		if want := fmt.Sprintf("\nid: %d-%s\n\n", want, info.Run); !strings.Contains(string(beginning[:n]), want) {
			t.Errorf("%s: the stream begins with %q, want %q", query, beginning[:n], want)
		}
	}
}

func TestAProxyIsToldNotToKeepEventsBack(t *testing.T) {
	e := emulatortest.Start(t)
	got := request(t, e, "HEAD", admin.Prefix+"events", "")
	if value := got.header.Get("X-Accel-Buffering"); value != "no" {
		t.Errorf("X-Accel-Buffering is %q", value)
	}
}

func TestAStreamHasTheKindsAndTheDirectionThatItsClientAskedFor(t *testing.T) {
	e := emulatortest.Start(t)
	for query, want := range map[string]string{
		"?kind=call":                        "call call call",
		"?kind=connect,disconnect":          "connect disconnect",
		"?kind=frame":                       "frame in, frame out",
		"?direction=in":                     "frame in",
		"?kind=disconnect,frame":            "frame in, frame out, disconnect",
		"?kind=connect,frame&direction=out": "connect frame out",
	} {
		want := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(want, "frame ", "frame:"), ",", ""))
		lines := openStream(t, e, query, "")
		anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
		call(t, e, 200, "GET", "journal?kind=connect&after=0&count=1", "")
		anna.SendMessage("hi")
		anna.Receive()
		anna.Close()
		call(t, e, 200, "GET", "journal?kind=disconnect&after=0&count=1", "")
		e.Room()
		var got []string
		for len(got) < len(want) && lines.Scan() {
			data, isData := strings.CutPrefix(lines.Text(), "data: ")
			if !isData {
				continue
			}
			got = append(got, describe(t, data))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: streamed %v, want %v", query, got, want)
		}
		e.Journal().Forget("")
	}
}

// describe returns the kind of an entry, with its direction if it has one.
func describe(t *testing.T, data string) string {
	t.Helper()
	var entry journal.Entry
	if err := json.Unmarshal([]byte(data), &entry); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(fmt.Sprintf("%s:%s", entry.Kind, entry.Direction), ":")
}
