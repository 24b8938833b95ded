package admin_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
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
	return bufio.NewScanner(stream.Body)
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
		if r.status != 400 || !strings.Contains(r.body, "Last-Event-ID") {
			t.Errorf("%s: %d %s", id, r.status, r.body)
		}
	}
}
