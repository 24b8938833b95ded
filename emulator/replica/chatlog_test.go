package replica

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// threeLogs are the logging configurations of every room: one of each kind.
type threeLogs struct{}

func (threeLogs) ActiveLoggingConfigurations(room ivschat.ARN) []ivschat.LoggingConfiguration {
	named := func(id string, to ivschat.DestinationConfiguration) ivschat.LoggingConfiguration {
		return ivschat.LoggingConfiguration{
			ARN: ivschat.ARN{
				Owner: room.Owner, ResourceType: ivschat.LoggingConfigurationResource, ID: id,
			},
			DestinationConfiguration: to,
		}
	}
	return []ivschat.LoggingConfiguration{
		named("a", ivschat.DestinationConfiguration{S3: &ivschat.S3DestinationConfiguration{BucketName: "bucket"}}),
		named("b", ivschat.DestinationConfiguration{
			CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "group"}}),
		named("c", ivschat.DestinationConfiguration{
			Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "stream"}}),
	}
}

// An archive has what all nodes have delivered: the frames, by the destination and the room.
type archive struct {
	mu     sync.Mutex
	frames map[string][]string
}

// A door leads from a node to an archive. While it is closed, deliveries fail.
type door struct {
	*archive
	mu     sync.Mutex
	closed bool
}

func (d *door) set(closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = closed
}

func (d *door) Deliver(_ context.Context, delivery destination.Delivery) (string, error) {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return "", &destination.Error{Reason: destination.Other, Message: "closed", Log: "closed"}
	}
	d.archive.mu.Lock()
	defer d.archive.mu.Unlock()
	for _, r := range delivery.Records {
		name := fmt.Sprintf("%s %s", delivery.Place.Kind, r.Room)
		_, rest, _ := strings.Cut(string(r.Text), `"payload":`)
		frame, _, _ := strings.Cut(rest, `,"version"`)
		d.frames[name] = append(d.frames[name], frame)
	}
	return "there", nil
}

func (d *door) Close() {}

// A logsNode is a node with chat logs. It is the part to which frames are published.
type logsNode struct {
	*cluster.Cluster
	logs  *ChatLogs
	clock *clock.Clock
	link  *relay.Relay
	door  *door

	mu        sync.Mutex
	published map[string][]string // frames by room, as they were applied
}

// Apply publishes "ROOM FRAME".
func (n *logsNode) Apply(e cluster.Entry) any {
	id, frame, _ := strings.Cut(string(e.Data), " ")
	n.mu.Lock()
	n.published[id] = append(n.published[id], frame)
	n.mu.Unlock()
	n.logs.Observe(roomOf(anna, id), hub.Publication{
		Frame: &hub.Frame{Kind: "MESSAGE", Payload: []byte(frame)}, Time: n.clock.Account(anna).Now(),
	}, 0)
	return nil
}

func (n *logsNode) Save() func() ([]byte, error) { return func() ([]byte, error) { return nil, nil } }

func (n *logsNode) Load([]byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.published = map[string][]string{}
	return nil
}

// A crowd are nodes with chat logs.
type crowd struct {
	*archive
	t      *testing.T
	server *natsserver.Server
	nodes  []*logsNode
}

// newCrowd starts nodes whose clocks stand still.
func newCrowd(t *testing.T, names ...string) *crowd {
	t.Helper()
	c := &crowd{t: t, server: natsserver.Start(t), archive: &archive{frames: map[string][]string{}}}
	for _, name := range names {
		c.join(name)
	}
	c.nodes[0].stopClock(t)
	return c
}

func (n *logsNode) stopClock(t *testing.T) {
	t.Helper()
	if err := n.clock.SetScale(0); err != nil {
		t.Fatal(err)
	}
}

// join starts one more node.
func (c *crowd) join(name string) *logsNode {
	c.t.Helper()
	n := &logsNode{
		clock: clock.New(), link: relay.Start(c.t, strings.TrimPrefix(c.server.URL, "nats://")),
		door: &door{archive: c.archive},
	}
	n.Cluster = joinURL(c.t, "nats://"+n.link.Address, name, func(to *cluster.Cluster) {
		logger := slog.New(slog.NewTextHandler(c.t.Output(), nil)).With("node", name)
		ShareClock(to, n.clock, logger)
		var err error
		n.logs, err = ShareChatLogs(to, chatlog.Config{
			Configurations: threeLogs{}, Destinations: n.door, SpoolBytes: chatlog.DefaultSpoolBytes,
			Window: chatlog.DefaultWindow, Clock: n.clock, Journal: new(journal.Journal), Logger: logger,
		})
		if err != nil {
			c.t.Fatal(err)
		}
		to.Handle("publish", n)
	})
	c.t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = n.logs.Close(ctx)
	})
	c.nodes = append(c.nodes, n)
	return n
}

