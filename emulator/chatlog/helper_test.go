package chatlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	account      = "123456789012"
	otherAccount = "210987654321"
)

// arn returns the ARN of a resource with an ID of any length.
func arn(account string, resource ivschat.ResourceType, id string) ivschat.ARN {
	return ivschat.ARN{Owner: ivschat.Owner{AccountID: account, Region: "eu-west-1"}, ResourceType: resource, ID: id}
}

func roomOf(account, id string) ivschat.ARN { return arn(account, ivschat.RoomResource, id) }

func room(id string) ivschat.ARN { return roomOf(account, id) }

// configuration returns a logging configuration whose ID begins with the kind of its destination, such as
// s3-bucket, with a destination named for the rest.
func configuration(account, id string) ivschat.LoggingConfiguration {
	c := ivschat.LoggingConfiguration{
		ARN: arn(account, ivschat.LoggingConfigurationResource, id), State: ivschat.LoggingConfigurationActive,
	}
	kind, name, _ := strings.Cut(id, "-")
	switch kind {
	case "s3":
		c.DestinationConfiguration.S3 = &ivschat.S3DestinationConfiguration{BucketName: name}
	case "logs":
		c.DestinationConfiguration.CloudWatchLogs = &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: name}
	case "firehose":
		c.DestinationConfiguration.Firehose = &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: name}
	}
	return c
}

// configurations has the logging configurations of rooms.
type configurations struct {
	mu     sync.Mutex
	byRoom map[ivschat.ARN][]ivschat.LoggingConfiguration
}

func (c *configurations) ActiveLoggingConfigurations(room ivschat.ARN) []ivschat.LoggingConfiguration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byRoom[room]
}

// attach sets the logging configurations of a room, by their IDs.
func (c *configurations) attach(room ivschat.ARN, ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byRoom[room] = nil
	for _, id := range ids {
		c.byRoom[room] = append(c.byRoom[room], configuration(room.Owner.AccountID, id))
	}
}

// destinations is a Deliverer that keeps what is delivered.
type destinations struct {
	mu        sync.Mutex
	delivered []destination.Delivery
	answer    func(context.Context, destination.Delivery) error // nil means that all is delivered
	attempts  int
	closed    bool
}

func (d *destinations) Deliver(ctx context.Context, delivery destination.Delivery) (string, error) {
	d.mu.Lock()
	d.attempts++
	answer := d.answer
	d.mu.Unlock()
	var err error
	if answer != nil {
		err = answer(ctx, delivery)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if delivery.Records = accepted(delivery.Records, err); len(delivery.Records) > 0 {
		d.delivered = append(d.delivered, delivery)
	}
	return "there", err
}

// accepted returns the records that were delivered although there may be an error.
func accepted(all []destination.Record, err error) (some []destination.Record) {
	partial, ok := errors.AsType[*destination.Error](err)
	switch {
	case err == nil:
		return all
	case !ok || partial.Failed == nil:
		return nil
	}
	for i, record := range all {
		if !slices.Contains(partial.Failed, i) {
			some = append(some, record)
		}
	}
	return some
}

func (d *destinations) Close() { d.closed = true }

// answers makes the destination answer in another way from now on.
func (d *destinations) answers(answer func(context.Context, destination.Delivery) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

// refuse is an answer of a destination that does not exist.
func refuse(_ context.Context, d destination.Delivery) error {
	return &destination.Error{Reason: destination.NotFound, Message: "there is no " + d.Place.String()}
}

// hang is an answer that never comes.
func hang(ctx context.Context, _ destination.Delivery) error {
	<-ctx.Done()
	return &destination.Error{Reason: destination.Other, Message: "has not answered"}
}

// all returns what was delivered so far.
func (d *destinations) all() []destination.Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.delivered)
}

// frameIn returns the frame in a record.
func frameIn(r destination.Record) string {
	_, frame, _ := strings.Cut(string(r.Text), `"payload":`)
	return strings.TrimSuffix(frame, `,"version":"1.0"}`)
}

// list describes what was delivered so far: a line for each delivery, sorted, with the destination, the time at which
// the window began, and the frames.
func (d *destinations) list() string {
	var lines []string
	for _, one := range d.all() {
		var frames []string
		for _, r := range one.Records {
			frames = append(frames, r.Room+"="+frameIn(r))
		}
		lines = append(lines, fmt.Sprintf("%s %s %s",
			one.Place, one.Start.Format("15:04:05"), strings.Join(frames, " ")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A fixture has chat logs with everything that they work with.
type fixture struct {
	*chatlog.Logs
	*configurations
	*destinations
	clock   *clock.Clock
	journal *journal.Journal
	log     *strings.Builder
}

// start makes chat logs that keep their records in a directory, or in memory if it is "".
func start(t *testing.T, dir string, change ...func(*chatlog.Config)) *fixture {
	t.Helper()
	f := &fixture{
		configurations: &configurations{byRoom: map[ivschat.ARN][]ivschat.LoggingConfiguration{}},
		destinations:   &destinations{}, clock: clock.New(), journal: &journal.Journal{}, log: new(strings.Builder),
	}
	config := chatlog.Config{
		Configurations: f.configurations, Destinations: f.destinations, SpoolDir: dir,
		SpoolBytes: chatlog.DefaultSpoolBytes, Window: chatlog.DefaultWindow, Clock: f.clock, Journal: f.journal,
		Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	}
	for _, c := range change {
		c(&config)
	}
	var err error
	if f.Logs, err = chatlog.New(config); err != nil {
		t.Fatal(err)
	}
	return f
}

// Status returns that of this process, which is the only one.
func (f *fixture) Status(account string, room, configuration ivschat.ARN) []chatlog.Status {
	return f.OwnStatus(account, room, configuration)
}

// stop closes the chat logs.
func (f *fixture) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := f.Logs.Close(ctx); err != nil {
		t.Error(err)
	}
}

// publish publishes a frame in a room.
func (f *fixture) publish(room ivschat.ARN, frame string) {
	f.Observe(room, hub.Publication{
		Frame: &hub.Frame{Kind: "MESSAGE", Payload: []byte(frame)}, Time: f.clock.Account(room.Owner.AccountID).Now(),
	}, 1)
}

// check checks what was delivered.
func (f *fixture) check(t *testing.T, when string, lines ...string) {
	t.Helper()
	if got, want := f.list(), strings.Join(lines, "\n"); got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", when, got, want)
	}
}
