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
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// A fakeState is a state whose methods call these functions.
type fakeState struct {
	reset   func(context.Context) error
	read    func() error
	restore func(context.Context, io.Reader) error
}

func (s fakeState) Resources(context.Context, string) (ivschat.Resources, error) {
	return ivschat.Resources{}, s.read()
}
func (s fakeState) Owners(context.Context) (map[ivschat.Owner]int, error) { return nil, nil }
func (s fakeState) Seeded() bool                                          { return false }
func (s fakeState) Reset(ctx context.Context, _ string) error             { return s.reset(ctx) }
func (s fakeState) SeedAccount(context.Context, string, []byte) error     { return s.read() }
func (s fakeState) ResetToSeed(ctx context.Context, _ string) error       { return s.reset(ctx) }
func (s fakeState) Snapshot(context.Context, string) ([]byte, error) {
	return []byte("{}"), s.read()
}
func (s fakeState) RestoreFrom(ctx context.Context, _ string, document io.Reader) error {
	return s.restore(ctx, document)
}

// withState returns the handler of the admin API with this state, and what it logs.
func withState(state fakeState) (http.Handler, *bytes.Buffer) {
	log := new(bytes.Buffer)
	live := new(room.Rooms) // without sessions
	return admin.Handler(admin.Config{State: state, Live: live, Logger: slog.New(slog.NewTextHandler(log, nil))}), log
}

func TestAPanicIsAnInternalErrorInTheLog(t *testing.T) {
	handler, log := withState(fakeState{reset: func(context.Context) error {
		var nothing *fakeState
		return nothing.reset(nil) // a memory fault
	}})
	server := httptest.NewServer(handler)
	defer server.Close()
	for range 2 {
		response, err := http.Post(server.URL+admin.Prefix+"reset", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 500 || !strings.Contains(string(text), "see the emulator's log") {
			t.Errorf("%s %s: %v", response.Status, text, err)
		}
	}
	if n := strings.Count(log.String(), "nil pointer dereference"); n != 2 {
		t.Errorf("the log has %d lines:\n%s", n, log)
	}
}

func TestAHandlerThatEndsTheConnectionStillDoes(t *testing.T) {
	handler, log := withState(fakeState{reset: func(context.Context) error { panic(http.ErrAbortHandler) }})
	server := httptest.NewServer(handler)
	defer server.Close()
	if response, err := http.Post(server.URL+admin.Prefix+"reset", "", nil); err == nil {
		t.Errorf("the answer is %s", response.Status)
	}
	if log.Len() > 0 {
		t.Errorf("the log has %s", log)
	}
}

func TestASnapshotThatCannotBeStoredIsAnInternalError(t *testing.T) {
	handler, log := withState(fakeState{
		restore: func(context.Context, io.Reader) error { return errors.New("the disk is full") },
	})
	message := errorMessage(t, handler, 500, "PUT", "snapshot", "{}")
	if strings.Contains(message, "disk") || !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("the message is %s, and the log is\n%s", message, log)
	}
}

func TestAStateThatCannotBeReadOrResetIsAnInternalError(t *testing.T) {
	broken := errors.New("the disk is broken")
	for request, body := range map[string]string{
		"GET rooms": "", "GET snapshot": "", "POST reset": "", "POST reset ": `{"to":"seed"}`,
	} {
		handler, log := withState(fakeState{
			read: func() error { return broken }, reset: func(context.Context) error { return broken },
		})
		method, path, _ := strings.Cut(strings.TrimSpace(request), " ")
		message := errorMessage(t, handler, 500, method, path, body)
		if message != "internal error: see the emulator's log for the reason" ||
			!strings.Contains(log.String(), `error="the disk is broken"`) {
			t.Errorf("%s: the message is %s, and the log is\n%s", request, message, log)
		}
	}
}

