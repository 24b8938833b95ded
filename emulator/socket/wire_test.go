//go:build unix

package socket

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
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
	return newTestWire(t, server, client)
}

// newTestWire returns a wire over the transport, and its other side.
func newTestWire(t *testing.T, server, client net.Conn) (*wire, net.Conn) {
	t.Helper()
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	server, client = serverSide(server), clientSide(client)
	if encrypted, ok := client.(*tls.Conn); ok {
		done := make(chan error)
		go func() { done <- encrypted.Handshake() }()
		if err := cmp.Or(server.(*tls.Conn).Handshake(), <-done); err != nil {
			t.Fatal(err)
		}
	}
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
	if accepted, all, _ := w.tryWrite([]byte("no")); accepted || all {
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
	n, err := w.Write(make([]byte, large))
	if timeout, ok := errors.AsType[net.Error](err); n != 0 || !ok || !timeout.Timeout() {
		t.Errorf("a write to a client that does not read ended with %d and %v", n, err)
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

func TestTheEndOfAConnectionIsNotInput(t *testing.T) {
	w, client := connect(t)
	if _, err := client.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	if !w.awaitInput() {
		t.Error("a byte of input is the end")
	}
	if _, err := w.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = tcp(client).Close() // TLS does not say that it ends
	if w.awaitInput() {
		t.Error("the end is input")
	}
	_ = w.Close()
	if !w.awaitInput() {
		t.Error("a connection that cannot be read any more was ended by its client")
	}
}

func TestWhatAClientSentBeforeTheAnswerToItsHandshakeIsReadFirst(t *testing.T) {
	w, client := connect(t)
	w.early = []byte("ab")
	if !w.awaitInput() { // although the client has sent nothing since
		t.Error("what the client sent is the end")
	}
	if _, err := client.Write([]byte("c")); err != nil {
		t.Fatal(err)
	}
	got := ""
	for range 3 {
		buffer := make([]byte, 1)
		n, err := w.Read(buffer)
		if n != 1 || err != nil {
			t.Fatalf("read %d bytes (%v)", n, err)
		}
		got += string(buffer)
	}
	if got != "abc" {
		t.Errorf("read %q", got)
	}
}

// connectInMemory is like connect, over a connection in memory.
func connectInMemory(t *testing.T) (*wire, net.Conn) {
	t.Helper()
	server, client := net.Pipe()
	return newTestWire(t, server, client)
}

func TestAWriteWaitsForAClientUntilItsDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*wire)
		want time.Duration // 0 means that it waits until the client reads
	}{
		"in the past":            {func(w *wire) { _ = w.SetWriteDeadline(time.Now().Add(-time.Second)) }, 1},
		"in three seconds":       {func(w *wire) { _ = w.SetWriteDeadline(time.Now().Add(3 * time.Second)) }, 3 * time.Second},
		"for reading, too":       {func(w *wire) { _ = w.SetDeadline(time.Now().Add(3 * time.Second)) }, 3 * time.Second},
		"which is none":          {func(w *wire) { _ = w.SetWriteDeadline(time.Time{}) }, 0},
		"which is none any more": {func(w *wire) { w.timeout = 1; _ = w.SetWriteDeadline(time.Time{}) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := connectInMemory(t)
				test.set(w)
				go func() {
					time.Sleep(time.Hour)
					_, _ = client.Read(make([]byte, 1))
				}()
				start := time.Now()
				_, err := w.Write([]byte("x"))
				waited := time.Since(start)
				if waited != cmp.Or(test.want, time.Hour) || (err == nil) != (test.want == 0) {
					t.Errorf("it waited %v (%v), want %v", waited, err, test.want)
				}
				_ = client.Close()
				synctest.Wait()
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestADeadlineIsAlsoForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := connectInMemory(t)
		start := time.Now()
		if err := w.SetDeadline(start.Add(3 * time.Second)); err != nil {
			t.Error(err)
		}
		_, err := w.Read(make([]byte, 1))
		if waited := time.Since(start); waited != 3*time.Second || err == nil {
			t.Errorf("it waited %v (%v)", waited, err)
		}
	})
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
		taken, err := takeOver(w)
		if err != nil {
			t.Error(err)
			hijacked <- nil
			return
		}
		_ = taken.Close()
		hijacked <- taken.Conn
	}))
	server.Listener = wrappedListener{server.Listener}
	server.Start()
	defer server.Close()
	_, _ = http.Get(server.URL) // the connection ends without a response
	if conn := <-hijacked; !isTCP(conn) {
		t.Errorf("the frames pass through a %T", conn)
	}
}

func isTCP(conn net.Conn) bool {
	_, ok := conn.(*net.TCPConn)
	return ok
}
