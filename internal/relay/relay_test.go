package relay_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/relay"
)

func TestARelayPassesDataOnInBothDirections(t *testing.T) {
	conn := dial(t, relay.Start(t, echo(t, "")))
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	var sending sync.WaitGroup
	sending.Go(func() {
		if _, err := conn.Write(data); err != nil {
			t.Error(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Error(err)
		}
	})
	received, err := io.ReadAll(conn)
	sending.Wait()
	if err != nil || !bytes.Equal(received, data) {
		t.Errorf("%d of %d bytes arrived: %v", len(received), len(data), err)
	}
}

func TestACutResetsConnectionsUntilTheRelayIsRestored(t *testing.T) {
	r := relay.Start(t, echo(t, ""))
	conn := dial(t, r)
	exchange(t, conn, "before")
	r.Cut()
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Read returns %d, %v", n, err)
	}
	expectReset(t, r)
	r.Restore()
	exchange(t, dial(t, r), "after")
}

func TestARelayThatHangsDeliversLater(t *testing.T) {
	r := relay.Start(t, echo(t, ""))
	old := dial(t, r)
	exchange(t, old, "before")
	r.Hang()
	conns := []*net.TCPConn{old, dial(t, r)}
	for _, conn := range conns {
		send(t, conn, "meanwhile")
	}
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read returns %d, %v", n, err)
		}
		_ = conn.SetReadDeadline(time.Time{})
	}
	r.Restore()
	for _, conn := range conns {
		receive(t, conn, "meanwhile")
		exchange(t, conn, "after")
	}
}

func TestADelayAppliesToBothDirections(t *testing.T) {
	r := relay.Start(t, echo(t, ""))
	conn := dial(t, r)
	exchange(t, conn, "before")
	const delay = 20 * time.Millisecond
	r.Delay(delay)
	began := time.Now()
	exchange(t, conn, "with a delay")
	if took := time.Since(began); took < 2*delay {
		t.Errorf("an exchange took %v", took)
	}
	r.Delay(time.Hour)
	send(t, conn, "never")
	r.Cut() // does not wait for it
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Read returns %d, %v", n, err)
	}
}

func TestABalancerUsesAllTargetsThatAcceptConnections(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := closed.Addr().String()
	_ = closed.Close()
	r := relay.Start(t, away, echo(t, "a"), echo(t, "b"))
	seen := map[string]bool{}
	for len(seen) < 2 {
		conn := dial(t, r)
		name := make([]byte, 1)
		if _, err := io.ReadFull(conn, name); err != nil {
			t.Fatal(err)
		}
		seen[string(name)] = true
		_ = conn.Close()
	}
	r.SetTargets(away)
	expectReset(t, r)
	r.SetTargets(echo(t, "c"))
	receive(t, dial(t, r), "c")
}

// echo starts a server that sends a greeting, and then what it receives. It returns its address.
func echo(t *testing.T, greeting string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				_, _ = io.Copy(conn, io.MultiReader(strings.NewReader(greeting), conn))
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return listener.Addr().String()
}

func dial(t *testing.T, r *relay.Relay) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", r.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// expectReset checks that a relay resets a new connection.
func expectReset(t *testing.T, r *relay.Relay) {
	t.Helper()
	conn, err := net.Dial("tcp", r.Address)
	if err == nil {
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a new connection ends with %v", err)
	}
}

func exchange(t *testing.T, conn *net.TCPConn, text string) {
	t.Helper()
	send(t, conn, text)
	receive(t, conn, text)
}

func send(t *testing.T, conn *net.TCPConn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn *net.TCPConn, text string) {
	t.Helper()
	buffer := make([]byte, len(text))
	if _, err := io.ReadFull(conn, buffer); err != nil || string(buffer) != text {
		t.Fatalf("received %q instead of %q: %v", buffer, text, err)
	}
}
