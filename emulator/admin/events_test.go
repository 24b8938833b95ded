package admin_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestEveryEntryIsStreamedAsAnEvent(t *testing.T) {
	e := emulatortest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", emulatortest.URL+admin.Prefix+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := e.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	lines := bufio.NewScanner(stream.Body)
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
