package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/console"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/socket"
)

// These are in the machine's time. A client slower than this is treated as gone.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	// drainTimeout is how long Close waits for requests in progress.
	drainTimeout = 3 * time.Second
	// closeTimeout is how long Close takes at most, with the delivery of chat logs.
	closeTimeout = 5 * time.Second
)

// maximumHeader is how long the header of a request may be, in bytes, with its first line (decision D59).
const maximumHeader = 128 << 10

// servers is the HTTP servers of an emulator, with their listeners.
//
// A server has a listener for each address that it listens on. Start starts one goroutine for each
// listener, which accepts connections. The first of them to end closes done. Close ends them and waits
// for all.
type servers struct {
	// Static after New.
	logger     *slog.Logger
	encryption *encryption
	listen     func(network, address string) (net.Listener, error) // net.Listen, except in tests
	main       server
	admin      *server // the admin API at an address of its own; nil without one

	mu      sync.Mutex // guards what follows, and the listeners
	started bool
	closed  bool

	running sync.WaitGroup // not added to by Start once closed is true
	ended   sync.Once
	done    chan struct{} // closed by the first server that no longer serves
}

// A server is one HTTP server.
type server struct {
	address   string // to listen on, host:port
	http      *http.Server
	take      takeFunc       // of chat clients; nil if there is none
	listeners []net.Listener // none before Start; guarded by servers.mu
}

// newServers makes the servers that the config asks for.
func newServers(
	config Config, encryption *encryption, all, admin http.Handler, stopping <-chan struct{},
) *servers {
	s := &servers{logger: config.Logger, encryption: encryption, listen: net.Listen, done: make(chan struct{})}
	bodies := newBodies(stopping) // of both servers
	s.main = server{address: config.Listen, http: s.newHTTPServer(bodies.limit(all))}
	if listen := config.AdminListen; listen != "" && listen != AdminOff {
		s.admin = &server{address: listen, http: s.newHTTPServer(bodies.limit(admin))}
	}
	return s
}

func (s *servers) newHTTPServer(handler http.Handler) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maximumHeader,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	if s.encryption.config != nil {
		server.Handler = withTLS(handler)
		server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		}
	}
	return server
}

// all returns every server.
func (s *servers) all() []*server {
	if s.admin == nil {
		return []*server{&s.main}
	}
	return []*server{&s.main, s.admin}
}

// Start listens, and serves in the background until Close. It fails when it cannot listen on every
// address, and then listens on none. It also fails when the emulator was started or closed before.
func (s *servers) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return errors.New("the emulator is closed: create a new one")
	case s.started:
		return fmt.Errorf("the emulator already listens on %s", s.main.listeners[0].Addr())
	}
	var opened [][]net.Listener // for each server
	for _, one := range s.all() {
		listeners, err := s.open(one.address)
		if err != nil {
			closeAll(slices.Concat(opened...))
			return err
		}
		opened = append(opened, listeners)
	}
	s.started = true
	for i, one := range s.all() {
		one.listeners = opened[i]
		for _, listener := range one.listeners {
			s.running.Go(func() { s.serve(one, listener) })
		}
	}
	return nil
}

// A ListenError is an address that the emulator cannot listen on.
type ListenError struct {
	Address string // host:port
	Err     error
}

// Error returns the address, the reason, and what to do.
func (e *ListenError) Error() string {
	text := fmt.Sprintf("listen on %s: %v", e.Address, e.Err)
	if errors.Is(e.Err, syscall.EADDRINUSE) {
		text += ": stop the program that uses it, or choose another address"
	}
	return text
}

// Unwrap returns the reason.
func (e *ListenError) Unwrap() error { return e.Err }

// listenError returns a ListenError for an error of net.Listen.
func listenError(address string, err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err // without the address once more
	}
	return &ListenError{address, err}
}

// serve serves until the server is shut down or its listener fails.
func (s *servers) serve(one *server, on net.Listener) {
	defer s.ended.Do(func() { close(s.done) })
	if err := one.http.Serve(&listener{on, s.encryption, one.take}); !errors.Is(err, http.ErrServerClosed) {
		s.logger.Error("a listener failed", "address", on.Addr(), "error", err)
	}
}

// addr returns the address that a server listens on, nil before Start.
func (s *servers) addr(one *server) net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(one.listeners) == 0 {
		return nil
	}
	return one.listeners[0].Addr()
}