// publish publishes frames in three rooms through the nodes, all at the same time, and returns the confirmed ones as
// "ROOM FRAME".
func (c *crowd) publish(times int, prefix string, nodes ...*logsNode) (confirmed []string) {
	var publishing sync.WaitGroup
	var mu sync.Mutex
	for i, n := range nodes {
		for _, room := range []string{"x", "y", "z"} {
			publishing.Go(func() {
				for k := range times {
					text := fmt.Sprintf(`%s {"%s%d-%d"}`, room, prefix, i, k)
					if _, err := n.Do("publish", []byte(text)); err == nil {
						mu.Lock()
						confirmed = append(confirmed, text)
						mu.Unlock()
					}
				}
			})
		}
	}
	publishing.Wait()
	return confirmed
}

// advance ends all windows, through a node.
func (c *crowd) advance(through *logsNode) {
	c.t.Helper()
	if err := through.clock.Advance(10 * time.Minute); err != nil {
		c.t.Fatal(err)
	}
}

// expectOnce checks that each frame that a node has applied was delivered to each destination, once and in order.
func (c *crowd) expectOnce(n *logsNode) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	for room, frames := range n.published {
		for _, kind := range []destination.Kind{destination.S3, destination.CloudWatchLogs, destination.Firehose} {
			if got := c.frames[fmt.Sprintf("%s %s", kind, room)]; !slices.Equal(got, frames) {
				c.t.Errorf("%s has %d frames of room %s, and %d were published: %s", kind, len(got), room, len(frames),
					difference(got, frames))
			}
		}
	}
}

// difference says where two lists differ first.
func difference(got, want []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("at %d, there is %q, want %q", i, got[i:min(len(got), i+2)], want[i])
		}
	}
	return fmt.Sprintf("there is also %q", got[len(want):])
}

// awaitRemoval waits until nothing that was delivered is in the queue of the writer, and all nodes know that it is
// written: what is delivered before it comes into the queue never gets there, and the next writer would deliver it
// again.
func (c *crowd) awaitRemoval(n *logsNode) {
	c.t.Helper()
	c.await("the removal of what was delivered", func() bool {
		n.logs.mu.Lock()
		defer n.logs.mu.Unlock()
		w := n.logs.writer
		if w == nil || len(n.logs.state.Kept) > 0 {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.queued) == 0 && len(w.outgoing) == 0
	})
}

// await waits for a condition.
func (c *crowd) await(what string, ok func() bool) {
	c.t.Helper()
	for began := time.Now(); !ok(); time.Sleep(time.Millisecond) { // there is no event for it
		if time.Since(began) > time.Minute {
			c.t.Fatalf("%s has not happened", what)
		}
	}
}

// awaitMembers waits until a node has so many members.
func (c *crowd) awaitMembers(n *logsNode, count int) {
	c.t.Helper()
	c.await("the change of the members", func() bool { return len(n.Members()) == count })
}

func TestEachRecordIsWrittenOnceByWhicheverNodeTheMessageCame(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	c.publish(200, "", c.nodes...)
	c.advance(c.nodes[2])
	c.expectOnce(c.nodes[1])
	c.awaitRemoval(c.nodes[0])
}

