package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
)

// answering starts a server that gives each path its answer, and 404 to others.
func answering(t *testing.T, answers map[string]string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := answers[r.URL.Path]
		if !known {
			w.Header().Set("x-amzn-ErrorType", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnswersWithoutWhatTheyMustHaveAreSaidInALine(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string]string
		want    string
	}{
		"no room":  {map[string]string{"/CreateRoom": `{}`}, "no arn"},
		"no token": {map[string]string{"/CreateRoom": `{"arn":"a"}`, "/CreateChatToken": `{}`}, "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			code := run(t.Context(), []string{"--endpoint", answering(t, test.answers), "--viewers", "1", "--rate", "0"}, io.Discard, &said)
			if code != cli.Failed || !strings.Contains(said.String(), test.want) || strings.Count(said.String(), "\n") != 1 {
				t.Errorf("%d: %s", code, &said)
			}
		})
	}
}

func TestAServerThatNeverAnswersIsNotWaitedForForEver(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l := newLoad(Options{Endpoint: "http://" + listener.Addr().String(), Region: "us-east-1", Room: "a", Viewers: 1}, newProgress(io.Discard))
	if l.service.http.Timeout != answerTimeout {
		t.Errorf("it waits %s", l.service.http.Timeout)
	}
	l.service.http.Timeout = time.Millisecond
	if _, err := l.run(t.Context()); err == nil || !strings.Contains(err.Error(), "no connection came about: 1× ") {
		t.Error(err)
	}
}

// interruptedAt runs the program and interrupts it as soon as ready says so.
func interruptedAt(t *testing.T, ready func(interrupt func()), args ...string) (said string, code int) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	var out bytes.Buffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, &out, &out) }()
	ready(interrupt)
	select {
	case code = <-done:
		return out.String(), code
	case <-time.After(20 * time.Second):
		t.Fatal("it does not stop")
		return "", 0
	}
}

func TestARoomThatIsMadeDuringAnInterruptIsDeletedToo(t *testing.T) {
	asked, interrupted, deleted := make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/DeleteRoom" {
			deleted <- struct{}{}
			return
		}
		close(asked)
		<-interrupted
		_, _ = io.WriteString(w, `{"arn":"a"}`)
	}))
	defer server.Close()
	said, code := interruptedAt(t, func(interrupt func()) {
		<-asked
		interrupt()
		close(interrupted)
	}, "--endpoint", server.URL)
	if code != cli.Failed || !strings.Contains(said, "interrupted before a connection came about") {
		t.Errorf("%d: %s", code, said)
	}
	select {
	case <-deleted:
	default:
		t.Error("the room is left")
	}
}

// Messages that a room takes one a second of would take minutes.
func TestAnInterruptEndsTheSettling(t *testing.T) {
	e := start(t)
	room := strings.Split(post(t, e, "/CreateRoom", `{"maximumMessageRatePerSecond":1}`), `"`)[3]
	said, code := interruptedAt(t, func(interrupt func()) {
		response, err := http.Get(e.URL() + "/_ivschat/v1/journal?after=0&kind=frame&direction=in&count=200&timeout=10s")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		interrupt()
	}, "--endpoint", e.URL(), "--room", room, "--viewers", "1", "--rate", "100", "--duration", "1h")
	if code != cli.Failed || !strings.Contains(said, "429") {
		t.Errorf("%d: %s", code, said)
	}
}

func TestTheReportIsGivenWhateverBecameOfTheRoom(t *testing.T) {
	for exception, want := range map[string]int{"ResourceNotFoundException": cli.OK, "AccessDeniedException": cli.Failed} {
		e := start(t)
		post(t, e, "/_ivschat/v1/faults", `{"operation":"DeleteRoom","exception":"`+exception+`"}`)
		var out, said bytes.Buffer
		code := run(t.Context(), []string{"--endpoint", e.URL(), "--viewers", "1", "--rate", "0", "--duration", "1ms"}, &out, &said)
		if code != want || (said.Len() == 0) != (want == cli.OK) || !strings.Contains(out.String(), " 0 lost") {
			t.Errorf("%s: %d, %s%s", exception, code, &out, &said)
		}
	}
}

func TestWhatIsTooRareForATimeIsNotDueAtOnce(t *testing.T) {
	now := time.Now()
	for _, rate := range []float64{1e-9, 1e-300} {
		if at := due(now, 1, rate); at.Before(now.Add(time.Hour)) {
			t.Errorf("at %v a second the second one is due at %s", rate, at)
		}
	}
	if at := due(now, 3, 2); !at.Equal(now.Add(1500 * time.Millisecond)) {
		t.Errorf("the fourth one of two a second is due after %s", at.Sub(now))
	}
}

// A client that was cut off has heard something else than the others, which is
// no other order.
func TestWhoWasCutOffIsNotInDisorder(t *testing.T) {
	l := newLoad(Options{}, newProgress(io.Discard))
	for i := range 3 {
		c := &client{load: l, order: 1}
		c.heard.Store(5)
		l.clients = append(l.clients, c)
		if i == 2 {
			c.heard.Store(4)
			c.order = 2
			c.ended.Store(true)
		}
	}
	l.messages.accepted.Store(3) // of the others the sender has not heard
	if lost, disordered := l.missing(); lost != 0 || disordered != 0 {
		t.Errorf("%d lost, %d disordered", lost, disordered)
	}
}
