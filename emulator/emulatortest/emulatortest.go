// Package emulatortest gives a Go test an Amazon IVS Chat of its own, in the
// test's process: no port, no container, no file. It works inside a
// testing/synctest bubble, too, and everything ends with the test.
package emulatortest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// URL is where the emulator is, for those who come through HTTPClient.
const URL = "http://ivschat.localhost"

// Who callers are that do not say otherwise.
const (
	account = "123456789012"
	region  = "us-east-1"
)

// An Emulator is an emulator for one test. Its methods fail the test instead of
// giving errors.
type Emulator struct {
	*emulator.Emulator
	t      testing.TB
	memory *memory
	client *http.Client
}

// Start starts an emulator that ends with the test. Without a config it is in
// memory, with everything as in the service. A test that fails says with which
// random seed it can be repeated.
func Start(t testing.TB, config ...emulator.Config) *Emulator {
	t.Helper()
	if len(config) > 1 {
		t.Fatal("emulatortest: Start takes one Config at most")
	}
	config = append(config, emulator.Config{})
	inner, err := emulator.New(config[0])
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
	e := &Emulator{Emulator: inner, t: t, memory: m, client: &http.Client{Transport: &http.Transport{DialContext: m.dial}}}
	server := &http.Server{Handler: inner}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(m) // until the end
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("emulatortest: emulator.Config{RandomSeed: %d} repeats the ids and the dice of this run", inner.RandomSeed())
		}
		if err := inner.Close(); err != nil {
			t.Errorf("close the emulator: %v", err)
		}
		e.client.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return e
}

// HTTPClient reaches the emulator, whatever host it is asked for.
func (e *Emulator) HTTPClient() *http.Client { return e.client }

// Config is for clients of the AWS SDK. They are the account 123456789012 in
// the region us-east-1.
func (e *Emulator) Config() aws.Config { return e.ConfigFor(account, region) }

// ConfigFor is Config for another account, of twelve digits, and region.
func (e *Emulator) ConfigFor(account, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(URL),
		HTTPClient:   e.client,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "any"}, nil
		}),
	}
}

// Advance moves the clock forward. It returns when all that fell due has
// happened: sessions are over, and their clients were told.
func (e *Emulator) Advance(d time.Duration) { e.Clock().Advance(d) }

// Fault adds a rule for something to go wrong. The test fails if the rule makes
// no sense.
func (e *Emulator) Fault(rule fault.Rule) {
	e.t.Helper()
	if _, err := e.Faults().Add(rule); err != nil {
		e.t.Fatalf("fault: %v", err)
	}
}

// patience is how long, of the machine's time, anything is waited for.
const patience = 10 * time.Second

// WaitFrames waits until so many frames were sent to everyone in the room, or
// to one of those in it, since it was made, and gives them in their order. The
// test fails if they do not come.
func (e *Emulator) WaitFrames(room string, count int) []journal.Entry {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found := e.Journal().Wait(ctx, 0, count, journal.Filter{Kind: journal.Frame, Room: room, Direction: "out"})
	if len(found) < count {
		e.t.Fatalf("%d of %d frames came in %s", len(found), count, room)
	}
	return found
}

// SessionsIn gives the number of open sessions in the room.
func (e *Emulator) SessionsIn(room string) int {
	e.t.Helper()
	arn, err := ivschat.ParseARN(room)
	if err != nil {
		e.t.Fatal(err)
	}
	return len(e.Sessions("", arn))
}

// A memory is a network without one.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Accept is net.Listener's.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close is net.Listener's.
func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Addr is net.Listener's.
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
