package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// How data survives
//
// What must outlive the last node is in a stream of its own, in files and without an age:
//
//	<prefix>.data.change      a change; its sequence is its revision
//	<prefix>.data.content     all data, after the change of a revision
//	<prefix>.data.piece.<id>  a part of a change or a content that is too long for one message
//
// A change has the revision of the one before. NATS takes it only if that is the last one of its subject. So
// the changes are a chain, of which no node can miss a link without noticing it, and each is made with the knowledge
// of all earlier ones. The pieces of a long change come before it. They mean nothing without it, so all nodes see
// all of a change or nothing, also if its writer dies.
//
// When the changes since the last content are longer than that, the node that has made the last one writes a new
// content, and removes the changes before (data_content.go). So a node that starts has little to read, and the stream
// does not grow with the number of changes (decision D85).
//
// A change is acknowledged when all live nodes have applied it: each tells with the watermark inData.

// A Data is what the nodes store in common. It is a log of changes, as package store wants it.
type Data struct {
	// Static.
	c      *Cluster
	writer string // the beginning of the IDs of the changes of this node

	// Static after Follow.
	load  func(revision uint64, content []byte) error // nil before Follow
	apply func(revision uint64, change []byte) error
	save  func() (revision uint64, content []byte)

	conflicts int         // since the last change of this node; for Append only
	checking  atomic.Bool // see check

	loading sync.Mutex // held while a consumer is made; taken before mu

	mu       sync.Mutex // guards what follows, and is held while load and apply run
	moved    chan struct{}
	consumer jetstream.ConsumeContext
	number   int       // of the consumer; messages of earlier ones are ignored
	created  time.Time // when the stream was made
	applied  uint64    // revision
	err      error     // why changes cannot be applied
	own      string    // ID of the latest change of this node
	made     bool      // it was applied
	loaded   bool      // the content was loaded since that change was begun
	since    int       // bytes of the changes after the last content
	content  int       // bytes of the last content
	turn     turn      // of another node

	incomplete uint64 // revision of a change that could not be applied, because changes or pieces before it are gone
}

// Data returns what the nodes store in common.
func (c *Cluster) Data() *Data { return &c.data }

func (d *Data) init(c *Cluster) { d.c, d.writer, d.moved = c, newID(), make(chan struct{}) }

// movedLocked wakes all who wait for a change.
func (d *Data) movedLocked() {
	close(d.moved)
	d.moved = make(chan struct{})
}

