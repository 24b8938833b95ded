package emulator_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A logBuffer is a log that a test can read.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer.
func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String returns what was logged so far.
func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newEmulator returns an emulator that is closed at the end of the test.
func newEmulator(t testing.TB, config emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// call calls an operation, without a network.
func call(handler http.Handler, operation, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("POST", "/"+operation, strings.NewReader(body)))
	return recorder
}

// as returns the emulator for the callers of an account.
func as(account string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+
			"/20260101/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=00")
		handler.ServeHTTP(w, r)
	})
}

// post calls an operation, which must succeed, and returns the body of the answer.
func post(t testing.TB, handler http.Handler, operation, body string) string {
	t.Helper()
	answer := call(handler, operation, body)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// createRoom creates a room with the settings, a JSON object or "", and returns its ARN.
func createRoom(t testing.TB, handler http.Handler, settings string) (arn string) {
	t.Helper()
	return arnIn(t, post(t, handler, "CreateRoom", settings))
}

// arnIn returns the ARN in an answer.
func arnIn(t testing.TB, answer string) string {
	t.Helper()
	var resource struct{ ARN string }
	if err := json.Unmarshal([]byte(answer), &resource); err != nil {
		t.Fatal(err)
	}
	return resource.ARN
}

func deleteRoom(t testing.TB, handler http.Handler, room string) {
	t.Helper()
	answer := call(handler, "DeleteRoom", fmt.Sprintf(`{"identifier":%q}`, room))
	if answer.Code != http.StatusNoContent {
		t.Fatalf("DeleteRoom: %d %s", answer.Code, answer.Body)
	}
}

// sendEvent sends an event to everyone in the room.
func sendEvent(t testing.TB, handler http.Handler, room string) {
	t.Helper()
	post(t, handler, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, room))
}

// createToken creates a chat token with every capability. The settings begin with a comma, or are "".
func createToken(t testing.TB, handler http.Handler, room, user, settings string) string {
	t.Helper()
	body := fmt.Sprintf(`{"roomIdentifier":%q,"userId":%q,
		"capabilities":["SEND_MESSAGE","DELETE_MESSAGE","DISCONNECT_USER"]%s}`, room, user, settings)
	return requestToken(t, handler, body)
}

// createViewerToken creates a chat token without capabilities, except that to view messages.
func createViewerToken(t testing.TB, handler http.Handler, room string) string {
	t.Helper()
	return requestToken(t, handler, fmt.Sprintf(`{"roomIdentifier":%q,"userId":"viewer"}`, room))
}

func requestToken(t testing.TB, handler http.Handler, body string) string {
	t.Helper()
	var reply struct{ Token string }
	if err := json.Unmarshal([]byte(post(t, handler, "CreateChatToken", body)), &reply); err != nil {
		t.Fatal(err)
	}
	return reply.Token
}

// expectThrottled calls an operation and expects a ThrottlingException with the limit.
func expectThrottled(t testing.TB, handler http.Handler, operation, body string, limit int) {
	t.Helper()
	answer := call(handler, operation, body)
	if answer.Code != http.StatusTooManyRequests ||
		answer.Header().Get("x-amzn-ErrorType") != "ThrottlingException" ||
		!strings.Contains(answer.Body.String(), fmt.Sprintf(`"limit":%d`, limit)) {
		t.Errorf("%s: %d %s", operation, answer.Code, answer.Body)
	}
}
