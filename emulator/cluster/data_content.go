package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// read loads the last content, follows the changes after it, and returns when those are applied that exist.
func (d *Data) read(ctx context.Context) error {
	for {
		number, err := d.begin(ctx)
		if err != nil {
			return err
		}
		stream, err := d.c.js.Stream(ctx, d.c.dataStream())
		if err != nil {
			return err
		}
		last, err := d.lastChange(ctx, stream)
		if err != nil {
			return err
		}
		if !d.await(ctx, func() bool { return d.applied >= last || d.err != nil || d.number != number }) {
			return d.c.unavailable("the changes of the data up to %d have not come: %v", last, ctx.Err())
		}
		d.mu.Lock()
		err, again := d.err, d.number != number
		d.mu.Unlock()
		if err != nil || !again {
			return err
		}
	}
}

// begin loads the last content, and begins to follow the changes after it.
func (d *Data) begin(ctx context.Context) (number int, err error) {
	d.loading.Lock()
	defer d.loading.Unlock()
	for again := false; ; again = true {
		stream, err := d.c.js.Stream(ctx, d.c.dataStream())
		if err != nil {
			return 0, err
		}
		content, revision, err := d.lastContent(ctx, stream)
		if errors.Is(err, jetstream.ErrMsgNotFound) && !again {
			continue // there is a newer one
		}
		if err != nil {
			return 0, err
		}
		d.mu.Lock()
		d.number++
		d.loaded = true
		d.created, d.applied, d.since, d.content = stream.CachedInfo().Created, revision, 0, len(content)
		d.err = d.load(revision, content)
		d.movedLocked()
		err = d.err
		d.mu.Unlock()
		if err != nil {
			return 0, err
		}
		return d.consume(ctx, stream)
	}
}

// lastContent returns the last content, and the revision after which it is.
func (d *Data) lastContent(ctx context.Context, stream jetstream.Stream) (content []byte, revision uint64, err error) {
	message, err := d.lastMessage(ctx, stream, "data.content")
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	t, err := parseText(message.Data)
	if err != nil {
		return nil, 0, fmt.Errorf("the content at sequence %d of the stream %s: %w", message.Sequence, d.c.dataStream(), err)
	}
	if len(t.pieces) == 0 {
		return t.text, t.revision, nil
	}
	if content, err = d.pieces(ctx, t); err != nil {
		err = fmt.Errorf("a part of the content at sequence %d of the stream %s: %w", message.Sequence, d.c.dataStream(), err)
	}
	return content, t.revision, err
}

// lastChange returns the revision of the last change, or 0 if there is none.
func (d *Data) lastChange(ctx context.Context, stream jetstream.Stream) (revision uint64, err error) {
	message, err := d.lastMessage(ctx, stream, "data.change")
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return message.Sequence, nil
}

// consume makes a new consumer, which begins after what is applied, and returns its number. It is called while loading
// is held.
func (d *Data) consume(ctx context.Context, stream jetstream.Stream) (number int, err error) {
	d.mu.Lock()
	d.number++
	number, old := d.number, d.consumer
	from := d.applied + 1
	d.mu.Unlock()
	consumer, err := d.c.consume(ctx, stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{d.c.subject("data.change"), d.c.subject("data.content")},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	}, func(m jetstream.Msg) { d.receive(number, m) }, d.check)
	if err != nil {
		return 0, err
	}
	if old != nil {
		go old.Stop() // which may wait for requests that are not answered
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.consumer = consumer; d.c.context.Err() != nil {
		consumer.Stop()
	}
	return number, nil
}

// followAgain follows the changes anew after the connection was lost.
func (d *Data) followAgain() {
	if d.load == nil {
		return
	}
	ctx, cancel := context.WithTimeout(d.c.context, doTimeout)
	defer cancel()
	d.loading.Lock()
	defer d.loading.Unlock()
	stream, err := d.c.js.Stream(ctx, d.c.dataStream())
	if err == nil {
		_, err = d.consume(ctx, stream)
	}
	if err != nil {
		d.c.config.Logger.Debug("the data cannot be followed", "error", err)
		go d.check() // otherwise, fresh does it
	}
}

// fresh returns when all changes are applied that there are now.
func (d *Data) fresh(ctx context.Context) error {
	if d.load == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, doTimeout)
	defer cancel()
	stream, err := d.c.js.Stream(ctx, d.c.dataStream())
	if err != nil {
		return err
	}
	isOther, last, err := d.compare(ctx, stream)
	if err != nil {
		return err
	}
	if isOther {
		err = d.read(ctx)
	} else if !d.await(ctx, func() bool { return d.applied >= last || d.err != nil }) {
		d.followAgain()
		err = d.c.unavailable("the changes of the data up to %d have not come", last)
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	applied := d.applied
	d.mu.Unlock()
	d.c.members.progress(inData, applied, d.c.nc, d.c.subject("applied"))
	return nil
}

