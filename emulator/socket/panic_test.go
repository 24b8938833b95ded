package socket

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// panickingTokens panics when it opens a token.
type panickingTokens struct{}

func (panickingTokens) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	panic("damaged")
}

func TestAPanicInAHandshakeIsAnInternalErrorInTheLog(t *testing.T) {
	var log strings.Builder
	h := New(Config{
		Tokens: panickingTokens{}, Clock: clock.New(), Journal: new(journal.Journal),
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	server := newServer(t, h)
	defer server.Close()
	dialer := newDialer("token")
	_, response, err := dialer.DialContext(t.Context(), strings.Replace(server.URL, "http", "ws", 1), nil)
	if response == nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if want := `{"message":"internal error"}`; err != nil || string(body) != want {
		t.Errorf("the body is %s (%v), want %s", body, err, want)
	}
	response.Body.Close()
	h.Close(t.Context()) // which waits for handshakes
	if response.StatusCode != 500 || !strings.Contains(log.String(), "panic: damaged") {
		t.Errorf("%s, and the log is\n%s", response.Status, &log)
	}
}
