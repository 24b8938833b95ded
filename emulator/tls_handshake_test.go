package emulator

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// A tlsTest is an emulator with TLS, on a network in memory or of the system.
type tlsTest struct {
	*testing.T
	*Emulator
	log  *lockedBuffer
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

// String returns what was written.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// startTLS starts an emulator, in memory if the test is in a bubble.
func startTLS(t *testing.T, inMemory bool, config Config) *tlsTest {
	t.Helper()
	log := new(lockedBuffer)
	config.Logger = slog.New(slog.NewTextHandler(log, nil))
	if config.TLS == "" {
		config.TLS = TLSAuto
	}
	e, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	tt := &tlsTest{T: t, Emulator: e, log: log}
	if inMemory {
		network := pipenet.New()
		e.servers.listen = func(string, string) (net.Listener, error) { return network, nil }
		tt.dial = network.Dial
	} else {
		tt.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, e.Addr().String())
		}
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return tt
}

func (t *tlsTest) connect() net.Conn {
	t.Helper()
	conn, err := t.dial(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// clientTLS returns the configuration of a client that trusts the authority.
func (t *tlsTest) clientTLS(name string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.CertificateAuthority())
	return &tls.Config{RootCAs: roots, ServerName: name}
}

// health asks for the health over a connection, and returns the status.
func health(conn net.Conn) (status int, err error) {
	if _, err := io.WriteString(conn, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// checkServes checks that clients with and without TLS are served.
func (t *tlsTest) checkServes() {
	t.Helper()
	for _, conn := range []net.Conn{t.connect(), tls.Client(t.connect(), t.clientTLS("localhost"))} {
		if status, err := health(conn); status != 200 || err != nil {
			t.Errorf("%T: %d %v", conn, status, err)
		}
	}
}

// firstFlight returns what a TLS client sends first.
func firstFlight(t testing.TB) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go func() { _ = tls.Client(client, &tls.Config{ServerName: "localhost"}).Handshake() }()
	buffer := make([]byte, 16<<10)
	n, err := server.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

// ended returns how long it took until the server closed the connection.
func (t *tlsTest) ended(conn net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	_ = conn.SetReadDeadline(began.Add(time.Hour)) // fails for a net.Pipe that has ended
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection has not ended: %v", err)
	}
	return time.Since(began)
}

// A client that is slow, silent or broken is disconnected, and delays no one.
func TestAClientThatDoesNotFinishItsHandshakeIsDisconnected(t *testing.T) {
	hello := firstFlight(t)
	for name, test := range map[string]struct {
		sent   []byte
		within time.Duration
		log    string
	}{
		"nothing at all":     {nil, headerTimeout, ""},
		"the first byte":     {hello[:1], headerTimeout, "did not finish its handshake"},
		"half a hello":       {hello[:len(hello)/2], headerTimeout, "did not finish its handshake"},
		"a hello":            {hello, headerTimeout, "did not finish its handshake"},
		"garbage like TLS":   {[]byte("\x16\x03\x01garbage"), 0, "a TLS handshake failed"},
		"a record of TLS 1":  {[]byte("\x16\x03\x01\x00\x02\x01\x00"), headerTimeout, "did not finish"},
		"an endless message": {[]byte("\x16\x03\x01\x00\x04\x01\xff\xff\xff"), 0, "a TLS handshake failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt := startTLS(t, true, Config{})
				conn := tt.connect()
				go func() { _, _ = conn.Write(test.sent) }()
				synctest.Wait()
				tt.checkServes()
				if took := tt.ended(conn); took > test.within {
					t.Errorf("the client was disconnected after %v, want %v", took, test.within)
				}
				synctest.Wait()
				if log := tt.log.String(); strings.Count(log, "\n") > 1 || !strings.Contains(log, test.log) {
					t.Errorf("the log is %s", log)
				}
				tt.checkServes()
			})
		})
	}
}

func TestAHandshakeOfSlowBytesSucceedsUntilTheDeadline(t *testing.T) {
	for _, pause := range []time.Duration{time.Millisecond, 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			tt := startTLS(t, true, Config{})
			began := time.Now()
			client := tls.Client(slowWriter{tt.connect(), pause}, tt.clientTLS("localhost"))
			status, err := health(client)
			if fast := pause == time.Millisecond; (status == 200) != fast || time.Since(began) > headerTimeout+time.Second {
				t.Errorf("with %v for each byte: %d %v after %v", pause, status, err, time.Since(began))
			}
		})
	}
}

// A slowWriter pauses after each byte.
type slowWriter struct {
	net.Conn
	pause time.Duration
}

// Write implements net.Conn.
func (c slowWriter) Write(text []byte) (n int, err error) {
	for i := range text {
		if _, err := c.Conn.Write(text[i : i+1]); err != nil {
			return i, err
		}
		time.Sleep(c.pause)
	}
	return len(text), nil
}

func TestPlainBytesAfterTLSEndTheConnection(t *testing.T) {
	for _, text := range []string{"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x00\x01\x01", "\x00"} {
		synctest.Test(t, func(t *testing.T) {
			tt := startTLS(t, true, Config{})
			conn := tt.connect()
			client := tls.Client(conn, tt.clientTLS("localhost"))
			if status, err := health(client); status != 200 || err != nil {
				t.Fatalf("%d %v", status, err)
			}
			go func() { _, _ = io.WriteString(conn, text) }()
			if took := tt.ended(conn); took > idleTimeout {
				t.Errorf("%q: the connection ended after %v", text, took)
			}
			tt.checkServes()
		})
	}
}

