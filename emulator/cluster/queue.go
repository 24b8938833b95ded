package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Queue is a list of messages in a stream of its own, which survives all nodes. One node at a time owns it: the
// latest one that has called Take. Only the owner can append and remove messages. So what it has of the queue in
// memory is what is in the stream, and another node goes on with that when it takes the queue.
//
// Every message says which sequence the one before it must have. An owner begins with a message of its own. From
// then on, NATS refuses what an earlier owner appends, which may have been paused, and does not know that yet.
//
// Only one goroutine of a node may use a queue at a time.
type Queue struct {
	// Static.
	cluster *Cluster
	config  jetstream.StreamConfig
	id      string // is in the IDs of its messages, from which NATS knows those that it has

	number  uint64    // of the latest message that this node has appended
	last    uint64    // sequence of the latest message in the stream
	purged  uint64    // all messages before this sequence are removed
	created time.Time // when the stream was made, as it was when this node has taken it
}

// Queue returns the queue with this name, which takes at most so many bytes. Beyond that, it loses its oldest
// messages.
func (c *Cluster) Queue(name, description string, maximumBytes int64) *Queue {
	return &Queue{cluster: c, id: newID(), config: jetstream.StreamConfig{
		Name:        c.config.Prefix + "-" + name,
		Description: description,
		Subjects:    []string{c.subject(name)},
		Storage:     jetstream.FileStorage,
		MaxBytes:    maximumBytes,
		Discard:     jetstream.DiscardOld,
	}}
}

// claim is the first byte of the message with which an owner begins, and content that of all others.
const (
	claim   = 'c'
	content = 'm'
)

// Take makes this node the owner of the queue, and calls a function with the messages in it, in their order, and the
// IDs for Remove. It tries until the context ends.
func (q *Queue) Take(ctx context.Context, each func(id uint64, data []byte)) error {
	q.purged, q.created = 0, time.Time{}
	own, err := q.append(ctx, claim, nil)
	if err != nil {
		return err
	}
	var claims []uint64
	for next := uint64(1); next <= own; {
		next, err = q.read(ctx, next, own, func(id uint64, data []byte) {
			if len(data) > 0 && data[0] == content {
				each(id, data[1:])
			} else {
				claims = append(claims, id)
			}
		})
		if err != nil && !sleep(ctx, connectWait) {
			return fmt.Errorf("read the stream %s: %w", q.config.Name, err)
		}
	}
	return q.Remove(ctx, claims, 0)
}

// read calls a function with messages from one sequence to another, and returns the sequence from which to go on.
func (q *Queue) read(
	ctx context.Context, from, through uint64, each func(id uint64, data []byte),
) (next uint64, err error) {
	stream, err := q.cluster.js.Stream(ctx, q.config.Name)
	if err != nil {
		return from, err
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	})
	if err != nil {
		return from, err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return from, err
	}
	defer messages.Stop()
	for from <= through {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return from, err
		}
		metadata, err := m.Metadata()
		if err != nil {
			return from, err
		}
		if sequence := metadata.Sequence.Stream; sequence >= from {
			each(sequence, m.Data())
			from = sequence + 1
		}
	}
	return from, nil
}

// Append appends a message, and returns its ID once it is in the stream. It tries until the context ends. If this
// node is not a member of the cluster meanwhile, it waits.
func (q *Queue) Append(ctx context.Context, data []byte) (id uint64, err error) {
	return q.append(ctx, content, data)
}

func (q *Queue) append(ctx context.Context, kind byte, data []byte) (id uint64, err error) {
	q.number++
	name := q.id + "-" + strconv.FormatUint(q.number, 10)
	message := append([]byte{kind}, data...)
	if kind == claim {
		err = q.refresh(ctx)
	}
	for {
		if err == nil {
			var ack *jetstream.PubAck
			ack, err = q.publish(ctx, name, message)
			if err == nil {
				q.last = max(q.last, ack.Sequence)
				return ack.Sequence, nil
			}
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("append to the stream %s: %w: %w", q.config.Name, ctx.Err(), err)
		}
		// Perhaps NATS has the message, and tells that from its ID.
		if err = q.refresh(ctx); err != nil {
			sleep(ctx, connectWait)
		}
	}
}

// publish publishes a message after the latest one.
func (q *Queue) publish(ctx context.Context, name string, message []byte) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, doTimeout)
	defer cancel()
	return q.cluster.js.Publish(ctx, q.config.Subjects[0], message, jetstream.WithMsgID(name),
		jetstream.WithExpectLastSequence(q.last), jetstream.WithExpectStream(q.config.Name))
}

// refresh finds out which message is the latest one, and makes the stream if there is none. It fails if this node
// does not know whether it is still a member. It looks at that last: a node that is paused after it then expects a
// message that is not the latest one any more.
func (q *Queue) refresh(ctx context.Context) error {
	stream, err := q.cluster.js.Stream(ctx, q.config.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = q.cluster.js.CreateStream(ctx, q.config)
	}
	if err != nil {
		return err
	}
	last := stream.CachedInfo().State.LastSeq
	if err := q.cluster.Ready(); err != nil {
		return err
	}
	q.last = last
	if q.created.IsZero() {
		q.created = stream.CachedInfo().Created
	}
	return nil
}

// parallelRemovals is how many messages are removed at the same time.
const parallelRemovals = 16

// Remove removes messages. All messages before the one with the ID first are removed, too, unless it is 0. That needs
// one request only. A message that is not removed because NATS is away, or because the context ends, is in the queue
// when it is taken the next time.
func (q *Queue) Remove(ctx context.Context, ids []uint64, first uint64) error {
	if len(ids) == 0 && first <= q.purged {
		return nil
	}
	stream, err := q.cluster.js.Stream(ctx, q.config.Name)
	if err != nil {
		return err
	}
	if created := stream.CachedInfo().Created; !created.Equal(q.created) {
		return fmt.Errorf("the stream %s was deleted, and made again: its messages stay until it is taken", q.config.Name)
	}
	if first > q.purged {
		if err := stream.Purge(ctx, jetstream.WithPurgeSequence(first)); err != nil {
			return err
		}
		q.purged = first
	}
	slots := make(chan struct{}, parallelRemovals)
	var removing sync.WaitGroup
	var mu sync.Mutex // guards failed
	var failed error
	for _, id := range ids {
		if id < q.purged {
			continue
		}
		slots <- struct{}{}
		removing.Go(func() {
			defer func() { <-slots }()
			err := stream.DeleteMsg(ctx, id)
			if err != nil && !errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) { // otherwise it is not there
				mu.Lock()
				defer mu.Unlock()
				failed = err
			}
		})
	}
	removing.Wait()
	return failed
}
