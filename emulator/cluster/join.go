package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// How a node joins
//
// It follows the log from its end, and keeps what it reads. Then it asks a member for the state at a later
// place, loads it, applies what it has kept from there on, and appends the entry that makes it a member.
//
// If no member answers for longer than a member can be silent, the state has ended with the last one. Then
// the node begins a new state with a message on the subject genesis (decision D93). NATS accepts it only if no
// other node has done the same. A member that reads such a message of another node joins again.

const (
	// offerTimeout is how long a node waits for a member that is ready, until it asks again.
	offerTimeout = time.Second
	// offerWait is how long it waits in between.
	offerWait = 250 * time.Millisecond
	// aloneAfter is how long no member has answered when a node begins a new state.
	aloneAfter = goneAfter + 500*time.Millisecond
	// joinPause is how long a node waits after it could not join.
	joinPause = time.Second
)

// The content of messages on the subject genesis.
const (
	genesisBegins = "begin"
	genesisEnds   = "end" // the last node has left, so the next one need not wait
)

// Join makes this process a member. From then on it joins again by itself whenever it has to, until Close.
func (c *Cluster) Join(ctx context.Context) error {
	for subject, handle := range map[string]nats.MsgHandler{
		"beat": c.members.hear, "applied": c.members.hear, "offer": c.offer,
	} {
		if _, err := c.nc.Subscribe(c.subject(subject), handle); err != nil {
			return fmt.Errorf("subscribe to NATS: %w", err)
		}
	}
	c.running.Go(c.beat) // before the entry with which this node joins, because then the others expect it
	follow, err := c.join(ctx)
	for said := ""; err != nil; {
		if !sleep(ctx, offerWait) {
			return fmt.Errorf("join the cluster %q: %w", c.config.Prefix, err)
		}
		if err.Error() != said {
			said = err.Error()
			c.config.Logger.Info("this node cannot join the cluster yet", "error", err)
		}
		follow, err = c.join(ctx)
	}
	c.running.Go(c.watch)
	c.running.Go(func() { c.every(probeInterval, c.sending.probe) })
	c.running.Go(func() { c.stayJoined(follow) })
	return nil
}

// joinAgain makes this node join again, because it is no longer a member.
func (c *Cluster) joinAgain(reason string) {
	if c.leaving.Load() {
		return
	}
	select {
	case c.rejoin <- reason:
	default: // it is about to
	}
}

// stayJoined joins again whenever that is necessary.
func (c *Cluster) stayJoined(follow jetstream.ConsumeContext) {
	for {
		select {
		case <-c.context.Done():
			follow.Stop()
			return
		case <-c.reconnected:
			follow = c.followAgain(follow)
			c.data.followAgain()
		case reason := <-c.rejoin:
			c.config.Logger.Warn("this node joins the cluster again, and closes its chat connections", "reason", reason)
			c.withdraw(follow)
			for _, lost := range c.lost {
				lost()
			}
			var err error
			for follow, err = c.join(c.context); err != nil; follow, err = c.join(c.context) {
				if !sleep(c.context, joinPause) {
					return
				}
				c.config.Logger.Warn("this node cannot join the cluster", "error", err)
			}
			c.config.Logger.Info("this node is a member of the cluster again", "nodes", len(c.Members()))
		}
	}
}

// withdraw makes this node one that is not a member.
func (c *Cluster) withdraw(follow jetstream.ConsumeContext) {
	if follow != nil {
		go follow.Stop() // which may wait for requests that are not answered
	}
	c.applier.mu.Lock()
	c.applier.phase, c.applier.kept = ignores, nil
	c.applier.mu.Unlock()
	m := &c.members
	m.mu.Lock()
	m.joined = false
	m.notifyLocked()
	m.mu.Unlock()
	c.sending.end(c.unavailable("this node is not a member of it any more"))
	if c.asking != nil {
		_ = c.asking.Unsubscribe()
		c.asking = nil
	}
}

