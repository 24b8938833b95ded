package awsapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/hostile"
)

// sendTo sends a request with a body to a URL. The error is that of Unreachable.
func sendTo(ctx context.Context, client *http.Client, url string) (Reply, error) {
	request, err := NewRequest(ctx, http.MethodPost, url, []byte("{}"))
	if err != nil {
		return Reply{}, err
	}
	reply, err := Send(client, request)
	if err != nil {
		err = Unreachable(ctx, "the server "+DisplayURL(url), err, "start it")
	}
	return reply, err
}

// newClient returns a client whose connections the end of the test closes.
func newClient(t *testing.T) *http.Client {
	client := NewHTTPClient(0)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestOnlyARequestWithABodyHasAContentType(t *testing.T) {
	for body, want := range map[string]string{"": "", "{}": "application/json"} {
		r, err := NewRequest(t.Context(), http.MethodPost, "http://a", []byte(body))
		if err != nil || r.Header.Get("Content-Type") != want {
			t.Errorf("%q: %v, %v", body, r, err)
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Errorf("%s was requested", r.URL)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	reply, err := sendTo(t.Context(), newClient(t), s.URL)
	if err != nil || reply.Status != http.StatusTemporaryRedirect || reply.Redirect() == "" {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestNoProxyIsUsedForThisMachine(t *testing.T) {
	// http.ProxyFromEnvironment reads the environment once, so that another process has to ask it.
	if hosts := os.Getenv("TEST_PROXIED_HOSTS"); hosts != "" {
		for host := range strings.SplitSeq(hosts, " ") {
			r, err := http.NewRequest(http.MethodPost, "http://"+host+":4700/", nil)
			if err != nil {
				t.Fatal(err)
			}
			proxy, err := Proxy(r)
			fmt.Printf("%s %t %v\n", host, proxy != nil, err)
		}
		return
	}
	hosts := map[string]bool{ // whether a proxy is used
		"localhost": false, "LOCALHOST": false, "localhost.": false, "chat.localhost": false, "chat.localhost.": false,
		"127.0.0.1": false, "127.9.9.9": false, "[::1]": false, "0.0.0.0": false, "[::]": false,
		"chat.example": true, "localhost.example": true, "notlocalhost": true, "127.0.0.1.example": true, "10.0.0.1": true,
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = []string{
		"HTTP_PROXY=http://proxy.example:8080", "TEST_PROXIED_HOSTS=" + strings.Join(slices.Sorted(maps.Keys(hosts)), " "),
	}
	text, err := again.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for host, want := range hosts {
		if line := fmt.Sprintf("%s %t <nil>\n", host, want); !strings.Contains("\n"+string(text), "\n"+line) {
			t.Errorf("missing %q in\n%s", line, text)
		}
	}
}

func TestAServerThatDoesNotRunIsNamed(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	_, err := sendTo(t.Context(), newClient(t), strings.Replace(s.URL, "//", "//a:secret@", 1)+"/?key=secret")
	if err == nil || !strings.HasPrefix(err.Error(), "the server "+s.URL+"/ cannot be reached: dial tcp") ||
		!strings.HasSuffix(err.Error(), ": start it") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestAServerWithoutTLSIsNamed(t *testing.T) {
	s := httptest.NewServer(nil)
	defer s.Close()
	_, err := sendTo(t.Context(), newClient(t), strings.Replace(s.URL, "http", "https", 1))
	if err == nil || !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		t.Errorf("got %v", err)
	}
}

func TestAServerWhoseCertificateIsNotKnownIsNotTrusted(t *testing.T) {
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := sendTo(t.Context(), newClient(t), s.URL)
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatAnswersGarbageIsAnError(t *testing.T) {
	for name, text := range hostile.Garbage {
		t.Run(name, func(t *testing.T) {
			reply, err := sendTo(t.Context(), newClient(t), hostile.Saying(t, text))
			if err == nil || strings.ContainsAny(err.Error(), "\x00\x1b\r\n") ||
				!strings.HasSuffix(err.Error(), ": start it") {
				t.Errorf("got %+v, %v", reply, err)
			}
		})
	}
}

func TestWhatAServerSaysIsNotInTheTextForTheLog(t *testing.T) {
	for _, text := range []string{"HTTP/1.1 said\r\n\r\n", "HTTP/1.1 200 OK\r\nsaid\r\n\r\n"} {
		url := hostile.Saying(t, text)
		_, err := sendTo(t.Context(), newClient(t), url)
		server, ok := errors.AsType[*ServerError](err)
		if !ok || strings.Contains(server.Log, "said") || !strings.Contains(server.Message, "said") ||
			server.Error() != server.Message ||
			server.Log != "the server "+url+" does not answer as a web server: …: start it" {
			t.Errorf("got %+v, %v", server, err)
		}
	}
	if e := Errorf("a%s%s %d", Saying(""), Saying("said"), 1); e.Message != "asaid 1" || e.Log != "a… 1" {
		t.Errorf("got %+v", e)
	}
}

func TestABodyThatIsTooLongIsNotReadToItsEnd(t *testing.T) {
	reply, err := sendTo(t.Context(), newClient(t), hostile.Server(t, hostile.Endless))
	if err != nil || !reply.Long || len(reply.Body) != MaximumBody {
		t.Errorf("got %d bytes, %v, %v", len(reply.Body), reply.Long, err)
	}
	for length, want := range map[int]bool{MaximumBody: false, MaximumBody + 1: true} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, length))
		}))
		reply, err := sendTo(t.Context(), newClient(t), s.URL)
		if err != nil || reply.Long != want || len(reply.Body) != MaximumBody {
			t.Errorf("%d: got %d bytes, %v, %v", length, len(reply.Body), reply.Long, err)
		}
		s.Close()
	}
}

func TestTheEndOfTheContextEndsARequestThatHangs(t *testing.T) {
	for name, text := range hostile.Slow {
		t.Run(name, func(t *testing.T) {
			url, untilItHangs := hostile.Hanging(t, text)
			_, err := sendTo(untilItHangs(), newClient(t), url)
			if !errors.Is(err, context.Canceled) ||
				!strings.HasPrefix(err.Error(), "the server "+url+" has not answered") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The body of such a reply is the connection, from which a read ends with neither its context nor its server.
func TestAServerThatSwitchesTheProtocolIsAnsweredAtOnce(t *testing.T) {
	url := hostile.Server(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		hostile.UntilClosed(c)
	})
	reply, err := sendTo(t.Context(), newClient(t), url)
	if err != nil || reply.Status != http.StatusSwitchingProtocols || reply.OK() || reply.Header.Get("Upgrade") != "x" {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestParallelRequestsKeepTheirConnections(t *testing.T) {
	const parallel = 100
	var opened atomic.Int32
	var waiting sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		waiting.Done()
		waiting.Wait() // until all requests are here
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	client := newClient(t)
	client.Transport.(*http.Transport).IdleConnTimeout = time.Hour // a slow machine must not matter
	for range 3 {
		waiting.Add(parallel)
		var all sync.WaitGroup
		for range parallel {
			all.Go(func() {
				if _, err := sendTo(t.Context(), client, s.URL); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if n := opened.Load(); n > parallel {
		t.Errorf("%d connections were opened for %d requests at a time", n, parallel)
	}
}