func TestTLSInsideTLSIsNotHTTP(t *testing.T) {
	hello := firstFlight(t)
	synctest.Test(t, func(t *testing.T) {
		tt := startTLS(t, true, Config{})
		outer := tls.Client(tt.connect(), tt.clientTLS("localhost"))
		go func() { _, _ = outer.Write(append(hello, "\r\n\r\n"...)) }()
		response, err := http.ReadResponse(bufio.NewReader(outer), nil)
		if err != nil || response.StatusCode != 400 {
			t.Errorf("%v %v", response, err)
		}
		tt.checkServes()
	})
}

// Clients can wait without sending anything, but not for ever, and cost little. Others are served meanwhile.
func TestManySilentClientsDelayNoOne(t *testing.T) {
	const clients = 10_000
	hello := firstFlight(t)
	synctest.Test(t, func(t *testing.T) {
		tt := startTLS(t, true, Config{})
		synctest.Wait()
		before := runtime.NumGoroutine()
		began := time.Now()
		conns := make([]net.Conn, clients)
		for i := range conns {
			conns[i] = tt.connect()
			if i%2 == 0 {
				if _, err := conns[i].Write(hello[:1+i%len(hello)/2]); err != nil {
					t.Fatal(err)
				}
			}
		}
		tt.checkServes()
		if took := time.Since(began); took > 0 {
			t.Errorf("the others were served after %v", took)
		}
		time.Sleep(headerTimeout)
		synctest.Wait()
		if left := runtime.NumGoroutine() - before; left > 10 {
			t.Errorf("%d goroutines are left", left)
		}
		for _, conn := range conns {
			tt.ended(conn)
		}
		if lines := strings.Count(tt.log.String(), "\n"); lines > 2 {
			t.Errorf("the log has %d lines", lines)
		}
		tt.checkServes()
	})
}

func TestOnePortSpeaksPlainHTTPAndTLS(t *testing.T) {
	tt := startTLS(t, false, Config{})
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			var conn net.Conn = tt.connect()
			if i%2 == 0 {
				conn = tls.Client(conn, tt.clientTLS("127.0.0.1"))
			}
			for range 3 { // with keep-alive
				if status, err := health(conn); status != 200 || err != nil {
					t.Errorf("%T: %d %v", conn, status, err)
				}
			}
		})
	}
	group.Wait()
	if log := tt.log.String(); log != "" {
		t.Errorf("the log is %s", log)
	}
}

func TestAClientMustSpeakTLS12AndHTTP1(t *testing.T) {
	tt := startTLS(t, false, Config{})
	for name, test := range map[string]struct {
		change func(*tls.Config)
		ok     bool
	}{
		"TLS 1.2": {func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, true},
		"TLS 1.3": {func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }, true},
		"TLS 1.1": {func(c *tls.Config) {
			c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		}, false},
		"HTTP/2 only":        {func(c *tls.Config) { c.NextProtos = []string{"h2"} }, false},
		"HTTP/2 or HTTP/1.1": {func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }, true},
	} {
		config := tt.clientTLS("localhost")
		test.change(config)
		client := tls.Client(tt.connect(), config)
		err := client.Handshake()
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if protocol := client.ConnectionState().NegotiatedProtocol; protocol == "h2" {
			t.Errorf("%s: the protocol is %s", name, protocol)
		}
		_ = client.Close()
	}
}

// FuzzFirstBytes sends anything first. The emulator must not panic, and the client must not wait for ever.
func FuzzFirstBytes(f *testing.F) {
	hello := firstFlight(f)
	for _, seed := range [][]byte{
		hello, hello[:len(hello)/2], slices.Concat(hello, hello), []byte("\x16"),
		[]byte("GET /health HTTP/1.1\r\nHost: a\r\n\r\n"),
		[]byte("\x16\x03\x03\x00\x00"), []byte("\x15\x03\x03\x00\x02\x02\x30"), []byte("\x80\x2e\x01\x03\x01"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, first []byte) {
		synctest.Test(t, func(t *testing.T) {
			tt := startTLS(t, true, Config{})
			conn := tt.connect()
			go func() { _, _ = conn.Write(first) }()
			if took := tt.ended(conn); took > headerTimeout+bodyTimeout+idleTimeout {
				t.Errorf("the client waited for %v", took)
			}
			tt.checkServes()
			if strings.Contains(tt.log.String(), "panic") {
				t.Error(tt.log.String())
			}
		})
	})
}

// The handler learns of TLS, which net/http does not tell it.
func TestAHandlerSeesWhetherAClientUsesTLS(t *testing.T) {
	tt := startTLS(t, false, Config{})
	handler := tt.servers.newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "none"
		if r.TLS != nil {
			name = fmt.Sprint(r.TLS.ServerName, r.TLS.HandshakeComplete, r.TLS.NegotiatedProtocol)
		}
		_, _ = io.WriteString(w, name)
	}))
	tt.servers.main.http.Handler = handler.Handler
	for want, conn := range map[string]net.Conn{
		"none": tt.connect(), "localhosttrue": tls.Client(tt.connect(), tt.clientTLS("localhost")),
	} {
		_, _ = io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(answer), "\r\n\r\n"+want) {
			t.Errorf("%s: %q %v", want, answer, err)
		}
	}
}