// await waits until the condition is met, which is called with the lock, and reports whether it is.
func (d *Data) await(ctx context.Context, condition func() bool) bool {
	for {
		d.mu.Lock()
		done, moved := condition(), d.moved
		d.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

// Follow calls load with the last content, or with nil, and apply with the changes after it, each with its revision,
// one call at a time. It returns when all changes are applied that existed when it was called, and the calls go on
// after that. load is called again if changes were missed. save returns the content after the change of a revision,
// or nil. Call it before Join, because a change waits until all members have applied it.
func (d *Data) Follow(
	ctx context.Context,
	load func(revision uint64, content []byte) error,
	apply func(revision uint64, change []byte) error,
	save func() (revision uint64, content []byte),
) error {
	d.load, d.apply, d.save = load, apply, save
	if _, err := d.c.nc.Subscribe(d.c.subject("turn"), d.hearTurn); err != nil {
		return fmt.Errorf("subscribe to NATS: %w", err)
	}
	return d.read(ctx)
}

// Check returns why no change can be appended now, or nil. An error that is not an ErrUnavailable says why the data
// cannot be read.
func (d *Data) Check() error {
	d.mu.Lock()
	err := d.err
	d.mu.Unlock()
	if err != nil {
		return err
	}
	return d.c.Ready()
}

const (
	// changeTime is how long a writer waits for NATS until it sends a change again.
	changeTime = time.Second
	// conflictWait is how long a writer waits for the change that was faster.
	conflictWait = 250 * time.Millisecond
	// pieceTime is how long a writer has for the pieces of a long change.
	pieceTime = 30 * time.Second
	// longPerSecond is how many bytes of a long change all nodes apply in a second, also if they are slow.
	longPerSecond = 1 << 20
)

// Append appends a change, and reports whether it did. It does so only if the revision is that of the last change. If
// so, it returns when all live nodes have applied the change, and otherwise when this node has applied the one that
// was faster. An error is an ErrUnavailable, after some seconds: the change may still be appended then, or is
// already.
func (d *Data) Append(revision uint64, change []byte) (appended bool, err error) {
	c := d.c
	d.takeTurn()
	id := d.writer + newID()
	pieces, cancelPieces := context.WithTimeout(c.context, pieceTime)
	defer cancelPieces()
	message, err := d.compose(pieces, id, revision, change)
	if err != nil {
		return false, c.unavailable("NATS has not taken a long change of the data: %v", err)
	}
	d.mu.Lock()
	d.own, d.made, d.loaded = id, false, false
	d.mu.Unlock()
	sequence, err := d.publish(revision, message, doTimeout+time.Duration(len(change))*time.Second/longPerSecond)
	if err != nil {
		return false, err
	}
	if sequence == 0 {
		d.conflicts++
		return false, nil
	}
	d.conflicts = 0
	if err := c.awaitAll(inData, sequence); err != nil {
		return false, err
	}
	d.keepShort()
	return true, nil
}

// publish publishes a change until it or another one is applied. It returns a revision up to which that is so, or 0 in
// the second case. It may try several times, because NATS takes only the first attempt.
func (d *Data) publish(revision uint64, message []byte, timeout time.Duration) (sequence uint64, err error) {
	c, unsure := d.c, false
	ctx, cancel := context.WithTimeout(c.context, timeout)
	defer cancel()
	for {
		sequence, err := d.publishOnce(ctx, revision, message)
		if err == nil {
			if d.await(ctx, func() bool { return d.applied >= sequence }) {
				return sequence, nil
			}
			return 0, c.unavailable("a change of the data has not come back for %s", timeout)
		}
		unsure = unsure || !isConflict(err)
		wait, cancel := context.WithTimeout(ctx, conflictWait)
		moved := d.await(wait, func() bool { return d.applied != revision })
		cancel()
		d.mu.Lock()
		applied, made, loaded := d.applied, d.made, d.loaded
		d.mu.Unlock()
		switch {
		case made:
			return applied, nil
		case moved && !(unsure && loaded): // what was loaded may contain the change
			return 0, nil
		case moved || ctx.Err() != nil:
			return 0, c.unavailable("NATS has not taken a change of the data for %s: %v", timeout, err)
		case isConflict(err):
			d.check()
		}
	}
}

func (d *Data) publishOnce(ctx context.Context, revision uint64, message []byte) (sequence uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, changeTime)
	defer cancel()
	ack, err := d.c.js.Publish(ctx, d.c.subject("data.change"), message,
		jetstream.WithExpectLastSequencePerSubject(revision), jetstream.WithExpectStream(d.c.dataStream()))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// isConflict reports whether NATS refused a message because of the expected sequence.
func isConflict(err error) bool {
	failed, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (failed.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		failed.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// receive is called with each message of a consumer.
func (d *Data) receive(consumer int, m jetstream.Msg) {
	metadata, err := m.Metadata()
	if err != nil {
		return
	}
	if isStrange(m.Headers()) {
		go d.check() // removes it
		return
	}
	sequence, isContent := metadata.Sequence.Stream, m.Subject() == d.c.subject("data.content")
	text, parseErr := parseText(m.Data())
	var change []byte
	if !isContent && parseErr == nil {
		change, err = d.whole(consumer, text) // without the lock, because it may ask NATS
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case consumer != d.number || d.err != nil || sequence <= d.applied:
		return
	case isContent && parseErr == nil:
		d.since, d.content = 0, text.size()
		return
	case parseErr == nil && (err != nil || text.revision != d.applied) && sequence == d.incomplete:
		err = fmt.Errorf("what the change at revision %d needs is not in the stream: it was deleted", sequence)
	case parseErr == nil && (err != nil || text.revision != d.applied):
		d.incomplete, d.number = sequence, d.number+1 // so that nothing is applied until it is loaded
		go d.readAgain(fmt.Sprintf("changes after revision %d are gone", d.applied))
		return
	case parseErr == nil:
		err = d.apply(sequence, change)
	default:
		err = fmt.Errorf("the change at revision %d: %w", sequence, parseErr)
	}
	if err != nil {
		d.err = err
		d.movedLocked()
		d.c.joinAgain("the data cannot be read: " + err.Error())
		return
	}
	d.applied, d.made = sequence, d.made || text.id == d.own
	if strings.HasPrefix(text.id, d.turn.writer) {
		d.turn = turn{}
	}
	d.since += text.size() + changeCost
	d.movedLocked()
	d.c.members.progress(inData, sequence, d.c.nc, d.c.subject("applied"))
}

// changeCost is what a change takes beside its bytes.
const changeCost = 100
