package emulator_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A logged is a log to be read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// post sends a request to the handler, without a network, and gives the body
// of a success.
func post(t testing.TB, e *emulator.Emulator, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest("POST", path, strings.NewReader(body)))
	if recorder.Code != 200 {
		t.Fatalf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func deleteRoom(t testing.TB, n *network, room string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	n.ServeHTTP(recorder, httptest.NewRequest("POST", "/DeleteRoom", strings.NewReader(`{"identifier":"`+room+`"}`)))
	if recorder.Code != 204 {
		t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
}

// throttled wants a ThrottlingException with the limit.
func throttled(t testing.TB, n *network, path, body string, limit int) {
	t.Helper()
	recorder := httptest.NewRecorder()
	n.ServeHTTP(recorder, httptest.NewRequest("POST", path, strings.NewReader(body)))
	if recorder.Code != 429 || recorder.Header().Get("x-amzn-ErrorType") != "ThrottlingException" || !strings.Contains(recorder.Body.String(), fmt.Sprintf(`"limit":%d`, limit)) {
		t.Errorf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
}
