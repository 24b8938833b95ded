package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// failingTokens are tokens that cannot be read, or of which the use cannot be read.
type failingTokens struct{ open, used error }

func (f failingTokens) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	return ivschat.ChatToken{}, f.open
}

func (f failingTokens) TokenUsed(context.Context, string, time.Time) (bool, error) {
	return false, f.used
}

func TestATokenThatCannotBeInspectedIsAnInternalError(t *testing.T) {
	broken := errors.New("the disk is broken")
	for name, test := range map[string]struct {
		tokens failingTokens
		status int
	}{
		"the keys":       {failingTokens{open: broken}, 500},
		"the use":        {failingTokens{used: broken}, 500},
		"another token":  {failingTokens{open: ivschat.ErrInvalidToken}, 400},
		"the disk works": {failingTokens{}, 200},
	} {
		log := new(bytes.Buffer)
		handler := admin.Handler(admin.Config{
			Tokens: test.tokens, Clock: clock.New(), Logger: slog.New(slog.NewTextHandler(log, nil)),
		})
		call(t, handler, test.status, "POST", "tokens/inspect", `{"token": "x"}`)
		logged := strings.Contains(log.String(), `msg="internal error" path=/_ivschat/v1/tokens/inspect error="the disk is broken"`)
		if logged != (test.status == 500) {
			t.Errorf("%s: the log is\n%s", name, log)
		}
	}
}

func TestAChangeThatDoesNotReachTheOtherNodesIsAnsweredWith503(t *testing.T) {
	log, shared := new(bytes.Buffer), clock.New()
	unreachable := fmt.Errorf("a change: %w", &ivschat.Exception{
		Type: ivschat.ServiceUnavailable, Message: "the cluster cannot be reached: try again",
	})
	shared.Propose = func(clock.Change) error { return unreachable }
	faults := fault.New(random.New(1), func(fault.Rule, fault.Point) {})
	faults.Propose = func(fault.Change) ([]fault.Rule, error) { return nil, unreachable }
	script := new(review.Script)
	script.Propose = func(review.ScriptChange) (bool, error) { return false, unreachable }
	handler := admin.Handler(admin.Config{
		Clock: shared, Faults: faults, Script: script, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	for _, test := range [][3]string{
		{"POST", "clock", `{"advance": "1h"}`}, {"POST", "clock", `{"to": "2100-01-01T00:00:00Z"}`},
		{"POST", "clock", `{"freeze": true}`},
		{"POST", "faults", `{"operation": "GetRoom", "status": 500}`}, {"DELETE", "faults", ""}, {"DELETE", "faults/1", ""},
		{"PUT", "reviews", `{"deny": {}}`}, {"DELETE", "reviews/answers", ""},
	} {
		got := errorMessage(t, handler, 503, test[0], test[1], test[2])
		if got != "the cluster cannot be reached: try again" {
			t.Errorf("%s: the message is %q", test, got)
		}
	}
	if log.Len() > 0 {
		t.Errorf("the log is\n%s", log)
	}
}

// A panickingWriter is a writer of a response that panics when the body is written.
type panickingWriter struct{ http.ResponseWriter }

func (panickingWriter) Write([]byte) (int, error) { panic("damaged") }

func TestAPanicAfterTheAnswerHasBegunEndsTheConnectionAndIsInTheLog(t *testing.T) {
	handler, log := withState(fakeState{})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("it ends with %v", p)
		}
		for _, want := range []string{`msg="internal error"`, "path=/_ivschat/v1/openapi.json", `error="panic: damaged`, "failure_test.go"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log has no %s:\n%s", want, log)
			}
		}
	}()
	handler.ServeHTTP(panickingWriter{httptest.NewRecorder()},
		httptest.NewRequest("GET", "http://localhost"+admin.Prefix+"openapi.json", nil))
}

// A brokenHeader is a writer of a response that panics when the status is written.
type brokenHeader struct{ http.ResponseWriter }

func (brokenHeader) WriteHeader(int) { panic("damaged") }

func TestAPanicWhileTheStatusIsSentEndsTheConnection(t *testing.T) {
	handler, _ := withState(fakeState{reset: func(context.Context) error { return nil }})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("it ends with %v", p)
		}
	}()
	handler.ServeHTTP(brokenHeader{httptest.NewRecorder()},
		httptest.NewRequest("POST", "http://localhost"+admin.Prefix+"reset", nil))
}

