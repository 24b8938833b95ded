// Package cluster makes several processes one service, over NATS JetStream. It knows nothing about chat.
//
// # How it works
//
// Every node applies the entries of one stream, the log, one after another and in the same order. What
// must be the same on all nodes is in Parts, which only entries change. So all nodes that have applied the
// same entries have the same state (state machine replication). Do appends an entry and returns when this
// node has applied it.
//
// A node publishes an entry without waiting for an acknowledgement of the stream. It has its own entry
// back a moment later, which says more: its place in the order. Entries have numbers per node. A node
// that reads its own entry 5 after its entry 3 knows that NATS has lost entry 4, and appends it again.
// All nodes ignore an entry whose number is not greater than the last one of its node. So an entry is
// applied once, also if it appears late (decision D92).
//
// The stream is in files, with a short age. It is the order that must survive when the NATS server is
// killed. The state itself is in the nodes only, and ends with the last one (join.go). What must survive
// that is in another stream, see Data.
//
// A node tells the others with a heartbeat every second that it lives. A node that no one has heard for
// three seconds is declared gone by an entry, and its connections and everything else of it are removed on
// all nodes. A node that has not heard its own heartbeat for a shorter time answers no requests, until it
// has applied all entries (beat.go).
//
// connect.go connects, log.go appends entries, apply.go applies them, member.go knows who lives, join.go
// gets the state from another node, ask.go asks other nodes, queue.go has messages that one node
// at a time works on, data.go has what must survive the last node.
//
// Who locks what: sendQueue.mu orders what this node appends to the log, and is held while it is published.
// members.mu guards the membership and what is known of other nodes, and is held for short moments.
// applier.mu is held while entries are applied, and while a part is saved or loaded. It is taken
// before the other two. None of them is held while NATS is asked.
package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrUnavailable is the reason if the cluster cannot be reached, or this node is not a member of it now.
// Whether what was asked for happens later is unknown.
var ErrUnavailable = errors.New("the cluster cannot be reached")

// Config says how a node reaches the cluster.
type Config struct {
	// URLs are those of NATS servers, such as nats://localhost:4222. One is enough, because servers tell
	// clients about the other servers of their NATS cluster.
	URLs []string
	// Credentials is the name of a credentials file of NATS, "" for none.
	Credentials string
	// CA, Certificate and Key are the names of files in PEM for TLS: the certificates of the authorities to
	// trust, and the certificate of this client with its key. Each can be "".
	CA, Certificate, Key string
	// Prefix is the beginning of the names of all streams, buckets and subjects. Nodes with the same prefix
	// are one cluster.
	Prefix string
	// Name is the name of this node for people. Other nodes can have the same one.
	Name   string
	Logger *slog.Logger
}