// compare returns the revision of the last change, and reports whether what is applied is not from this stream, because
// that was deleted or emptied, or cannot be read.
func (d *Data) compare(ctx context.Context, stream jetstream.Stream) (isOther bool, last uint64, err error) {
	d.mu.Lock()
	applied, created, broken := d.applied, d.created, d.err != nil
	d.mu.Unlock()
	last, err = d.lastChange(ctx, stream)
	return err == nil && (broken || last < applied || !created.Equal(stream.CachedInfo().Created)), last, err
}

// check loads the content again if the stream is not the one that was read.
func (d *Data) check() {
	if !d.checking.CompareAndSwap(false, true) {
		return // it is being checked
	}
	defer d.checking.Store(false)
	ctx, cancel := context.WithTimeout(d.c.context, doTimeout)
	defer cancel()
	stream, err := d.c.js.Stream(ctx, d.c.dataStream())
	if errors.Is(err, jetstream.ErrStreamNotFound) && d.c.open(ctx) == nil {
		stream, err = d.c.js.Stream(ctx, d.c.dataStream())
	}
	if err != nil {
		return
	}
	if isOther, _, err := d.compare(ctx, stream); err == nil && isOther {
		d.readAgain("the stream " + d.c.dataStream() + " was deleted or emptied")
	}
}

// readAgain loads the content again. If that cannot be read, this node is no longer a member.
func (d *Data) readAgain(reason string) {
	d.c.config.Logger.Warn("this node reads the data again", "reason", reason)
	for {
		err := d.read(d.c.context)
		if err == nil || d.c.context.Err() != nil {
			return
		}
		d.c.config.Logger.Error("this node cannot read the data", "error", err)
		d.mu.Lock()
		broken := d.err != nil
		d.mu.Unlock()
		if broken {
			d.c.joinAgain("the data cannot be read: " + err.Error())
			return
		}
		if !sleep(d.c.context, joinPause) {
			return
		}
	}
}

// close ends the calls of load and apply.
func (d *Data) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	if d.consumer != nil {
		go d.consumer.Stop()
	}
}

const (
	// minimumContent is how many bytes of changes there are at least before a new content is written.
	minimumContent = 1 << 20
	// orphanAge is how old pieces are that belong to nothing: their writer has died.
	orphanAge = 20 * pieceTime
)

// keepShort writes the whole content, and removes the changes before, if these are longer than the last content.
func (d *Data) keepShort() {
	d.mu.Lock()
	short := d.since <= max(minimumContent, d.content)
	d.mu.Unlock()
	if short {
		return
	}
	ctx, cancel := context.WithTimeout(d.c.context, pieceTime)
	defer cancel()
	if err := d.writeContent(ctx); err != nil {
		d.c.config.Logger.Warn("the stream "+d.c.dataStream()+" was not shortened", "error", err)
	}
}

func (d *Data) writeContent(ctx context.Context) error {
	stream, err := d.c.js.Stream(ctx, d.c.dataStream())
	if err != nil {
		return err
	}
	var lastSequence, lastRevision uint64
	last, err := d.lastMessage(ctx, stream, "data.content")
	if err == nil {
		t, err := parseText(last.Data)
		if err != nil {
			return err
		}
		lastSequence, lastRevision = last.Sequence, t.revision
	} else if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return err
	}
	revision, content := d.save()
	if content == nil || revision <= lastRevision {
		return nil
	}
	id := newID()
	message, err := d.compose(ctx, id, revision, content)
	if err != nil {
		return err
	}
	_, err = d.c.js.Publish(ctx, d.c.subject("data.content"), message,
		jetstream.WithExpectLastSequencePerSubject(lastSequence), jetstream.WithExpectStream(d.c.dataStream()))
	if isConflict(err) {
		return nil // another node has done it
	}
	if err != nil {
		return err
	}
	// The last change stays: NATS compares the next one with it.
	err = errors.Join(
		stream.Purge(ctx, jetstream.WithPurgeSubject(d.c.subject("data.change")), jetstream.WithPurgeSequence(revision)),
		stream.Purge(ctx, jetstream.WithPurgeSubject(d.c.subject("data.content")), jetstream.WithPurgeKeep(1)))
	return errors.Join(err, d.purgePieces(ctx, stream, id, orphanAge))
}

// purgePieces removes old pieces, except those of the last content. Those that are younger may belong to a change that
// is not there yet.
func (d *Data) purgePieces(ctx context.Context, stream jetstream.Stream, except string, age time.Duration) error {
	pieces := d.c.subject("data.piece.")
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(pieces+">"))
	if err != nil {
		return err
	}
	for subject := range info.State.Subjects {
		if subject == pieces+except {
			continue
		}
		last, err := stream.GetLastMsgForSubject(ctx, subject)
		if err == nil && info.TimeStamp.Sub(last.Time) > age {
			err = stream.Purge(ctx, jetstream.WithPurgeSubject(subject))
		}
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
	}
	return nil
}