// join joins once. It returns what follows the log.
func (c *Cluster) join(ctx context.Context) (follow jetstream.ConsumeContext, err error) {
	defer func() {
		if err != nil {
			c.withdraw(follow)
			follow = nil
		}
	}()
	select {
	case <-c.rejoin: // of the time before
	default:
	}
	m := &c.members
	m.mu.Lock()
	m.self, m.joined, m.joining, m.steady = Node{newID(), c.config.Name}, false, true, time.Time{}
	self := m.self
	m.mu.Unlock()
	if c.asking, err = c.nc.Subscribe(c.subject("ask."+self.ID+".>"), c.asked); err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	stream, err := c.js.Stream(ctx, c.logStream())
	if err != nil {
		return nil, err
	}
	end := stream.CachedInfo().State.LastSeq
	if follow, err = c.follow(ctx, stream, end+1); err != nil {
		return nil, err
	}
	if err := c.loadState(ctx, stream, end); err != nil {
		return follow, err
	}
	if err := c.data.fresh(ctx); err != nil { // before the others wait for this node
		return follow, err
	}
	o := c.begin(self.ID, &pending{part: membersPart, data: change{joins, self}.encode(), onAll: true})
	if o.err != nil {
		return follow, o.err
	}
	m.mu.Lock()
	m.own = time.Now()
	joined := m.joined
	m.mu.Unlock()
	if !joined {
		return follow, errors.New("the entry with which this node joins was not applied")
	}
	if err := c.awaitAll(inLog, o.sequence); err != nil { // so that the others wait for this one, too
		return follow, err
	}
	for _, fresh := range c.fresh {
		if err := fresh(ctx); err != nil {
			return follow, err
		}
	}
	m.mu.Lock()
	m.joining, m.stale = false, false
	m.mu.Unlock()
	return follow, nil
}

// follow keeps the messages of the log from this one on.
func (c *Cluster) follow(
	ctx context.Context, stream jetstream.Stream, from uint64,
) (jetstream.ConsumeContext, error) {
	a := &c.applier
	a.mu.Lock()
	a.phase, a.kept, a.created = keeps, nil, stream.CachedInfo().Created
	a.mu.Unlock()
	return c.consumeFrom(ctx, stream, from)
}

// consumeFrom calls receive with the messages of the log from this one on.
func (c *Cluster) consumeFrom(
	ctx context.Context, stream jetstream.Stream, from uint64,
) (jetstream.ConsumeContext, error) {
	return c.consume(ctx, stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	}, c.receive, c.checkLog)
}

// followAgain follows the log anew after the connection was lost. The consumer of nats.go would do so by itself, but
// only when the requests have timed out that it has made meanwhile. Messages that both bring are applied once.
func (c *Cluster) followAgain(old jetstream.ConsumeContext) (follow jetstream.ConsumeContext) {
	ctx, cancel := context.WithTimeout(c.context, doTimeout)
	defer cancel()
	stream, err := c.sameLog(ctx)
	if err == nil {
		follow, err = c.consumeFrom(ctx, stream, c.applier.sequence()+1)
	}
	if err != nil {
		if !errors.Is(err, errMustJoin) { // JetStream may not be ready yet
			time.AfterFunc(connectWait, c.hasReconnected)
		}
		return old
	}
	go old.Stop() // which may wait for its requests
	return follow
}

// consumerAge is how long NATS keeps the consumer of a node that was killed.
const consumerAge = 30 * time.Second

// consume calls receive with the messages of a stream, in order. It goes on after the connection was lost. After an
// error, it calls check in another goroutine.
func (c *Cluster) consume(
	ctx context.Context, stream jetstream.Stream, config jetstream.OrderedConsumerConfig, receive func(jetstream.Msg),
	check func(),
) (jetstream.ConsumeContext, error) {
	config.InactiveThreshold = consumerAge
	consumer, err := stream.OrderedConsumer(ctx, config)
	if err != nil {
		return nil, err
	}
	return consumer.Consume(receive, jetstream.PullExpiry(10*time.Second), jetstream.PullHeartbeat(time.Second),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			c.config.Logger.Debug("NATS reports an error about a stream", "error", err)
			go check()
		}))
}

// checkLog makes this node join again if the log is not the one that it has applied: someone has deleted the stream.
func (c *Cluster) checkLog() {
	if !c.checking.CompareAndSwap(false, true) {
		return // it is being checked
	}
	defer c.checking.Store(false)
	ctx, cancel := context.WithTimeout(c.context, doTimeout)
	defer cancel()
	_, _ = c.sameLog(ctx)
}

// errMustJoin is the error of sameLog if this node has to join again, or does so already.
var errMustJoin = errors.New("the log is not the one that this node has applied")

