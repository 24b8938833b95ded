package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
)

// answering starts a server with one answer for each path, and 404 for others.
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

func TestAnAnswerWithoutARequiredMemberIsReportedInOneLine(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string]string
		want    string
	}{
		"no room":  {map[string]string{"/CreateRoom": `{}`}, "no arn"},
		"no token": {map[string]string{"/CreateRoom": `{"arn":"a"}`, "/CreateChatToken": `{}`}, "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			args := []string{"--endpoint", answering(t, test.answers), "--viewers", "1", "--rate", "0"}
			code := run(t.Context(), args, io.Discard, &stderr)
			if code != cli.Failed || !strings.Contains(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("%d: %s", code, &stderr)
			}
		})
	}
}

func TestAServerThatNeverAnswersTimesOut(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts the connections
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	endpoint := "http://" + listener.Addr().String()
	options := Options{Endpoint: endpoint, Region: "us-east-1", Room: "a", Viewers: 1}
	l, err := newLoad(options, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if l.service.http.Timeout != answerTimeout {
		t.Errorf("the timeout is %s", l.service.http.Timeout)
	}
	l.service.http.Timeout = time.Millisecond
	if _, err := l.run(t.Context()); err == nil || !strings.Contains(err.Error(), "no connection was opened: 1× ") {
		t.Error(err)
	}
}

// interrupted runs the program and interrupts it when ready does so.
func interrupted(t *testing.T, ready func(interrupt func()), args ...string) (text string, code int) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	var output bytes.Buffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, &output, &output) }()
	ready(interrupt)
	select {
	case code = <-done:
		return output.String(), code
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
		return "", 0
	}
}

func TestARoomThatIsCreatedDuringAnInterruptIsDeleted(t *testing.T) {
	asked, answer, deleted := make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/DeleteRoom" {
			deleted <- struct{}{}
			return
		}
		close(asked)
		<-answer
		_, _ = io.WriteString(w, `{"arn":"a"}`)
	}))
	defer server.Close()
	output, code := interrupted(t, func(interrupt func()) {
		<-asked
		interrupt()
		close(answer)
	}, "--endpoint", server.URL)
	if code != cli.Failed || !strings.Contains(output, "interrupted before a connection was opened") {
		t.Errorf("%d: %s", code, output)
	}
	select {
	case <-deleted:
	default:
		t.Error("the room was not deleted")
	}
}

// Without the interrupt, a room with a rate of 1 would need minutes.
func TestAnInterruptEndsSettling(t *testing.T) {
	e := start(t)
	room := strings.Split(post(t, e, "/CreateRoom", `{"maximumMessageRatePerSecond":1}`), `"`)[3]
	output, code := interrupted(t, func(interrupt func()) {
		response, err := http.Get(e.URL() + "/_ivschat/v1/rooms/" + room + "/frames?after=0&direction=in&count=100")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		interrupt()
	}, "--endpoint", e.URL(), "--room", room, "--viewers", "1", "--rate", "100", "--duration", "1h")
	if code != cli.Failed || !strings.Contains(output, "429") {
		t.Errorf("%d: %s", code, output)
	}
}

func TestTheReportIsWrittenEvenIfTheRoomCannotBeDeleted(t *testing.T) {
	for exception, want := range map[string]int{"ResourceNotFoundException": cli.OK, "AccessDeniedException": cli.Failed} {
		e := start(t)
		post(t, e, "/_ivschat/v1/faults", `{"operation":"DeleteRoom","exception":"`+exception+`"}`)
		var stdout, stderr bytes.Buffer
		args := []string{"--endpoint", e.URL(), "--viewers", "1", "--rate", "0", "--duration", "1ms"}
		code := run(t.Context(), args, &stdout, &stderr)
		if code != want || (stderr.Len() == 0) != (want == cli.OK) || !strings.Contains(stdout.String(), " 0 lost") {
			t.Errorf("%s: %d, %s%s", exception, code, &stdout, &stderr)
		}
	}
}

func TestAVeryLowRateIsNotDueAtOnce(t *testing.T) {
	now := time.Now()
	for _, rate := range []float64{1e-9, 1e-300} {
		if at := due(now, 1, rate); at.Before(now.Add(time.Hour)) {
			t.Errorf("at %v per second the second one is due at %s", rate, at)
		}
	}
	if at := due(now, 3, 2); !at.Equal(now.Add(1500 * time.Millisecond)) {
		t.Errorf("at 2 per second the fourth one is due after %s", at.Sub(now))
	}
}

// A connection that ended early has not received the same messages as the others,
// so its order cannot be compared.
func TestAConnectionThatEndedEarlyIsNotOutOfOrder(t *testing.T) {
	l, err := newLoad(Options{}, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		c := &client{load: l, orderHash: 1}
		c.received.Store(5)
		l.clients = append(l.clients, c)
		if i == 2 {
			c.received.Store(4)
			c.orderHash = 2
			c.ended.Store(true)
		}
	}
	l.messages.accepted.Store(3) // the sender has not received the others
	if lost, disordered := l.missing(); lost != 0 || disordered != 0 {
		t.Errorf("%d lost, %d disordered", lost, disordered)
	}
}

func TestAServerWithTLSIsTrustedWithAWSCABundle(t *testing.T) {
	e, err := emulator.New(emulator.Config{TLS: emulator.TLSAuto})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	plain := "http" + strings.TrimPrefix(e.URL(), "https")
	bundle := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(bundle, e.CertificateAuthority(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--viewers", "2", "--rate", "2", "--duration", "1s"}
	load := func(more ...string) (stderr string, code int) {
		var text bytes.Buffer
		code = run(t.Context(), append(args, more...), io.Discard, &text)
		return text.String(), code
	}

	t.Setenv("AWS_CA_BUNDLE", bundle)
	if text, code := load("--endpoint", e.URL()); code != cli.OK {
		t.Errorf("%d: %s", code, text)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle+".absent")
	if text, code := load("--endpoint", e.URL()); code != cli.Failed || !strings.Contains(text, "read AWS_CA_BUNDLE: open ") {
		t.Errorf("%d: %s", code, text)
	}
	if text, code := load("--endpoint", plain); code != cli.OK { // it is not needed
		t.Errorf("%d: %s", code, text)
	}
	t.Setenv("AWS_CA_BUNDLE", "")
	for _, endpoints := range [][]string{
		{"--endpoint", e.URL()},
		{"--endpoint", plain, "--messaging", "wss" + strings.TrimPrefix(e.URL(), "https")},
	} {
		text, code := load(endpoints...)
		if code != cli.Failed || !strings.Contains(text, "ivschat-local trust shows") {
			t.Errorf("%v: %d: %s", endpoints, code, text)
		}
	}
}

func TestARedirectGetsNoCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server got %s %s with %v", r.Method, r.URL, r.Header)
	}))
	defer other.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		defer server.Close()
		var text bytes.Buffer
		code := run(t.Context(), []string{"--endpoint", server.URL, "--viewers", "1", "--duration", "1s"}, io.Discard, &text)
		if code != cli.Failed || !strings.Contains(text.String(), fmt.Sprint(status)) {
			t.Errorf("%d: %d: %s", status, code, &text)
		}
	}
}
