//go:build unix

package socket

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// wired gives a wire over the loopback interface, and its other side.
func wired(t *testing.T) (*wire, net.Conn) {
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

func TestNothingGetsBetweenTheHalvesOfAFrame(t *testing.T) {
	w, client := wired(t)
	large := bytes.Repeat([]byte("x"), 32<<20) // more than the system takes at once
	took, all, err := w.tryWrite(large)
	if err != nil || !took || all {
		t.Fatalf("took it: %v, all of it: %v, %v", took, all, err)
	}
	if took, _, _ := w.tryWrite([]byte("no")); took {
		t.Error("it took a second one")
	}
	var writes sync.WaitGroup
	writes.Go(func() {
		if _, err := w.Write([]byte("pong")); err != nil {
			t.Error(err)
		}
		_ = w.Conn.Close()
	})
	got, err := io.ReadAll(client)
	if err != nil || !bytes.Equal(got, append(large, "pong"...)) {
		t.Errorf("%d bytes came, and not those that were written: %v", len(got), err)
	}
	writes.Wait()
}

func TestTheRestIsWrittenWithoutAnythingToFollow(t *testing.T) {
	w, client := wired(t)
	large := make([]byte, 32<<20)
	if _, all, _ := w.tryWrite(large); all {
		t.Fatal("the system took it all")
	}
	var writes sync.WaitGroup
	writes.Go(func() {
		if err := w.write(nil); err != nil {
			t.Error(err)
		}
		_ = w.Conn.Close()
	})
	if got, err := io.Copy(io.Discard, client); got != int64(len(large)) {
		t.Errorf("%d bytes came, %v", got, err)
	}
	writes.Wait()
}

func TestNothingFollowsACloseFrame(t *testing.T) {
	w, _ := wired(t)
	if _, err := w.Write([]byte{0x88, 0}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.tryWrite([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("tried: %v", err)
	}
	if err := w.write([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("written: %v", err)
	}
}

func TestADeadlineThatHasPassedIsForgotten(t *testing.T) {
	w, client := wired(t)
	deadline := time.Now().Add(50 * time.Millisecond)
	_ = w.SetWriteDeadline(deadline)
	if _, err := w.Write([]byte("pong")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("pong"))
	if _, err := io.ReadFull(client, got); string(got) != "pong" {
		t.Fatalf("%q came, %v", got, err)
	}
	_ = client.SetReadDeadline(deadline)
	_, _ = io.ReadAll(client) // until it has passed
	if _, all, err := w.tryWrite([]byte("frame")); !all {
		t.Errorf("it is not written: %v", err)
	}
}

func TestNothingFollowsAWriteThatFailed(t *testing.T) {
	w, _ := wired(t)
	_ = w.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := w.Write(make([]byte, 32<<20))
	if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a client that does not read is waited for: %v", err)
	}
	if _, _, err := w.tryWrite([]byte("x")); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

func TestADeadlineCountsFromWhenOthersHaveWritten(t *testing.T) {
	w, client := wired(t)
	deadline := time.Now().Add(50 * time.Millisecond)
	_ = w.SetWriteDeadline(deadline)
	w.mu.Lock()
	written := make(chan error)
	go func() {
		_, err := w.Write([]byte("pong"))
		written <- err
	}()
	_ = client.SetReadDeadline(deadline)
	_, _ = io.ReadAll(client) // until it has passed
	w.mu.Unlock()
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestWhoeverSpokeBeforeItIsAwaitedIsHeard(t *testing.T) {
	w, client := wired(t)
	if _, err := client.Write([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(w, first); err != nil { // the poller has told now
		t.Fatal(err)
	}
	w.awaitInput()
	if _, err := io.ReadFull(w, first); err != nil || first[0] != 'b' {
		t.Errorf("%q, %v", first, err)
	}
}

func TestAPipeIsNotTried(t *testing.T) {
	server, client := net.Pipe()
	defer server.Close()
	defer client.Close()
	w := newWire(server)
	if took, _, err := w.tryWrite([]byte("x")); took || err != nil {
		t.Errorf("%v, %v", took, err)
	}
	w.awaitInput()
}