func TestABodyThatBreaksOffIsRefusedWithTheReason(t *testing.T) {
	handler, _ := withState(fakeState{restore: func(_ context.Context, document io.Reader) error {
		_, err := io.ReadAll(document)
		return err
	}})
	for _, request := range []string{"PUT snapshot", "POST clock", "POST faults", "POST reset", "POST tokens/inspect"} {
		method, path, _ := strings.Cut(request, " ")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(method, "http://localhost"+admin.Prefix+path,
			iotest.ErrReader(errors.New("it broke"))))
		if recorder.Code != 400 || !strings.Contains(recorder.Body.String(), `"the body cannot be read: it broke"`) {
			t.Errorf("%s: the answer is %d %s", request, recorder.Code, recorder.Body)
		}
	}
}

// A brokenFinder cannot find rooms.
type brokenFinder struct{ room.Finder }

func (brokenFinder) Room(context.Context, ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{}, errors.New("the disk is broken")
}

func TestARoomThatCannotBeReadIsAnInternalError(t *testing.T) {
	const arn = "arn:aws:ivschat:us-east-1:123456789012:room/RoomNumber01"
	for _, path := range []string{"rooms/" + arn, "rooms/" + arn + "/frames", "events?room=" + arn} {
		log := new(bytes.Buffer)
		handler := admin.Handler(admin.Config{
			Rooms: brokenFinder{}, Live: new(room.Rooms), Journal: journal.New(journal.MinimumBytes),
			Logger: slog.New(slog.NewTextHandler(log, nil)),
		})
		call(t, handler, 500, "GET", path, "")
		if !strings.Contains(log.String(), `error="the disk is broken"`) {
			t.Errorf("%s: the log is\n%s", path, log)
		}
	}
}

func TestTheAnswerToHEADHasNoBody(t *testing.T) {
	e := emulatortest.Start(t)
	e.Room()
	for path, contentType := range map[string]string{
		"journal": "application/json", "calls": "application/json", "events": "text/event-stream",
	} {
		r := request(t, e, "HEAD", admin.Prefix+path, "")
		if r.status != 200 || r.header.Get("Content-Type") != contentType || r.body != "" {
			t.Errorf("HEAD %s: %d, %s, %q", path, r.status, r.header.Get("Content-Type"), r.body)
		}
		if got := r.header.Get("Cache-Control"); (got == "no-store") != (path == "events") {
			t.Errorf("HEAD %s: Cache-Control is %q", path, got)
		}
	}
}

// A tokenUntil is a token that expires then.
type tokenUntil time.Time

func (until tokenUntil) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	return ivschat.ChatToken{TokenExpirationTime: time.Time(until)}, nil
}

func (tokenUntil) TokenUsed(context.Context, string, time.Time) (bool, error) { return true, nil }

func TestAnInspectedTokenSaysWhetherItHasExpired(t *testing.T) {
	c := clock.New()
	handler := admin.Handler(admin.Config{
		Tokens: tokenUntil(c.Now().Add(time.Hour)), Clock: c, Logger: slog.New(slog.DiscardHandler),
	})
	for _, want := range []bool{false, true} {
		answer := call(t, handler, 200, "POST", "tokens/inspect", `{"token": "x"}`)
		if answer["expired"] != want || answer["used"] != true {
			t.Errorf("got %v, want expired: %t", answer, want)
		}
		c.Advance(time.Hour)
	}
}

// A readBody is a body that notes when it is read.
type readBody struct{ isRead bool }

func (b *readBody) Read([]byte) (int, error) {
	b.isRead = true
	return 0, io.ErrUnexpectedEOF
}

// The client may never send the body that it has announced.
func TestABodyOfKnownLengthThatNothingTakesIsRefusedWithoutWaitingForIt(t *testing.T) {
	handler, _ := withState(fakeState{})
	for _, length := range []int64{1, -1, 0} { // 0 is an unknown length, too, if there is a body
		body := new(readBody)
		r := httptest.NewRequest("GET", "http://localhost"+admin.Prefix+"openapi.json", body)
		r.ContentLength = length
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		if recorder.Code != 400 || recorder.Header().Get("Connection") != "close" || body.isRead != (length <= 0) {
			t.Errorf("length %d: %d, and the body was read: %t", length, recorder.Code, body.isRead)
		}
	}
}
