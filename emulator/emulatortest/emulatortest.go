// Package emulatortest starts an emulator of Amazon IVS Chat for one Go test, in
// the test's process, without a port, a container or a file. It also works in a
// testing/synctest bubble. Everything ends with the test.
package emulatortest

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// URL is the emulator's address for requests through HTTPClient.
const URL = "http://ivschat.localhost"

// The caller of Room and Config.
const (
	account = "123456789012"
	region  = "us-east-1"
)

// timeout limits every wait, in real time or that of a testing/synctest bubble.
const timeout = 10 * time.Second

// An Emulator is an emulator for one test. Its methods fail the test instead of
// returning errors, except for Dial.
type Emulator struct {
	*emulator.Emulator
	t           testing.TB
	network     *pipenet.Network
	client      *http.Client
	connections atomic.Int64 // chat clients connected so far
}

// Start starts an emulator that ends with the test. Without a Config it keeps
// everything in memory and behaves like the service. A test that fails logs the
// random seed with which its run can be repeated.
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
	e := &Emulator{Emulator: inner, t: t, network: network, client: client}
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

// Config returns the configuration for clients of the AWS SDK. They act as the
// account 123456789012 in the region us-east-1.
func (e *Emulator) Config() aws.Config { return e.ConfigFor(account, region) }

// ConfigFor is like Config for another account of 12 digits and another region.
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

// Advance moves the emulator's clock forward. It returns when everything that
// became due has happened: sessions have ended, and their clients were notified.
// Clock().Account moves the clock of one account alone.
func (e *Emulator) Advance(d time.Duration) { e.Clock().Advance(d) }

// Fault adds a rule for a fault. The test fails if the rule is not valid.
func (e *Emulator) Fault(rule fault.Rule) {
	e.t.Helper()
	if _, err := e.Faults().Add(rule); err != nil {
		e.t.Fatalf("fault: %v", err)
	}
}

// WaitFrames waits until the service has sent at least count frames in the room
// since it was created, and returns their entries in the journal, in their order.
// A frame to all clients counts once, as does a frame to one of them. The test
// fails if they are not sent within 10 seconds.
func (e *Emulator) WaitFrames(room string, count int) []journal.Entry {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	filter := journal.Filter{Kind: journal.Frame, Room: room, Direction: journal.Out}
	found := e.Journal().Wait(ctx, 0, count, filter)
	if len(found) < count {
		e.t.Fatalf("the number of frames in the room %s is %d after %v, want at least %d",
			room, len(found), timeout, count)
	}
	return found
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
