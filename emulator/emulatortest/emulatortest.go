// Package emulatortest starts an emulator of Amazon IVS Chat for one Go test, in
// the test's process, without a port, a container or a file. It also works in a
// testing/synctest bubble. Everything ends with the test.
package emulatortest

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// URL is the emulator's endpoint for requests through HTTPClient. MessagingURL is
// its endpoint for chat clients that connect through HTTPClient or DialContext.
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
	if len(config) > 1 {
		t.Fatalf("emulatortest: Start accepts at most one Config, but got %d", len(config))
	}
	config = append(config, emulator.Config{})
	inner, err := emulator.New(config[0])
	if err != nil {
		t.Fatal(err)
	}
	network := pipenet.New()
	client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}}
	e := &Emulator{inner, t, network, client, new(atomic.Int64), defaultLimit}
	server := &http.Server{Handler: inner}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(network) // until server.Close
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
	return e.network.Dial(ctx, network, address)
}

// URL returns the emulator's endpoint: that of the constant URL, or after Start one
// that other processes reach.
func (e *Emulator) URL() string { return cmp.Or(e.Emulator.URL(), URL) }

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
		BaseEndpoint: aws.String(URL),
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
	e.Clock().Advance(d)
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
