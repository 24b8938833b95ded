package cluster

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// UsedTokens are the chat tokens that were used on any node. They are in a bucket, in which each is a key with the time
// at which the token expires.
//
// A token must never be used twice, so its mark must stay as long as the service's time can be before its expiration.
// The TTL of the mark ends in the server's time. It is the time until then, as long as the service's time is not slower
// than that of the machine, and spareTTL more. The service's time can be slower, or stand still. Once it is slowAfter
// behind, marks have no TTL: those that had one get rid of it (tidy), and are removed when the service's time has
// passed their expiration (decision D95). From then on until the first TTL is over, there is three quarters of an hour.
type UsedTokens struct {
	bucket   *bucket
	earliest func() time.Time

	kept bool // whether there may be marks without a TTL; only the goroutine that calls tidy uses it
}

const (
	spareTTL   = time.Hour
	slowAfter  = spareTTL / 4
	tidyPeriod = time.Minute
	tidyTime   = tidyPeriod / 2

	useTime     = 5 * time.Second // how long UseToken may take
	attemptTime = time.Second     // how long one attempt of it may take
	attemptWait = 50 * time.Millisecond
)

// A mark begins with one of these, and then names the use of the token.
const (
	markWithTTL = "t"
	markKept    = "k"
)

// UsedTokens returns the used tokens, and makes their bucket if there is none. earliest returns a time that the clock
// of the service will never be before again. Call it before Join. It fails if the server is older than NATS 2.11.
func (c *Cluster) UsedTokens(ctx context.Context, earliest func() time.Time) (*UsedTokens, error) {
	u := &UsedTokens{bucket: c.bucket("tokens"), earliest: earliest, kept: true}
	if _, err := u.bucket.create(ctx); err != nil {
		return nil, err
	}
	c.running.Go(func() { c.every(tidyPeriod, u.tidyIfFirst) })
	return u, nil
}

// UseToken marks a token as used, and reports whether this was its first use on any node. now is the earliest time that
// the clock of the service can have. An error wraps ErrUnavailable: then it is unknown whether the token is marked, and
// it must not open a connection. A later call for it may report that it was used.
func (u *UsedTokens) UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, useTime)
	defer cancel()
	kv, err := u.bucket.create(ctx)
	if err != nil {
		return false, err
	}
	key, use, mark := tokenKey(id, expires), newID(), markKept
	var options []jetstream.KVCreateOpt
	if time.Since(now) < slowAfter {
		mark, options = markWithTTL, append(options, jetstream.KeyTTL(max(expires.Sub(now), 0).Round(time.Second)+spareTTL))
	}
	for {
		attempt, cancel := context.WithTimeout(ctx, attemptTime)
		_, err = kv.Create(attempt, key, []byte(mark+use), options...)
		if err == nil {
			cancel()
			return true, nil
		}
		if errors.Is(err, jetstream.ErrKeyExists) {
			var entry jetstream.KeyValueEntry
			if entry, err = kv.Get(attempt, key); err == nil {
				cancel()
				// It was this call if the answer to an earlier attempt was lost.
				return strings.HasSuffix(string(entry.Value()), use), nil
			}
		}
		cancel()
		if !sleep(ctx, attemptWait) {
			return false, u.bucket.lost("mark a chat token as used in", err)
		}
	}
}

// TokenUsed reports whether a token was used. It may have forgotten one that has expired.
func (u *UsedTokens) TokenUsed(ctx context.Context, id string, expires time.Time) (used bool, err error) {
	kv, err := u.bucket.create(ctx)
	if err != nil {
		return false, err
	}
	switch _, err := kv.Get(ctx, tokenKey(id, expires)); {
	case err == nil:
		return true, nil
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return false, nil
	default:
		return false, u.bucket.lost("read", err)
	}
}

// tokenKey returns the key of a token. An ID can have characters that a key cannot.
func tokenKey(id string, expires time.Time) string {
	return strconv.FormatInt(expires.Unix(), 10) + "." + base64.RawURLEncoding.EncodeToString([]byte(id))
}

// expiration returns when the token of a key expires.
func expiration(key string) (at time.Time, ok bool) {
	seconds, _, _ := strings.Cut(key, ".")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	return time.Unix(unix, 0), err == nil
}

// tidyIfFirst tidies up, on one of the nodes.
func (u *UsedTokens) tidyIfFirst() {
	c := u.bucket.cluster
	if members := c.Members(); len(members) == 0 || members[0].ID != c.Self().ID {
		u.kept = true // another node may keep marks
		return
	}
	ctx, cancel := context.WithTimeout(c.context, tidyTime)
	defer cancel()
	if err := u.tidy(ctx); err != nil && c.context.Err() == nil {
		c.config.Logger.Warn("used chat tokens cannot be tidied up", "error", err)
	}
}

// tidy removes marks without a TTL whose tokens have expired. While the clock of the service is slow, it takes away the
// TTL of those whose tokens have not.
func (u *UsedTokens) tidy(ctx context.Context) error {
	earliest := u.earliest()
	slow := time.Since(earliest) >= slowAfter
	if !slow && !u.kept {
		return nil
	}
	kv, err := u.bucket.create(ctx)
	if err != nil {
		return err
	}
	marks, err := u.marks(ctx, kv)
	if err != nil {
		return err
	}
	kept := false
	for _, mark := range marks {
		expires, ok := expiration(mark.Key())
		if !ok || len(mark.Value()) == 0 {
			continue
		}
		isKept, over := string(mark.Value()[:1]) == markKept, !earliest.Before(expires)
		switch {
		case isKept && over:
			err = u.bucket.opened().Purge(ctx, jetstream.WithPurgeSubject("$KV."+u.bucket.name+"."+mark.Key()))
		case !isKept && !over && slow:
			_, err = kv.Update(ctx, mark.Key(), append([]byte(markKept), mark.Value()[1:]...), mark.Revision())
			kept = true
		default:
			kept = kept || isKept
		}
		if err != nil && !errors.Is(err, jetstream.ErrKeyRevisionMismatch) { // another node has changed it
			return u.bucket.failed("tidy up", err)
		}
	}
	u.kept = kept
	return nil
}

// marks returns all marks.
func (u *UsedTokens) marks(ctx context.Context, kv jetstream.KeyValue) (all []jetstream.KeyValueEntry, err error) {
	watcher, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, u.bucket.failed("list", err)
	}
	defer watcher.Stop()
	for {
		select {
		case entry, open := <-watcher.Updates():
			if !open {
				return nil, u.bucket.failed("list", errors.New("NATS has ended the list"))
			}
			if entry == nil { // that was all
				return all, nil
			}
			all = append(all, entry)
		case <-ctx.Done():
			return nil, u.bucket.failed("list", ctx.Err())
		}
	}
}
