//go:build unix

package socket

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// tlsOnly skips a test over plain connections, because it is about TLS.
func tlsOnly(t *testing.T) {
	t.Helper()
	if !overTLS {
		t.Skip("it is about TLS")
	}
}

// An openssl is the TLS client of OpenSSL. Other than crypto/tls, it can update keys and renegotiate.
type openssl struct {
	stdin    io.WriteCloser
	stdout   *bufio.Reader
	messages chan string // updates of keys and alerts, sent and received; closed at the end
}

// connectOpenSSL connects OpenSSL to a server, which serves a WebSocket.
func connectOpenSSL(t *testing.T, serve func(*conn), options ...string) *openssl {
	t.Helper()
	tlsOnly(t)
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	served := make(chan struct{})
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		upgrade(t, w, r, serve)
	}))
	command := exec.Command("openssl", append([]string{"s_client", "-quiet", "-no_ign_eof", "-msg", "-msgfile", "/dev/fd/3",
		"-connect", server.Listener.Addr().String()}, options...)...)
	messages, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.ExtraFiles = []*os.File{write}
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		<-served
		server.Close()
		_ = messages.Close()
	})
	o := &openssl{stdin, bufio.NewReader(stdout), make(chan string, 100)}
	go func() {
		defer close(o.messages)
		for lines := bufio.NewScanner(messages); lines.Scan(); {
			if line := lines.Text(); strings.Contains(line, "KeyUpdate") || strings.Contains(line, "Alert") {
				o.messages <- line
			}
		}
	}()
	if err := newHandshake().Write(stdin); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(o.stdout, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the handshake is answered with %v (%v)", response, err)
	}
	return o
}

// expectMessage waits until OpenSSL has sent or received a message of the TLS protocol.
func (o *openssl) expectMessage(t *testing.T, words ...string) {
	t.Helper()
	for message := range o.messages {
		matches := true
		for _, word := range words {
			matches = matches && strings.Contains(message, word)
		}
		if matches {
			return
		}
	}
	t.Fatalf("there is no message %q", words)
}

func TestAClientUpdatesKeysWhileItReceives(t *testing.T) {
	var sent strings.Builder
	read := make(chan struct{}, 20)
	client := connectOpenSSL(t, func(c *conn) {
		var writes sync.WaitGroup
		end := make(chan struct{})
		writes.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				frame := &hub.Frame{Payload: bytes.Repeat([]byte{'a' + byte(i%26)}, 1+rand.IntN(2000))}
				all, err := c.TryWrite([]*hub.Frame{frame})
				if err == nil && !all {
					err = c.Write([]*hub.Frame{frame})
				}
				if err != nil {
					t.Error(err)
					return
				}
				sent.Write(appendFrame(nil, frame.Payload))
			}
		})
		for want := range 20 {
			_, text, err := c.readFrame()
			if err != nil || string(text) != fmt.Sprint(want) {
				t.Errorf("read %q (%v), want %d", text, err, want)
			}
			read <- struct{}{}
		}
		close(end)
		writes.Wait()
		c.drop()
	})
	received := make(chan string)
	go func() {
		text, _ := io.ReadAll(client.stdout)
		received <- string(text)
	}()
	for i := range 20 {
		// A lower letter does not ask the server for an update.
		command, words := "K", []string{"<<<", "KeyUpdate"}
		if i%2 == 1 {
			command, words = "k", []string{">>>", "KeyUpdate"}
		}
		if _, err := io.WriteString(client.stdin, command+"\n"); err != nil {
			t.Fatal(err)
		}
		client.expectMessage(t, words...)
		text := fmt.Sprint(i)
		if _, err := io.WriteString(client.stdin, "\x81"+string([]byte{0x80 | byte(len(text))})+"\x00\x00\x00\x00"+text); err != nil {
			t.Fatal(err)
		}
		<-read // so that OpenSSL reads the next command alone
	}
	if got := <-received; got != sent.String() {
		t.Errorf("the client received %d bytes, which are not the %d that were sent", len(got), sent.Len())
	}
}

func TestARenegotiationIsRefused(t *testing.T) {
	ended := make(chan error, 1)
	client := connectOpenSSL(t, func(c *conn) {
		_, _, err := c.readFrame()
		ended <- err
	}, "-tls1_2")
	_, _ = io.WriteString(client.stdin, "R\n")
	if err := <-ended; err == nil {
		t.Error("reading goes on")
	}
	client.expectMessage(t, "<<<", "Alert", "fatal", "unexpected_message")
}