func TestWhatAnyNodeSaysAboutChatLogsIsThatOfTheWriter(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	c.publish(10, "", c.nodes...)
	for _, n := range c.nodes {
		windows, err := n.logs.Windows(t.Context(), anna)
		if err != nil || len(windows) != 9 {
			t.Error(len(windows), err)
		}
	}
	if err := c.nodes[1].logs.Flush(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	c.expectOnce(c.nodes[0])
	for _, n := range c.nodes {
		all, err := n.logs.Status(t.Context(), anna, ivschat.ARN{}, ivschat.ARN{})
		if err != nil || len(all) != 3 || all[0].Counts != (chatlog.Counts{Delivered: 90}) {
			t.Errorf("%+v, %v", all, err)
		}
	}
	entries := func(n *logsNode) (texts []string) {
		if err := n.Barrier(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, e := range n.logs.Records().After(0, 0, journal.Filter{}) {
			texts = append(texts, fmt.Sprintf("%d %s %s", e.ID, e.Log.LoggingConfiguration, e.Log.Record))
		}
		return texts
	}
	want := entries(c.nodes[0])
	for _, n := range []*logsNode{c.nodes[2], c.join("d")} {
		got := entries(n)
		for i := range got { // the times of the machines differ
			got[i], want[i] = cutTime(got[i]), cutTime(want[i])
		}
		if !slices.Equal(got, want) || len(want) != 270 {
			t.Errorf("node %s shows %d records, and the first node %d: %s", n.Self().Name, len(got), len(want),
				difference(got, want))
		}
	}
}

// cutTime returns a record without its time.
func cutTime(text string) string {
	before, after, _ := strings.Cut(text, `"event_timestamp":"`)
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func TestNothingIsLostWhenTheWriterDies(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	first, rest := c.nodes[0], c.nodes[1:]
	c.publish(100, "flushed", c.nodes...)
	if err := rest[0].logs.Flush(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	c.awaitRemoval(first)
	c.publish(100, "before", c.nodes...)
	dying := make(chan struct{})
	go func() {
		defer close(dying)
		c.publish(300, "during", rest...)
	}()
	first.link.Hang()
	first.door.set(true)
	<-dying
	c.awaitMembers(rest[0], 2)
	c.publish(10, "after", rest...)
	c.advance(rest[1])
	c.expectOnce(rest[0])
	c.awaitRemoval(rest[0])
}

func TestANodeThatIsBackAfterAPauseDeliversNothingThatAnotherOneDelivers(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	c.publish(50, "before", c.nodes...)
	c.nodes[0].link.Hang()
	c.awaitMembers(c.nodes[1], 2)
	c.advance(c.nodes[2])
	c.publish(50, "between", c.nodes[1:]...)
	c.nodes[0].link.Restore()
	c.awaitMembers(c.nodes[1], 3)
	c.await("the return", func() bool { return c.nodes[0].Ready() == nil })
	c.publish(50, "after", c.nodes...)
	if err := c.nodes[1].logs.Close(t.Context()); err != nil {
		t.Error(err)
	}
	c.nodes[1].Close()
	c.publish(50, "end", c.nodes[0], c.nodes[2])
	c.advance(c.nodes[0])
	c.expectOnce(c.nodes[2])
	c.awaitRemoval(c.nodes[2])
}

func TestNoRecordIsLostOrDoubledWhenNATSIsKilled(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	for range 3 {
		publishing := make(chan struct{})
		go func() {
			defer close(publishing)
			c.publish(300, "", c.nodes...)
		}()
		c.server.Restart()
		<-publishing
		for _, n := range c.nodes {
			c.await("the return", func() bool { return n.Ready() == nil })
		}
	}
	c.advance(c.nodes[1])
	c.expectOnce(c.nodes[2])
	c.awaitRemoval(c.nodes[0])
}

func TestWhatIsClearedIsNotDeliveredByTheNextWriterEither(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b", "c")
	c.publish(50, "cleared", c.nodes...)
	if err := c.nodes[2].logs.Clear(anna); err != nil {
		t.Fatal(err)
	}
	if n := c.nodes[0].logs.Records().Last(); n > 0 && c.nodes[0].logs.Records().Has(journal.Filter{Account: anna}) {
		t.Error("records are still shown")
	}
	c.nodes[0].link.Hang()
	c.nodes[0].door.set(true)
	c.awaitMembers(c.nodes[1], 2)
	for _, n := range c.nodes[1:] {
		n.mu.Lock()
		n.published = map[string][]string{}
		n.mu.Unlock()
	}
	c.publish(10, "after", c.nodes[1:]...)
	c.advance(c.nodes[2])
	c.expectOnce(c.nodes[1])
	c.awaitRemoval(c.nodes[1])
}

func TestTheNextNodeDeliversWhatTheLastOneHasLeft(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, "a", "b")
	c.publish(50, "", c.nodes...)
	published := c.nodes[0].published
	for _, n := range c.nodes {
		n.door.set(true)
		if err := n.logs.Close(t.Context()); err != nil {
			t.Error(err)
		}
		n.Close()
	}
	last := c.join("c")
	if err := last.logs.Flush(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	last.published = published
	c.expectOnce(last)
	c.awaitRemoval(last)
}
