//go:build unix

package socket

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// connect returns a wire over the loopback interface, and its other side.
func connect(t *testing.T) (*wire, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return newWire(server), client
}

// large is more than the system accepts at once.
const large = 32 << 20

// readUntil reads until the deadline has passed.
func readUntil(client net.Conn, deadline time.Time) {
	_ = client.SetReadDeadline(deadline)
	_, _ = io.Copy(io.Discard, client)
}

func TestNothingIsWrittenBetweenThePartsOfAFrame(t *testing.T) {
	w, client := connect(t)
	frame := bytes.Repeat([]byte("x"), large)
	accepted, all, err := w.tryWrite(frame)
	if err != nil || !accepted || all {
		t.Fatalf("accepted: %v, all of it: %v, error: %v", accepted, all, err)
	}
	if accepted, _, _ := w.tryWrite([]byte("no")); accepted {
		t.Error("a second frame was accepted before the rest of the first was written")
	}
	var writes sync.WaitGroup
	writes.Go(func() {
		if _, err := w.Write([]byte("pong")); err != nil {
			t.Error(err)
		}
		_ = w.Conn.Close()
	})
	got, err := io.ReadAll(client)
	if err != nil || !bytes.Equal(got, append(frame, "pong"...)) {
		t.Errorf("received %d bytes, which are not those that were written, and %v", len(got), err)
	}
	writes.Wait()
}

func TestTheRestOfAFrameIsWrittenWithoutAnotherFrame(t *testing.T) {
	w, client := connect(t)
	if _, all, _ := w.tryWrite(make([]byte, large)); all {
		t.Fatal("the system accepted all of it")
	}
	var writes sync.WaitGroup
	writes.Go(func() {
		if err := w.write(nil); err != nil {
			t.Error(err)
		}
		_ = w.Conn.Close()
	})
	if got, err := io.Copy(io.Discard, client); got != large {
		t.Errorf("received %d bytes, want %d, and %v", got, large, err)
	}
	writes.Wait()
}

func TestNothingIsWrittenAfterACloseFrame(t *testing.T) {
	w, _ := connect(t)
	if _, err := w.Write([]byte{0x88, 0}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.tryWrite([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("tryWrite: %v", err)
	}
	if err := w.write([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("write: %v", err)
	}
}

func TestTheDeadlineOfAnEarlierWriteDoesNotMatter(t *testing.T) {
	w, client := connect(t)
	deadline := time.Now().Add(50 * time.Millisecond)
	_ = w.SetWriteDeadline(deadline)
	if _, err := w.Write([]byte("pong")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("pong"))
	if _, err := io.ReadFull(client, got); string(got) != "pong" {
		t.Fatalf("received %q, and %v", got, err)
	}
	readUntil(client, deadline)
	if _, all, err := w.tryWrite([]byte("frame")); !all {
		t.Errorf("the frame was not written: %v", err)
	}
}

func TestNothingIsWrittenAfterAWriteThatFailed(t *testing.T) {
	w, _ := connect(t)
	_ = w.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := w.Write(make([]byte, large))
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("a write to a client that does not read ended with %v", err)
	}
	if _, _, err := w.tryWrite([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("tryWrite: %v", err)
	}
}

func TestTheTimeToWaitForTheOtherWriterIsNotCounted(t *testing.T) {
	w, client := connect(t)
	deadline := time.Now().Add(50 * time.Millisecond)
	_ = w.SetWriteDeadline(deadline)
	w.mu.Lock()
	written := make(chan error)
	go func() {
		_, err := w.Write([]byte("pong"))
		written <- err
	}()
	readUntil(client, deadline)
	w.mu.Unlock()
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestInputThatArrivedBeforeAwaitInputIsRead(t *testing.T) {
	w, client := connect(t)
	if _, err := client.Write([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(w, first); err != nil { // the poller has reported the input now
		t.Fatal(err)
	}
	w.awaitInput()
	if _, err := io.ReadFull(w, first); err != nil || first[0] != 'b' {
		t.Errorf("read %q, and %v", first, err)
	}
}

func TestAPipeAcceptsNothingAtOnce(t *testing.T) {
	server, client := net.Pipe()
	defer server.Close()
	defer client.Close()
	w := newWire(server)
	if accepted, _, err := w.tryWrite([]byte("x")); accepted || err != nil {
		t.Errorf("accepted: %v, error: %v", accepted, err)
	}
	w.awaitInput()
}

// A wrappedListener wraps every connection, as a server does that looks at first bytes.
type wrappedListener struct{ net.Listener }

type wrappedConn struct{ net.Conn }

func (c wrappedConn) AfterFirstBytes() net.Conn { return c.Conn }

func (l wrappedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return wrappedConn{conn}, err
}

func TestAFrameDoesNotPassThroughTheWrapperOfItsConnection(t *testing.T) {
	hijacked := make(chan net.Conn, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := (&hijacker{ResponseWriter: w}).Hijack()
		if err != nil {
			t.Error(err)
			hijacked <- new(wire)
			return
		}
		_ = conn.Close()
		hijacked <- conn
	}))
	server.Listener = wrappedListener{server.Listener}
	server.Start()
	defer server.Close()
	_, _ = http.Get(server.URL) // the connection ends without a response
	if conn := (<-hijacked).(*wire).Conn; !isTCP(conn) {
		t.Errorf("the frames pass through a %T", conn)
	}
}

func isTCP(conn net.Conn) bool {
	_, ok := conn.(*net.TCPConn)
	return ok
}