func TestAClientThatDoesNotReadTheAnswersToItsKeyUpdatesTakesLittleMemory(t *testing.T) {
	tlsOnly(t)
	w, _ := connect(t)
	if _, all, err := w.tryWrite(make([]byte, large)); all || err != nil {
		t.Fatalf("the system accepted all of it: %t (%v)", all, err)
	}
	carrier := w.secured.carrier
	before, answer := len(carrier.rest), make([]byte, 27)
	for range 1000 {
		_, _ = carrier.Write(answer)
	}
	if more := len(carrier.rest) - before; more == 0 || more > maximumAnswers {
		t.Errorf("%d bytes of answers are kept", more)
	}
	if _, err := carrier.Write(answer); !errors.Is(err, errAnswers) {
		t.Errorf("the error is %v", err)
	}
}

func TestAnswersThatTheClientReadsAreNotLimited(t *testing.T) {
	tlsOnly(t)
	w, client := connect(t)
	go func() { _, _ = io.Copy(io.Discard, tcp(client)) }()
	for range 1000 {
		if _, err := w.secured.carrier.Write(make([]byte, 27)); err != nil {
			t.Fatal(err)
		}
		if err := w.write(nil); err != nil {
			t.Fatal(err)
		}
	}
}

// The poller does not know what is in the buffers of crypto/tls.
func TestWhatTheServerHasReadFromATLSClientIsInput(t *testing.T) {
	tlsOnly(t)
	w, client := connect(t)
	for _, record := range []string{"ab", "cd"} {
		if _, err := client.Write([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	const records = 2 * 24 // bytes
	err := w.raw.Read(func(fd uintptr) (done bool) {
		n, _, _ := syscall.Recvfrom(int(fd), make([]byte, records), syscall.MSG_PEEK)
		return n == records
	})
	if err != nil {
		t.Fatal(err)
	}
	var first [2]byte
	err = w.raw.Read(func(fd uintptr) (done bool) {
		n, err := w.secured.readOnce(fd, first[:]) // which reads both records from the system
		return n > 0 || !errors.Is(err, syscall.EAGAIN)
	})
	if err != nil || string(first[:]) != "ab" {
		t.Fatalf("read %q (%v)", first, err)
	}
	if err := w.begin(); err != nil || !w.hasInput() || string(w.early) != "cd" {
		t.Errorf("the input is %q (%v)", w.early, err)
	}
}

func TestTheEncryptedBytesOfATLSClientAreCounted(t *testing.T) {
	tlsOnly(t)
	w, client := connect(t)
	_ = w.taken(0) // of the handshake
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := w.fill(); n != 1 || err != nil {
		t.Fatalf("read %d bytes (%v)", n, err)
	}
	if got := w.taken(1); got < 20 || got > 40 {
		t.Errorf("a record with one byte counts as %d", got)
	}
	if got := w.taken(0); got != 0 {
		t.Errorf("%d bytes are counted twice", got)
	}
}

// FuzzShortWrites writes frames of any length, in any way, to a client that reads pieces of any length.
func FuzzShortWrites(f *testing.F) {
	f.Add([]byte("\x00 plain, now and then more than the system accepts \xff\xfe\xfd\xfc\xfb\xfa"))
	f.Add([]byte("\x01 TLS, now and then more than the system accepts \xff\xfe\xfd\xfc\xfb\xfa"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) == 0 || len(steps) > 100 {
			return
		}
		defer func(before bool) { overTLS = before }(overTLS)
		overTLS = steps[0]&1 == 1
		w, client := connect(t)
		_ = w.network().(*net.TCPConn).SetWriteBuffer(4 << 10)
		var want bytes.Buffer
		var writes sync.WaitGroup
		writes.Go(func() {
			defer w.Close()
			for i, step := range steps {
				frame := bytes.Repeat([]byte{byte(i)}, 1+int(step)*int(step)/2)
				frame[0] = 0x81
				want.Write(frame)
				accepted, all := false, false
				var err error
				if step%4 > 0 {
					accepted, all, err = w.tryWrite(frame)
				}
				switch {
				case err != nil:
				case !accepted:
					err = w.write(frame)
				case !all:
					err = w.write(nil)
				}
				if err == nil && step%3 == 0 {
					want.Write(pingFrame)
					_, err = w.Write(pingFrame)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		var got []byte
		piece := make([]byte, 64<<10)
		for i := 0; ; i++ {
			n, err := client.Read(piece[:1+int(steps[i%len(steps)])*256])
			got = append(got, piece[:n]...)
			if err != nil {
				break
			}
		}
		writes.Wait()
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%d bytes were received, which are not the %d that were written", len(got), want.Len())
		}
	})
}
