package emulator

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

// newWithAdmin returns an emulator that, once started, serves the admin API at an address of its own.
func newWithAdmin(t *testing.T, log *bytes.Buffer) *Emulator {
	t.Helper()
	e, err := New(Config{AdminListen: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestAListenerThatFailsIsLoggedAndClosesDone(t *testing.T) {
	for name, pick := range map[string]func(*servers) *server{
		"main":  func(s *servers) *server { return &s.main },
		"admin": func(s *servers) *server { return s.admin },
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			var log bytes.Buffer
			e := newWithAdmin(t, &log)
			if err := e.Start(); err != nil {
				t.Fatal(err)
			}
			failed := pick(e.servers).listeners[0]
			if err := failed.Close(); err != nil {
				t.Fatal(err)
			}
			<-e.Done()
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			want := `level=ERROR msg="a listener failed" address=` + failed.Addr().String() + " error="
			if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), want) {
				t.Errorf("the log does not have one error, %s:\n%s", want, &log)
			}
		})
	}
}

func TestNothingIsLoggedAsAnErrorWhenTheEmulatorIsClosed(t *testing.T) {
	var log bytes.Buffer
	e := newWithAdmin(t, &log)
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	<-e.Done()
	if text := log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "level=WARN") {
		t.Errorf("the log has\n%s", text)
	}
}

// A stubbornListener accepts no connection, and goes on trying after Close until it is released.
type stubbornListener struct{ released chan struct{} }

func (l stubbornListener) Accept() (net.Conn, error) {
	<-l.released
	return nil, net.ErrClosed
}

func (stubbornListener) Close() error   { return nil }
func (stubbornListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

func TestCloseWaitsForEveryServer(t *testing.T) {
	for name, order := range map[string][]int{
		"the main server ends first": {0, 1}, "the admin API ends first": {1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				e := newWithAdmin(t, &log)
				var listeners []stubbornListener
				e.servers.listen = func(string, string) (net.Listener, error) {
					l := stubbornListener{make(chan struct{})}
					listeners = append(listeners, l)
					return l, nil
				}
				if err := e.Start(); err != nil {
					t.Fatal(err)
				}
				synctest.Wait() // until both servers accept connections
				closed := false
				go func() {
					_ = e.Close()
					closed = true
				}()
				for _, i := range order {
					if synctest.Wait(); closed {
						t.Fatal("Close returned while a server was running")
					}
					close(listeners[i].released)
				}
				if synctest.Wait(); !closed {
					t.Error("Close does not return")
				}
				<-e.Done()
			})
		})
	}
}

// A countedListener is a listener that counts down when it is closed.
type countedListener struct {
	net.Listener
	open *atomic.Int32
}

func (l countedListener) Close() error {
	l.open.Add(-1)
	return l.Listener.Close()
}

func TestStartListensOnAllAddressesOrOnNone(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	e, err := New(Config{AdminListen: taken.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var open atomic.Int32
	attempts := 0
	e.servers.listen = func(network, address string) (net.Listener, error) {
		attempts++
		l, err := net.Listen(network, address)
		if err == nil {
			open.Add(1)
			l = countedListener{l, &open}
		}
		return l, err
	}
	if err := e.Start(); err == nil || !strings.Contains(err.Error(), "listen on "+taken.Addr().String()) {
		t.Fatalf("Start: %v", err)
	}
	if attempts != 2 || open.Load() != 0 {
		t.Errorf("%d listeners are open after %d attempts, want 0 after 2", open.Load(), attempts)
	}
	if e.Addr() != nil || e.URL() != "" || e.AdminURL() != "" {
		t.Errorf("the emulator has the addresses %q and %q", e.URL(), e.AdminURL())
	}
	select {
	case <-e.Done():
		t.Error("Done is closed, although the emulator was not started")
	default:
	}

	_ = taken.Close()
	if err := e.Start(); err != nil {
		t.Fatalf("Start, when the address is free again: %v", err)
	}
	for _, url := range []string{e.URL() + "/health", e.AdminURL() + "/_ivschat/v1/clock"} {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, response.Status)
		}
	}
}

func TestCloseDuringStartLeavesNoServer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 50 {
		e := newWithAdmin(t, new(bytes.Buffer))
		var all sync.WaitGroup
		all.Go(func() { _ = e.Start() }) // before Close or after it
		all.Go(func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
	}
}
