package cluster

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A bucket is a bucket of NATS KV. It is opened when it is needed, so that reading makes nothing.
type bucket struct {
	cluster *Cluster
	name    string

	mu     sync.Mutex         // guards what follows
	kv     jetstream.KeyValue // nil until it was opened
	stream jetstream.Stream   // of kv
}

func (c *Cluster) bucket(name string) *bucket {
	return &bucket{cluster: c, name: c.config.Prefix + "-" + name}
}

// open returns the bucket. If there is none, the error is jetstream.ErrBucketNotFound.
func (b *bucket) open(ctx context.Context) (jetstream.KeyValue, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kv != nil {
		return b.kv, nil
	}
	stream, err := b.cluster.js.Stream(ctx, "KV_"+b.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, jetstream.ErrBucketNotFound
	}
	if err != nil {
		return nil, b.failed("open", err)
	}
	return b.useLocked(ctx, stream)
}

// create returns the bucket, and makes it if there is none. What it has can have a TTL.
func (b *bucket) create(ctx context.Context) (jetstream.KeyValue, error) {
	if kv, err := b.open(ctx); !errors.Is(err, jetstream.ErrBucketNotFound) {
		return kv, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// As the client library makes buckets, except for two things: reads are answered by the leader of the stream, whose
	// answers are never old, and nothing is left of a value whose TTL has ended.
	stream, err := b.cluster.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:              "KV_" + b.name,
		Description:       "what the nodes of ivschat-local share",
		Subjects:          []string{"$KV." + b.name + ".>"},
		Storage:           jetstream.FileStorage,
		MaxMsgsPerSubject: 1,
		Discard:           jetstream.DiscardNew,
		AllowRollup:       true,
		DenyDelete:        true,
		AllowMsgTTL:       true,
	})
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another node has made it, or an operator has changed it
		stream, err = b.cluster.js.Stream(ctx, "KV_"+b.name)
	}
	if err != nil {
		return nil, b.failed("create", err)
	}
	return b.useLocked(ctx, stream)
}

// useLocked keeps the bucket of a stream. Servers ignore the members of a configuration that they do not know.
func (b *bucket) useLocked(ctx context.Context, stream jetstream.Stream) (jetstream.KeyValue, error) {
	if !stream.CachedInfo().Config.AllowMsgTTL {
		return nil, fmt.Errorf("the stream KV_%s has no TTL for single messages: NATS 2.11 or later is needed, and this "+
			"server has %s", b.name, b.cluster.nc.ConnectedServerVersion())
	}
	kv, err := b.cluster.js.KeyValue(ctx, b.name)
	if err != nil {
		return nil, b.failed("open", err)
	}
	b.kv, b.stream = kv, stream
	return kv, nil
}

// opened returns the stream of the bucket, which was opened before.
func (b *bucket) opened() jetstream.Stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stream
}

// lost is failed for what NATS has not done with the open bucket. It is opened again then: its stream may be deleted.
func (b *bucket) lost(what string, err error) error {
	b.mu.Lock()
	b.kv = nil
	b.mu.Unlock()
	return b.failed(what, err)
}

// failed returns the error for something that could not be done with a bucket.
func (b *bucket) failed(what string, err error) error {
	return b.cluster.unavailable("%s the bucket %s: %v", what, b.name, err)
}

// A Value is one value that all nodes share, and that survives them. It has no copy here: every call asks NATS. Its
// errors wrap ErrUnavailable.
type Value struct {
	bucket *bucket
	key    string
}

// Value returns the value with a key in a bucket, which is made when a value is created in it.
func (c *Cluster) Value(bucket, key string) *Value { return &Value{c.bucket(bucket), key} }

// Keys returns where the nodes keep the keys of chat tokens.
func (c *Cluster) Keys() *Value { return c.Value("keys", "keyring") }

// Load returns the value and its revision, which grows with each change. The value is nil if there is none.
func (v *Value) Load(ctx context.Context) (value []byte, revision uint64, err error) {
	kv, err := v.bucket.open(ctx)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	entry, err := kv.Get(ctx, v.key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, v.bucket.lost("read", err)
	}
	return entry.Value(), entry.Revision(), nil
}

// Create stores a value if there is none, and reports whether it did. After an error, that is unknown.
func (v *Value) Create(ctx context.Context, value []byte) (created bool, err error) {
	kv, err := v.bucket.create(ctx)
	if err != nil {
		return false, err
	}
	_, err = kv.Create(ctx, v.key, value)
	return v.stored("create a value in", err, jetstream.ErrKeyExists)
}

// Update replaces the value if it has this revision, and reports whether it did. After an error, that is unknown.
func (v *Value) Update(ctx context.Context, value []byte, revision uint64) (updated bool, err error) {
	kv, err := v.bucket.open(ctx)
	if err != nil {
		return false, err
	}
	_, err = kv.Update(ctx, v.key, value, revision)
	return v.stored("change a value in", err, jetstream.ErrKeyRevisionMismatch)
}

// stored returns the result of a write, which one error says was not made.
func (v *Value) stored(what string, err, not error) (bool, error) {
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, not):
		return false, nil
	}
	return false, v.bucket.lost(what, err)
}

// valuePeriod is how often it is asked for a value that is watched. A watch of NATS would be faster, but takes 20 s to
// notice that the server was restarted.
const valuePeriod = time.Second

// Watch calls a function with the value, if there is one, and with each later one until the cluster is closed. If
// several follow each other within a second, it may get the last one only. If there is no value any more, because
// someone has deleted it, the function is called with nil once a second. The calls are made one after another, from
// a goroutine.
func (v *Value) Watch(changed func(value []byte, revision uint64)) {
	c, last := v.bucket.cluster, []byte(nil)
	look := func() {
		ctx, cancel := context.WithTimeout(c.context, valuePeriod)
		defer cancel()
		if value, revision, err := v.Load(ctx); err == nil && !bytes.Equal(value, last) {
			if changed(value, revision); value != nil {
				last = value
			}
		}
	}
	c.running.Go(func() {
		look()
		c.every(valuePeriod, look)
	})
}

// create makes a stream if it does not exist.
func (c *Cluster) create(ctx context.Context, config jetstream.StreamConfig) error {
	for waited := false; ; waited = true {
		_, err := c.js.CreateStream(ctx, config)
		switch {
		case err == nil, errors.Is(err, jetstream.ErrStreamNameAlreadyInUse):
			return nil // an operator may have changed how the stream is stored
		case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
			return fmt.Errorf("the NATS server has no JetStream for this account: start it with -js (%w)", err)
		case isShortOfStorage(err):
			return fmt.Errorf("create the stream %s, which can take %d MiB: %w: let the NATS server use more, with "+
				"max_file_store in its configuration", config.Name, max(config.MaxBytes, 0)>>20, err)
		}
		if !waited && !c.nc.IsReconnecting() {
			c.config.Logger.Info("JetStream does not answer yet: a NATS server needs -js for it", "error", err)
		}
		if !sleep(ctx, connectWait) {
			return fmt.Errorf("create the stream %s: %w%s", config.Name, err,
				cmp.Or(c.reports.hint(), ": check whether the NATS server was started with -js"))
		}
	}
}

// isShortOfStorage reports whether NATS has refused to make a stream because the server or the account may not store as
// much. The numbers are in server/errors.json of nats-server 2.15.
func isShortOfStorage(err error) bool {
	const storageExceeded, accountExceeded = 10047, 10002
	failed, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (failed.ErrorCode == storageExceeded || failed.ErrorCode == accountExceeded)
}
