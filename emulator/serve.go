package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Machine time. A client that is slower than this is none that waits for an
// answer.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	// drainTimeout is how long Close waits for requests under way.
	drainTimeout = 3 * time.Second
)

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// Start listens and serves in the background until Close. It fails when the
// address cannot be listened on, or has been started or closed before.
func (e *Emulator) Start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return errors.New("the emulator is closed")
	case e.listener != nil:
		return fmt.Errorf("the emulator listens on %s already", e.listener.Addr())
	}
	listener, err := net.Listen("tcp", e.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", e.config.Listen, err)
	}
	if err := e.openDoor(); err != nil {
		return errors.Join(err, listener.Close())
	}
	e.listener = listener
	go func() {
		defer close(e.done)
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.config.Logger.Error("serving ended", "error", err)
		}
	}()
	return nil
}

// openDoor serves the emulator's own paths at an address of their own, if they
// are to have one.
func (e *Emulator) openDoor() error {
	if e.door == nil {
		return nil
	}
	listener, err := net.Listen("tcp", e.config.InspectListen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", e.config.InspectListen, err)
	}
	e.opened = listener.Addr()
	go func() { _ = e.door.Serve(listener) }() // until Close
	return nil
}

// InspectURL is where the emulator's own paths, /_ivschat/, are: at URL unless
// they have an address of their own. "" is nowhere.
func (e *Emulator) InspectURL() string {
	switch {
	case e.config.InspectListen == InspectOff:
		return ""
	case e.door == nil:
		return e.URL()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.opened == nil {
		return ""
	}
	return EndpointURL(e.opened.String())
}

// Addr is the address that the emulator listens on, nil before Start.
func (e *Emulator) Addr() net.Addr {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener == nil {
		return nil
	}
	return e.listener.Addr()
}

// URL is the endpoint for an AWS SDK, for instance http://127.0.0.1:4700.
// Before Start it is "".
func (e *Emulator) URL() string {
	addr := e.Addr()
	if addr == nil {
		return ""
	}
	return EndpointURL(addr.String())
}

// EndpointURL gives the URL at which an emulator that listens on the address,
// host:port, is reached from its own machine. One that listens on all
// interfaces is reached at loopback.
func EndpointURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Done is closed when a started emulator no longer serves, because of Close or
// because its listener failed.
func (e *Emulator) Done() <-chan struct{} { return e.done }

// Close lets requests under way end, for up to three seconds, cuts off what is
// left and closes the database. Closing again does nothing and gives the same
// error.
func (e *Emulator) Close() error { return e.close() }

func (e *Emulator) shutdown() error {
	e.mu.Lock()
	e.closed = true
	started := e.listener != nil
	e.mu.Unlock()

	close(e.stopping)
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var chat sync.WaitGroup
	chat.Go(func() { e.socket.Close(ctx) })
	if e.door != nil {
		chat.Go(func() {
			if err := e.door.Shutdown(ctx); err != nil {
				_ = e.door.Close()
			}
		})
	}
	if err := e.server.Shutdown(ctx); err != nil {
		e.config.Logger.Warn("requests were cut off", "after", drainTimeout)
		_ = e.server.Close() // the connections that it cuts off are what it would complain of
	}
	chat.Wait()
	if started {
		<-e.done
	}
	return e.store.Close()
}