// sameLog returns the stream of the log. If that is not the one that this node has applied, or has lost entries that
// it has applied, it makes the node join again.
func (c *Cluster) sameLog(ctx context.Context) (jetstream.Stream, error) {
	applied := c.applier.sequence()
	stream, err := c.js.Stream(ctx, c.logStream())
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, err
	}
	a := &c.applier
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.phase != applies {
		return nil, errMustJoin
	}
	if err == nil && stream.CachedInfo().Created.Equal(a.created) && // another log can have as many entries
		stream.CachedInfo().State.LastSeq >= min(applied, a.sequence()) {
		return stream, nil
	}
	c.joinAgain("the stream " + c.logStream() + " of NATS was deleted, or has lost entries")
	return nil, errMustJoin
}

// loadState loads the state of a member, or begins a new one. The log is kept after its message end.
func (c *Cluster) loadState(ctx context.Context, stream jetstream.Stream, end uint64) error {
	alone, err := c.isNew(ctx, stream)
	if err != nil {
		return err
	}
	for began := time.Now(); !alone; {
		if member := c.findMember(ctx); member != "" {
			state, err := c.stateOf(ctx, member, end)
			if err != nil {
				return err
			}
			return c.load(state)
		}
		alone = time.Since(began) > aloneAfter
		if !sleep(ctx, offerWait) {
			return ctx.Err()
		}
	}
	sequence, err := c.publishGenesis(ctx, stream, genesisBegins)
	if err != nil {
		return err
	}
	line := []any{"prefix", c.config.Prefix}
	if others := c.otherPrefixes(ctx); len(others) > 0 {
		line = append(line, "other_clusters_in_this_nats", others)
	}
	c.config.Logger.Info("this node is the first one of the cluster", line...)
	return c.load(savedState{sequence: sequence})
}

// isNew reports whether no state can exist: the stream is new, or the last node has left.
func (c *Cluster) isNew(ctx context.Context, stream jetstream.Stream) (bool, error) {
	if stream.CachedInfo().State.LastSeq == 0 {
		return true, nil
	}
	last, err := stream.GetLastMsgForSubject(ctx, c.subject("genesis"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil && string(last.Data) == genesisEnds, err
}

// publishGenesis says on the subject genesis that a state begins or ends, unless another node has done so since
// the stream was looked at.
func (c *Cluster) publishGenesis(ctx context.Context, stream jetstream.Stream, content string) (uint64, error) {
	expected := uint64(0)
	last, err := stream.GetLastMsgForSubject(ctx, c.subject("genesis"))
	switch {
	case err == nil:
		expected = last.Sequence
	case !errors.Is(err, jetstream.ErrMsgNotFound):
		return 0, err
	}
	if expected > stream.CachedInfo().State.LastSeq {
		return 0, errBegun
	}
	ack, err := c.js.Publish(ctx, c.subject("genesis"), []byte(content),
		jetstream.WithExpectLastSequencePerSubject(expected), jetstream.WithExpectStream(c.logStream()))
	if isConflict(err) {
		return 0, errBegun
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// errBegun is the error of publishGenesis if several nodes start at the same time. One of them begins the state, and
// the others get it from that one.
var errBegun = errors.New("another node has begun a new state meanwhile")

// prefixTimeout is how long the first node waits for the names of the streams. A user who may not see them gets no
// answer.
const prefixTimeout = time.Second

// otherPrefixes returns the prefixes of other clusters that have a log in NATS.
func (c *Cluster) otherPrefixes(ctx context.Context) (prefixes []string) {
	ctx, cancel := context.WithTimeout(ctx, prefixTimeout)
	defer cancel()
	names := c.js.StreamNames(ctx, jetstream.WithStreamListSubject("*.genesis"))
	for name := range names.Name() { // none if this user may not see them
		if prefix, isLog := strings.CutSuffix(name, "-log"); isLog && prefix != c.config.Prefix {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// leave makes this node leave. The last one also says that it was the last.
func (c *Cluster) leave() {
	last, self := len(c.Members()) == 1, c.Self()
	c.leaving.Store(true)
	c.applier.mu.Lock()
	ended := c.applier.phase != applies
	c.applier.mu.Unlock()
	if ended || !c.nc.IsConnected() {
		return
	}
	o := c.appendFor(&pending{part: membersPart, data: change{leaves, self}.encode()}, leaveTimeout)
	if o.err != nil || !last {
		return
	}
	ctx, cancel := context.WithTimeout(c.context, leaveTimeout)
	defer cancel()
	if stream, err := c.js.Stream(ctx, c.logStream()); err == nil {
		_, _ = c.publishGenesis(ctx, stream, genesisEnds) // otherwise the next node waits a little
	}
}
