package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// A proxy passes requests on to an emulator.
type proxy struct {
	*httptest.Server
	down   atomic.Bool                         // whether it answers 502 instead
	before atomic.Pointer[func(*http.Request)] // called before a request is passed on; nil calls nothing
}

// startProxy starts a proxy, with TLS if start is (*httptest.Server).StartTLS.
func startProxy(t *testing.T, p *process, start func(*httptest.Server)) *proxy {
	t.Helper()
	to, err := url.Parse(p.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	passOn := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to) },
		FlushInterval: -1, // for server-sent events
	}
	made := &proxy{}
	made.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if made.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		if before := made.before.Load(); before != nil {
			(*before)(r)
		}
		passOn.ServeHTTP(w, r)
	}))
	start(made.Server)
	t.Cleanup(func() {
		made.CloseClientConnections() // the stream of events does not end by itself
		made.Close()
	})
	return made
}

func TestTailGoesOnAfterTheLastEventThatItHasReceived(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	proxy := startProxy(t, p, (*httptest.Server).Start)
	tail := runVerb(t, proxy.URL, "tail", "--since", "all")
	post(t, p.endpoint+"/CreateRoom", `{"name":"before"}`)
	tail.stdout.wait(t, `"before"`)
	proxy.down.Store(true)
	proxy.CloseClientConnections()
	tail.stderr.wait(t, `connecting again\n$`)
	post(t, p.endpoint+"/CreateRoom", `{"name":"meanwhile"}`)
	proxy.down.Store(false)
	tail.stdout.wait(t, `"meanwhile"`)
	if text := tail.stdout.String(); strings.Count(text, "\n") != 2 {
		t.Errorf("it printed\n%s", text)
	}
}

func TestAMessageThatArrivesWhileTheHistoryIsReadIsShownOnce(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	ben := join(t, p, room, "ben")
	proxy := startProxy(t, p, (*httptest.Server).Start)
	sent := func(r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/frames") {
			return
		}
		if _, err := ben.SendMessage("only once", nil); err != nil {
			t.Error(err)
		}
		if frame, err := ben.Receive(t.Context()); err != nil || frame.Content != "only once" {
			t.Errorf("%+v, %v", frame, err)
		}
	}
	proxy.before.Store(&sent)
	chat := chatIn(t, &process{endpoint: proxy.URL}, []string{"NO_COLOR=1"}, room, "--as", "anna")
	chat.wait(t, "only once")
	chat.press(t, "hello\r")
	chat.wait(t, "anna: hello")
	if n := strings.Count(chat.String(), "only once"); n != 1 {
		t.Errorf("it is shown %d times:\n%s", n, chat)
	}
}

// As on AWS, the requests are signed with the credentials of the environment.
func TestRoomTokenAndChatWorkOverTLS(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:", "--admin-listen", "off")
	proxy := startProxy(t, p, (*httptest.Server).StartTLS)
	signed := func(r *http.Request) {
		signature := r.Header.Get("Authorization")
		if r.URL.Path != "/" && !strings.HasPrefix(r.URL.Path, "/_") && !strings.Contains(signature, "/eu-west-1/ivschat/") {
			t.Errorf("%s has the signature %q", r.URL, signature)
		}
	}
	proxy.before.Store(&signed)
	certificate := t.TempDir() + "/certificate.pem"
	writeCertificate(t, certificate, proxy.Certificate())
	environment := []string{
		"SSL_CERT_FILE=" + certificate, "AWS_ACCESS_KEY_ID=111111111111", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL_IVSCHAT=" + proxy.URL,
	}
	const owned = "arn:aws:ivschat:eu-west-1:111111111111:"
	if got := runSelf(t, environment, "room", "create", "lobby"); !strings.HasPrefix(got.stdout, owned) {
		t.Fatalf("%+v", got)
	}
	if got := runSelf(t, environment, "token", "lobby", "--as", "anna"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	chat := self(t, environment, "chat", "lobby", "--as", "anna")
	chat.Stdin = strings.NewReader("hello\n")
	if text, err := chat.CombinedOutput(); err != nil || !strings.Contains(string(text), "anna: hello\n") {
		t.Errorf("%v: %s", err, text)
	}
	got := runSelf(t, environment, "clock")
	checkFailure(t, got, proxy.URL+" answers, but has no admin API: AWS has none")
}