// Addr returns the address that the emulator listens on, nil before Start. For localhost, it is the
// address with 127.0.0.1.
func (s *servers) Addr() net.Addr { return s.addr(&s.main) }

// URL returns the endpoint for an AWS SDK, for instance http://127.0.0.1:4700, or https://127.0.0.1:4700 if clients can
// use TLS. It is "" before Start.
func (s *servers) URL() string { return s.urlOf(s.Addr()) }

// Done returns a channel that is closed when a started emulator has stopped serving at one of its
// addresses, because of Close or because a listener failed.
func (s *servers) Done() <-chan struct{} { return s.done }

// AdminURL returns the URL of the admin API, /_ivschat/. It is URL unless it has a separate address.
// It is "" before Start, and if the admin API is disabled.
func (e *Emulator) AdminURL() string {
	switch {
	case e.config.AdminListen == AdminOff:
		return ""
	case e.servers.admin == nil:
		return e.URL()
	default:
		return e.servers.urlOf(e.addr(e.servers.admin))
	}
}

// ConsoleURL returns the URL of the console, for a browser. It is "" before Start, and if the admin API is disabled.
func (e *Emulator) ConsoleURL() string {
	if url := e.AdminURL(); url != "" {
		return url + console.Path
	}
	return ""
}

// ServeHTTP serves AWS's API and, unless they have an address of their own or are off, the admin API and the
// console. A WebSocket handshake on any path connects a chat client. At the hosts of the service, there is only what
// the service has there (decision D74): ivschat.<region>.amazonaws.com is the control plane, and
// edge.ivschat.<region>.amazonaws.com the messaging endpoint.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.serve(w, r, e.config.AdminListen == "")
}

// serveAdmin is ServeHTTP at the address of the admin API. It serves AWS's API, too, because the console
// works with everything at the address that it was opened at.
func (e *Emulator) serveAdmin(w http.ResponseWriter, r *http.Request) { e.serve(w, r, true) }

func (e *Emulator) serve(w http.ResponseWriter, r *http.Request, withAdmin bool) {
	if r.Body == nil { // made by http.NewRequest, and not received by a server
		request := *r
		r, request.Body = &request, http.NoBody
	}
	switch endpoint, _ := ivschat.ParseHost(r.Host); {
	case endpoint == ivschat.ControlEndpoint:
		e.control.ServeHTTP(w, r)
	case endpoint == ivschat.MessagingEndpoint, socket.IsHandshake(r): // package socket checks the rest
		e.socket.ServeHTTP(w, r)
	case withAdmin && admin.Serves(r), admin.IsHealth(r.URL.Path):
		e.admin.ServeHTTP(w, r)
	default:
		e.control.ServeHTTP(w, r)
	}
}

func (s *servers) urlOf(address net.Addr) string {
	if address == nil {
		return ""
	}
	return s.encryption.url(address)
}

// EndpointURL returns the URL of an emulator that listens on the address, host:port, for clients on
// the same machine. If it listens on localhost or on all interfaces, the URL has 127.0.0.1. It is plain HTTP, which
// every emulator speaks, with or without TLS.
func EndpointURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip := net.ParseIP(host); host == "" || isLocalhost(host) || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// shutdown lets requests in progress finish until the context ends, then cuts them off. It returns
// when no server serves any more.
func (s *servers) shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for _, one := range s.all() {
		s.running.Go(func() {
			if err := one.http.Shutdown(ctx); err != nil {
				s.logger.Warn("requests were cut off", "after", drainTimeout, "error", err)
				_ = one.http.Close() // its error is about the connections that it cuts off
			}
		})
	}
	s.running.Wait()
}

// Close lets requests in progress finish for up to three seconds, cuts off the rest, delivers chat logs until it has
// taken five seconds, and closes the database. Calling it again does nothing and returns the same error.
func (e *Emulator) Close() error { return e.close() }

func (e *Emulator) shutdown() error {
	close(e.stopping)
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var chat sync.WaitGroup
	chat.Go(func() { e.socket.Close(ctx) })
	e.servers.shutdown(ctx)
	chat.Wait()
	e.reviews.Close(ctx)
	e.logging.Close()
	flushing, cancel := context.WithDeadline(context.Background(), began.Add(closeTimeout))
	defer cancel()
	return errors.Join(e.recorder.Close(flushing), e.closeData())
}
