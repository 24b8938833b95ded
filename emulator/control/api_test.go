package control

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/random"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestAFaultInsideIsLoggedAndNotTold(t *testing.T) {
	var log bytes.Buffer
	api := New(Config{Clock: new(clock.Clock), Random: random.New(1), Journal: new(journal.Journal), Faults: fault.New(random.New(1), nil), Logger: slog.New(slog.NewTextHandler(&log, nil))}) // without rooms it panics
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest("POST", "/CreateRoom", nil))

	if recorder.Code != 500 || recorder.Header().Get("x-amzn-ErrorType") != "InternalServerException" {
		t.Errorf("got %d %v", recorder.Code, recorder.Header())
	}
	if body := recorder.Body.String(); strings.Contains(body, "goroutine") || strings.Contains(body, "nil pointer") {
		t.Errorf("the client is told %s", body)
	}
	id := recorder.Header().Get("x-amzn-RequestId")
	if line := log.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, id) || !strings.Contains(line, "nil pointer") || !strings.Contains(line, "level=ERROR") {
		t.Errorf("the log has %s", line)
	}
}