func TestSnapshotsAreRestoredOneAtATimeAndSmallOnesDoNotWaitForLargeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var small, large, finished atomic.Int32
		proceed := make(chan struct{})
		handler, _ := withState(fakeState{restore: func(_ context.Context, document io.Reader) error {
			text, err := io.ReadAll(document)
			active := &small
			if len(text) >= 1<<20 {
				active = &large
			}
			active.Add(1)
			<-proceed
			active.Add(-1)
			finished.Add(1)
			return err
		}})
		const each = 5
		for _, body := range []string{"{}", strings.Repeat(" ", 1<<20), strings.Repeat(" ", 1<<20-1)} {
			for range each {
				go request(t, handler, "PUT", admin.Prefix+"snapshot", body)
			}
		}
		// One that waits and is cancelled is not carried out.
		ctx, cancel := context.WithCancel(t.Context())
		synctest.Wait()
		cancelled := httptest.NewRecorder()
		go handler.ServeHTTP(cancelled, httptest.NewRequestWithContext(
			ctx, "PUT", "http://localhost"+admin.Prefix+"snapshot", strings.NewReader("{}")))
		synctest.Wait()
		cancel()
		for finished.Load() < 3*each {
			synctest.Wait()
			if small.Load() > 1 || large.Load() > 1 || finished.Load() == 0 && small.Load()+large.Load() != 2 {
				t.Fatalf("%d small and %d large ones are restored at a time", small.Load(), large.Load())
			}
			proceed <- struct{}{}
			synctest.Wait()
		}
		if cancelled.Code != http.StatusServiceUnavailable || finished.Load() != 3*each ||
			!strings.Contains(cancelled.Body.String(), `"the request was cancelled"`) {
			t.Errorf("the cancelled one is %d %s, and %d were restored",
				cancelled.Code, cancelled.Body, finished.Load())
		}
	})
}

func TestRequestsThatReadEverythingTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var active, answered atomic.Int32
		handler, _ := withState(fakeState{read: func() error {
			if n := active.Add(1); n > 1 {
				t.Errorf("%d read at a time", n)
			}
			time.Sleep(time.Second)
			active.Add(-1)
			answered.Add(1)
			return nil
		}})
		for range 5 {
			go request(t, handler, "GET", admin.Prefix+"snapshot", "")
			go request(t, handler, "GET", admin.Prefix+"rooms", "")
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // while it waits
		cancelled := httptest.NewRecorder()
		handler.ServeHTTP(cancelled, httptest.NewRequestWithContext(
			ctx, "GET", "http://localhost"+admin.Prefix+"snapshot", nil))
		time.Sleep(time.Minute)
		if answered.Load() != 10 || cancelled.Code != http.StatusServiceUnavailable {
			t.Errorf("%d were answered, and the cancelled one is %d", answered.Load(), cancelled.Code)
		}
	})
}

func TestABodyIsLimitedToAMebibyteUnlessItIsASnapshot(t *testing.T) {
	e := emulatortest.Start(t)
	const limit = 1 << 20
	for path, body := range map[string]string{
		"reset": `{"to": "empty"}`, "clock": `{"advance": "1h"}`, "tokens/inspect": `{"token": "x"}`,
		"faults": `{"operation": "DeleteRoom", "status": 500}`,
	} {
		message := errorMessage(t, e, 413, "POST", path, body+strings.Repeat(" ", limit+1-len(body)))
		if want := "the body of POST /_ivschat/v1/" + path + " can have at most 1048576 bytes"; message != want {
			t.Errorf("%s, want %s", message, want)
		}
	}
	if e.Clock().Ahead() != 0 || len(e.Faults().Rules("")) > 0 {
		t.Error("a body that is too long was used")
	}
	body := `{"to": "empty"}`
	call(t, e, 204, "POST", "reset", body+strings.Repeat(" ", limit-len(body)))
	const rooms = 100
	var tags, items []string
	for i := range 50 {
		tags = append(tags, fmt.Sprintf(`"%d": "%s"`, i, strings.Repeat("x", 256)))
	}
	for i := range rooms {
		items = append(items, fmt.Sprintf(`{"name": "%d", "tags": {%s}}`, i, strings.Join(tags, ",")))
	}
	document := `{"version": 1, "loggingConfigurations": [], "rooms": [` + strings.Join(items, ",") + `]}`
	if len(document) <= limit {
		t.Fatalf("the snapshot has only %d bytes", len(document))
	}
	call(t, e, 204, "PUT", "snapshot", document)
	if n := len(list(t, e, "rooms")); n != rooms {
		t.Errorf("there are %d rooms", n)
	}
}

func TestASnapshotWithoutItsMembersRemovesNothing(t *testing.T) {
	e := emulatortest.Start(t)
	e.Room()
	for _, document := range []string{
		"", "{}", "[]", "null", `{"version": 1}`, `{"rooms": []}`, `{"version": 1, "rooms": []}`,
		`{"version": 1, "loggingConfigurations": []}`, `{"to": "seed"}`,
		`{"version": 1, "loggingConfigurations": [], "rooms": [`,
	} {
		call(t, e, 400, "PUT", "snapshot", document)
		call(t, e, 400, "PUT", "snapshot?account=123456789012", document)
	}
	if n := len(list(t, e, "rooms")); n != 1 {
		t.Errorf("there are %d rooms", n)
	}
}
