// Package emulatortest starts an emulator of Amazon IVS Chat for one Go test, in
// the test's process, without a port, a container or a file. It also works in a
// testing/synctest bubble. Everything ends with the test.
package emulatortest

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// URL is the endpoint of an emulator of Start for requests through HTTPClient.
// MessagingURL is its endpoint for chat clients that connect through HTTPClient or
// DialContext. The methods of the same names also know those of StartTLS.
const (
	URL          = "http://ivschat.localhost"
	MessagingURL = "ws://ivschat.localhost"
)

// The caller of Room and Config without Auth.
const (
	account = "123456789012"
	region  = "us-east-1"
)

// An Emulator is an emulator for one test. Its methods fail the test instead of
// returning errors, except for Dial and DialContext. They wait for at most 10
// seconds, see Within.
//
// It opens no port. For a client in another process, call Start: then URL is an
// endpoint on a free port, until the end of the test.
type Emulator struct {
	*emulator.Emulator
	t           testing.TB
	network     *pipenet.Network
	client      *http.Client
	url         string        // in the process
	buffered    bool          // whether connections have a buffer
	connections *atomic.Int64 // chat clients connected so far
	limit       time.Duration // of a wait
}

// Start starts an emulator that ends with the test. Without a Config it keeps
// everything in memory and behaves like the service. A test that fails logs the
// random seed with which its run can be repeated.
//
// Tests and subtests do not need to share an emulator: to start one takes about
// a millisecond.
func Start(t testing.TB, config ...emulator.Config) *Emulator {
	t.Helper()
	network := pipenet.New()
	return start(t, one(t, config), network, URL, func(*emulator.Emulator) net.Listener { return network })
}

// StartTLS is like Start, but clients reach the emulator over TLS only. Its
// certificate authority ends with the test. HTTPClient, Config and Connect trust it,
// and other clients do with ClientTLS. Config.TLS is set to emulator.TLSAuto.
func StartTLS(t testing.TB, config ...emulator.Config) *Emulator {
	t.Helper()
	secure := one(t, config)
	secure.TLS = emulator.TLSAuto
	network := pipenet.New()
	e := start(t, secure, network, "https"+strings.TrimPrefix(URL, "http"), func(inner *emulator.Emulator) net.Listener {
		return tls.NewListener(network, inner.TLSConfig())
	})
	e.buffered = true
	transport := e.client.Transport.(*http.Transport)
	transport.DialContext, transport.TLSClientConfig = e.DialContext, e.ClientTLS()
	return e
}

// A bufferedConn reads what the other end has written in one piece. A net.Pipe has no
// buffer, and without one, a TLS client that refuses the certificate before it has read
// all that the server has written would wait for the server, and the server for it.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

// Read implements net.Conn.
func (c bufferedConn) Read(text []byte) (int, error) { return c.reader.Read(text) }

// one returns the only config, or that of an emulator in memory.
func one(t testing.TB, config []emulator.Config) emulator.Config {
	t.Helper()
	if len(config) > 1 {
		t.Fatalf("emulatortest: there can be at most one Config, but there are %d", len(config))
	}
	return append(config, emulator.Config{})[0]
}

// start starts an emulator whose clients connect to the network.
func start(
	t testing.TB, config emulator.Config, network *pipenet.Network, url string,
	listen func(*emulator.Emulator) net.Listener,
) *Emulator {
	t.Helper()
	inner, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}}
	e := &Emulator{inner, t, network, client, url, false, new(atomic.Int64), defaultLimit}
	server := &http.Server{Handler: inner}
	listener, done := listen(inner), make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // until server.Close
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("emulatortest: emulator.Config{RandomSeed: %d} repeats the IDs and random faults of this run",
				inner.RandomSeed())
		}
		if err := inner.Close(); err != nil {
			t.Errorf("close the emulator: %v", err)
		}
		client.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return e
}

// HTTPClient returns an HTTP client that reaches the emulator under any host.
func (e *Emulator) HTTPClient() *http.Client { return e.client }

// DialContext connects to the emulator under any address. It is for applications
// with a client of their own, for instance as the NetDialContext of a
// websocket.Dialer.
func (e *Emulator) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := e.network.Dial(ctx, network, address)
	if err == nil && e.buffered {
		conn = bufferedConn{conn, bufio.NewReader(conn)}
	}
	return conn, err
}

// ClientTLS returns the configuration with which TLS clients trust the emulator, for
// instance the TLSClientConfig of a websocket.Dialer. It is nil without TLS.
func (e *Emulator) ClientTLS() *tls.Config {
	authority := e.CertificateAuthority()
	if authority == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return &tls.Config{RootCAs: roots}
}

// URL returns the emulator's endpoint: that of the constant URL, with https for an
// emulator of StartTLS, or after Start one that other processes reach.
func (e *Emulator) URL() string { return cmp.Or(e.Emulator.URL(), e.url) }

// MessagingURL is like URL for chat clients: ws://… or wss://….
func (e *Emulator) MessagingURL() string { return "ws" + strings.TrimPrefix(e.URL(), "http") }

// Config returns the configuration for clients of the AWS SDK. They act as the
// account 123456789012 in the region us-east-1. With Auth, they act as the first
// caller of Credentials.
func (e *Emulator) Config() aws.Config { return e.ConfigFor(e.account(), region) }

// ConfigFor is like Config for another account of 12 digits and another region.
// With Auth, the caller is the one with this access key, or else the first one of
// this account.
func (e *Emulator) ConfigFor(caller, region string) aws.Config {
	e.t.Helper()
	credentials := e.credentials(caller)
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(e.url),
		HTTPClient:   e.client,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return credentials, nil
		}),
	}
}

// Advance moves the emulator's clock forward. It returns when everything that
// became due has happened: sessions have ended, and their clients were notified.
// Clock().Account moves the clock of one account alone. The clock cannot go back.
func (e *Emulator) Advance(d time.Duration) {
	e.t.Helper()
	if d < 0 {
		e.t.Fatalf("the clock cannot go back, so it cannot be advanced by %s", d)
	}
	if err := e.Clock().Advance(d); err != nil {
		e.t.Fatal(err)
	}
}

// Fault adds a rule for a fault. The test fails if the rule is not valid.
func (e *Emulator) Fault(rule fault.Rule) {
	e.t.Helper()
	if _, err := e.Faults().Add(rule); err != nil {
		e.t.Fatalf("fault: %v", err)
	}
}

// SessionsIn returns the number of open sessions in the room.
func (e *Emulator) SessionsIn(room string) int {
	e.t.Helper()
	return len(e.Sessions("", e.parse(room)))
}

func (e *Emulator) parse(room string) ivschat.ARN {
	e.t.Helper()
	arn, err := ivschat.ParseARN(room)
	if err != nil {
		e.t.Fatal(err)
	}
	return arn
}
