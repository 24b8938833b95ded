package emulator

import (
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// startAt starts an emulator that listens on the address, with the function in place of net.Listen.
func startAt(
	t *testing.T, config Config, listen func(network, address string) (net.Listener, error),
) (*Emulator, error) {
	t.Helper()
	e, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	e.servers.listen = listen
	return e, e.Start()
}

func TestLocalhostMeansBothLoopbackAddressesWithOnePort(t *testing.T) {
	e, err := startAt(t, Config{Listen: "localhost:0", AdminListen: "LOCALHOST:0"}, net.Listen)
	if err != nil {
		t.Fatal(err)
	}
	if !e.hasIPv6() {
		t.Skip("this machine has no IPv6")
	}
	for _, url := range []string{e.URL(), e.AdminURL()} {
		_, port, _ := strings.Cut(url, "http://127.0.0.1:")
		for _, host := range []string{"127.0.0.1", "[::1]"} {
			response, err := http.Get("http://" + host + ":" + port + "/health")
			if err != nil {
				t.Fatal(err)
			}
			if response.Body.Close(); response.StatusCode != http.StatusOK {
				t.Errorf("%s at %s: %s", url, host, response.Status)
			}
		}
	}
}

// A fakeListener is a listener at an address that accepts nothing.
type fakeListener struct {
	net.Listener
	address string
	closed  chan struct{}
}

func (l *fakeListener) Accept() (net.Conn, error) {
	<-l.closed
	return nil, net.ErrClosed
}

func (l *fakeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *fakeListener) Addr() net.Addr {
	address, _ := net.ResolveTCPAddr("tcp", l.address) // an IP address
	return address
}

// A fakeNetwork listens on every address for which fails returns nil.
type fakeNetwork struct {
	fails    func(address string) error
	attempts []string
	opened   []*fakeListener
}

func (n *fakeNetwork) listen(network, address string) (net.Listener, error) {
	n.attempts = append(n.attempts, address)
	if err := n.fails(address); err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	l := &fakeListener{address: strings.Replace(address, ":0", ":4711", 1), closed: make(chan struct{})}
	n.opened = append(n.opened, l)
	return l, nil
}

// open returns the addresses of the listeners that were not closed.
func (n *fakeNetwork) open() (addresses []string) {
	for _, l := range n.opened {
		select {
		case <-l.closed:
		default:
			addresses = append(addresses, l.address)
		}
	}
	return addresses
}

func TestAnAddressMeansOnlyThatAddress(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:4700", ":0", "0.0.0.0:4700", ""} {
		n := &fakeNetwork{fails: func(string) error { return nil }}
		if _, err := startAt(t, Config{Listen: address}, n.listen); err != nil {
			t.Error(err)
		}
		if address == "" {
			address = "127.0.0.1:0"
		}
		if !slices.Equal(n.attempts, []string{address}) {
			t.Errorf("with %s, the emulator listens on %v", address, n.attempts)
		}
	}
}

var inUse = os.NewSyscallError("bind", syscall.EADDRINUSE)

func TestWithoutIPv6LocalhostMeansOneAddress(t *testing.T) {
	n := &fakeNetwork{fails: func(address string) error {
		if strings.HasPrefix(address, "[::1]:") {
			return os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
		}
		return nil
	}}
	e, err := startAt(t, Config{Listen: "localhost:4700"}, n.listen)
	if err != nil {
		t.Fatal(err)
	}
	if open := n.open(); !slices.Equal(open, []string{"127.0.0.1:4700"}) || e.URL() != "http://127.0.0.1:4700" {
		t.Errorf("the emulator at %s listens on %v", e.URL(), open)
	}
}

func TestAPortInUseOnOneLoopbackAddressIsAFailureThatNamesIt(t *testing.T) {
	for _, taken := range []string{"127.0.0.1:4700", "[::1]:4700"} {
		n := &fakeNetwork{fails: func(address string) error {
			if address == taken {
				return inUse
			}
			return nil
		}}
		_, err := startAt(t, Config{Listen: "localhost:4700", AdminListen: "127.0.0.1:4701"}, n.listen)
		if err == nil || !strings.Contains(err.Error(), "listen on "+taken+": ") {
			t.Errorf("Start: %v, want an error that names %s", err, taken)
		}
		if open := n.open(); len(open) != 0 {
			t.Errorf("the emulator still listens on %v", open)
		}
	}
}

func TestAFreePortIsFreeOnBothLoopbackAddresses(t *testing.T) {
	failures := 0
	n := &fakeNetwork{}
	n.fails = func(address string) error {
		if address == "[::1]:4711" && failures < 3 {
			failures++
			return inUse
		}
		return nil
	}
	if _, err := startAt(t, Config{Listen: "localhost:0"}, n.listen); err != nil {
		t.Fatal(err)
	}
	if open := n.open(); failures != 3 || !slices.Equal(open, []string{"127.0.0.1:4711", "[::1]:4711"}) {
		t.Errorf("after %d failures, the emulator listens on %v", failures, open)
	}
}