// A Node is a process that is a member of the cluster.
type Node struct {
	// ID is unique. A node that has to join again gets another one.
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Part is a part of the state that all nodes share.
type Part interface {
	// Apply carries out an entry, and returns a result for Do on the node that appended it. It is called for
	// one entry after another, in the same order on every node. It must depend on nothing but the entry and the
	// state of the parts: not on the time of the machine, random numbers or what is stored elsewhere. It must
	// not block.
	Apply(e Entry) (result any)
	// Save is called between two entries. The function that it returns encodes the state as it was then. It
	// runs later, in another goroutine.
	Save() (encode func() ([]byte, error))
	// Load replaces the state by what Save returned on another node, or by the initial one if state is nil.
	Load(state []byte) error
}

// A Leaver is a Part that is told when a node has left, at the same place of the log on every node.
type Leaver interface {
	Left(node Node)
}

// An Entry is one entry of the log.
type Entry struct {
	Sequence uint64    // its place in the log; the entries that a node sent together have the same one
	Node     string    // ID of the node that appended it
	Own      bool      // whether this node did
	Time     time.Time // of the machine of that node, when it appended the entry
	Data     []byte    // must not be changed
}

// A Cluster is the cluster as one of its nodes has it. It is safe for concurrent use.
type Cluster struct {
	// Static after Join.
	config  Config
	nc      *nats.Conn
	js      jetstream.JetStream
	parts   map[string]Part
	names   []string // of the parts, in the order of Handle
	answers map[string]answerFunc
	lost    []func() // called when this node is no longer a member
	fresh   []func(context.Context) error
	asking  *nats.Subscription

	context context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	rejoin  chan string // why this node has to join again; has a buffer of one

	reconnected chan struct{} // that the connection to NATS is back; has a buffer of one
	leaving     atomic.Bool   // Close has begun

	checking atomic.Bool // see checkLog

	sending sendQueue
	applier applier
	members members
	pieces  pieces
	reports reports
	data    Data
	stats   stats
}

// stats are the counters of Stats.
type stats struct {
	applied, unavailable atomic.Int64
}

// Stats says how a node is doing.
type Stats struct {
	Members       int           // live nodes, with this one
	Sequence      uint64        // place of the last entry that was applied
	Applied       int64         // entries that this process has applied
	Unavailable   int64         // how often something failed because the cluster could not be reached
	SinceHeard    time.Duration // since this node heard its own last heartbeat
	IsMember      bool
	NATSConnected bool
}

// connectWait is how long Connect waits between two attempts.
const connectWait = 250 * time.Millisecond

// Connect connects to NATS, and makes the streams and buckets that do not exist. It tries until the context
// ends. Handle, Answer, OnLost and OnFresh say what the cluster is for, and then Join makes this process a
// member. Close ends all of it.
func Connect(ctx context.Context, config Config) (*Cluster, error) {
	c, err := Dial(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		c.Close()
		return nil, err
	}
	c.Handle(membersPart, &c.members)
	c.Answer(flushQuestion, c.flushed)
	c.Answer(stateQuestion, c.state)
	c.OnFresh(c.data.fresh)
	return c, nil
}

// Dial connects to NATS, for a process that does not become a member. It can use values, and makes nothing else.
// Close disconnects.
func Dial(ctx context.Context, config Config) (*Cluster, error) {
	c := &Cluster{
		config: config, parts: map[string]Part{}, answers: map[string]answerFunc{}, rejoin: make(chan string, 1),
		reconnected: make(chan struct{}, 1),
	}
	c.context, c.stop = context.WithCancel(context.Background())
	c.sending.init(c.send)
	c.members.init()
	c.applier.init()
	c.data.init(c)
	if err := c.connect(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// sleep waits, and reports false if the context ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// logAge is how long entries stay in the stream. A node that pauses longer than gone is declared gone long
// before, so it never needs older entries.
const logAge = 2 * time.Minute

// open makes the streams that do not exist.
func (c *Cluster) open(ctx context.Context) error {
	err := c.create(ctx, jetstream.StreamConfig{
		Name:        c.logStream(),
		Description: "the order of everything that the nodes of ivschat-local share",
		Subjects:    []string{c.subject("log"), c.subject("genesis")},
		Storage:     jetstream.FileStorage,
		MaxAge:      logAge,
		MaxBytes:    logBytes,
		Discard:     jetstream.DiscardOld,
		AllowDirect: true,
	})
	if err != nil {
		return err
	}
	return c.create(ctx, jetstream.StreamConfig{
		Name:        c.dataStream(),
		Description: "what the nodes of ivschat-local store",
		Subjects:    []string{c.subject("data.>")},
		Storage:     jetstream.FileStorage,
	})
}

// logBytes is how many bytes the log takes at most.
const logBytes = 1 << 30

func (c *Cluster) logStream() string { return c.config.Prefix + "-log" }

func (c *Cluster) dataStream() string { return c.config.Prefix + "-data" }

// subject returns a subject of this cluster.
func (c *Cluster) subject(name string) string { return c.config.Prefix + "." + name }

// Handle makes a part shared. Call it before Join, on every node with the same names in the same order.
func (c *Cluster) Handle(name string, p Part) {
	c.parts[name] = p
	c.names = append(c.names, name)
}

// OnLost adds a function that is called when this node is no longer a member: it has been declared gone, or
// misses entries. It closes everything that depends on the state, before the state is replaced. Call it
// before Join.
func (c *Cluster) OnLost(f func()) { c.lost = append(c.lost, f) }

// OnFresh adds a function that is called before this node answers requests again, after it was paused or
// cut off. It returns when what it has is as new as what the other nodes have. Call it before Join.
func (c *Cluster) OnFresh(f func(context.Context) error) { c.fresh = append(c.fresh, f) }

// Self returns this node. Its ID changes when it has to join again.
func (c *Cluster) Self() Node { return c.members.selfNode() }

// Members returns the live nodes, in the order in which they joined.
func (c *Cluster) Members() []Node { return c.members.list() }

// Stats says how this node is doing.
func (c *Cluster) Stats() Stats {
	return Stats{
		Members: len(c.Members()), Sequence: c.applier.sequence(), Applied: c.stats.applied.Load(),
		Unavailable: c.stats.unavailable.Load(), SinceHeard: c.members.sinceHeard(), IsMember: c.members.isMember(),
		NATSConnected: c.nc.IsConnected(),
	}
}

// Close leaves the cluster, and disconnects. Other nodes learn it at once.
func (c *Cluster) Close() {
	if c.members.isMember() {
		c.leave()
	}
	c.stop()
	c.sending.end(c.unavailable("this node has left it"))
	c.running.Wait()
	c.data.close()
	c.nc.Close()
}

// unavailable returns an ErrUnavailable with the reason, and counts it. While NATS is away, that is the reason of all
// else.
func (c *Cluster) unavailable(format string, args ...any) error {
	c.stats.unavailable.Add(1)
	what := fmt.Sprintf(format, args...)
	if c.nc.IsReconnecting() {
		what = "this node has lost its connection to NATS, and tries to connect again"
	}
	return fmt.Errorf("%w: %s%s", ErrUnavailable, what, c.reports.hint())
}

// newID returns a new ID of a node.
func newID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
