// Package relay passes TCP connections on to servers, over a network that can fail, for tests.
package relay

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// A Relay accepts connections and passes them on. With one target it is a link that can be cut, with several it is
// also a balancer. All methods may be called at the same time.
type Relay struct {
	// Address is where the relay accepts connections: 127.0.0.1:PORT.
	Address string

	listener net.Listener
	all      sync.WaitGroup // the goroutines

	mu      sync.Mutex // guards what follows
	targets []string
	state   state
	delay   time.Duration
	changed chan struct{} // closed when the state changes
	conns   map[*net.TCPConn]bool
}

// A state says what happens to connections.
type state int

const (
	passing state = iota
	hung
	cut
	ended // with the test
)

// Start starts a relay, which ends with the test. Each connection is passed on to one of the targets at random, or to
// another one if that does not accept it. A target is an address, HOST:PORT.
func Start(t testing.TB, targets ...string) *Relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{
		Address: listener.Addr().String(), listener: listener, targets: targets,
		changed: make(chan struct{}), conns: map[*net.TCPConn]bool{},
	}
	r.all.Go(r.accept)
	t.Cleanup(func() {
		r.become(ended)
		_ = listener.Close()
		r.all.Wait()
	})
	return r
}

// SetTargets changes where new connections go. Without a target, they are reset.
func (r *Relay) SetTargets(targets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.targets = slices.Clone(targets)
}

// Cut resets all connections, and new ones as soon as they are accepted, until Restore.
func (r *Relay) Cut() { r.become(cut) }

// Hang keeps all connections open, and accepts new ones, but nothing that is sent from now on arrives, until Restore.
func (r *Relay) Hang() { r.become(hung) }

// Restore ends Cut and Hang. What was sent while the relay hung arrives.
func (r *Relay) Restore() { r.become(passing) }

// Delay makes everything that is sent from now on arrive later, in both directions. It does not reduce how much passes.
func (r *Relay) Delay(delay time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = delay
}

func (r *Relay) become(next state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = next
	close(r.changed)
	r.changed = make(chan struct{})
	if next == cut || next == ended {
		for conn := range r.conns {
			reset(conn)
		}
	}
}

// accept accepts connections until the listener is closed.
func (r *Relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.all.Go(func() { r.serve(conn.(*net.TCPConn)) })
	}
}

// serve passes a connection on until both ends have closed it, or one has failed.
func (r *Relay) serve(client *net.TCPConn) {
	if !r.await(time.Now()) {
		reset(client)
		return
	}
	server := r.dial()
	if server == nil {
		reset(client)
		return
	}
	r.add(client, server)
	var directions sync.WaitGroup
	directions.Go(func() { r.pass(client, server) })
	directions.Go(func() { r.pass(server, client) })
	directions.Wait()
	r.remove(client, server)
}

// dial connects to one of the targets, in random order. It returns nil if none accepts the connection.
func (r *Relay) dial() *net.TCPConn {
	r.mu.Lock()
	targets := slices.Clone(r.targets)
	r.mu.Unlock()
	rand.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	for _, target := range targets {
		if conn, err := net.Dial("tcp", target); err == nil {
			return conn.(*net.TCPConn)
		}
	}
	return nil
}

// add makes become reset the ends of a connection. It resets them itself if they are late.
func (r *Relay) add(ends ...*net.TCPConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, end := range ends {
		r.conns[end] = true
		if r.state == cut || r.state == ended {
			reset(end)
		}
	}
}

func (r *Relay) remove(ends ...*net.TCPConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, end := range ends {
		delete(r.conns, end)
		_ = end.Close()
	}
}

// A piece is what was read from one end of a connection at once.
type piece struct {
	data []byte
	err  error     // io.EOF at the end of the data, another error if the connection failed
	due  time.Time // when it arrives at the other end
}

// pass passes on what one end of a connection sends.
func (r *Relay) pass(from, to *net.TCPConn) {
	pieces := make(chan piece, 64) // so that many are on their way at once
	r.all.Go(func() { r.read(from, pieces) })
	for piece := range pieces {
		if err := r.deliver(piece, to); err != nil {
			reset(from)
			reset(to)
			break
		}
	}
	for range pieces { // ends soon, because from is reset or has sent everything
	}
}

// read reads pieces from one end of a connection.
func (r *Relay) read(from *net.TCPConn, pieces chan<- piece) {
	defer close(pieces)
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		r.mu.Lock()
		due := time.Now().Add(r.delay)
		r.mu.Unlock()
		pieces <- piece{buffer[:n], err, due}
		if err != nil {
			return
		}
	}
}

// deliver waits until a piece is due, and writes it to the other end of the connection.
func (r *Relay) deliver(p piece, to *net.TCPConn) error {
	if !r.await(p.due) {
		return net.ErrClosed
	}
	if _, err := to.Write(p.data); err != nil {
		return err
	}
	if errors.Is(p.err, io.EOF) {
		return to.CloseWrite()
	}
	return p.err
}

// await waits until a time, and until the relay does not hang. It returns false if the connections are cut.
func (r *Relay) await(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		r.mu.Lock()
		state, changed := r.state, r.changed
		r.mu.Unlock()
		switch {
		case state == cut || state == ended:
			return false
		case state == hung:
			<-changed
		case !time.Now().Before(due):
			return true
		default:
			select {
			case <-changed:
			case <-timer.C:
			}
		}
	}
}

// reset closes a connection so that the other end sees an error instead of an end.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}
