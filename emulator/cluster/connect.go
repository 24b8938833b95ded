package cluster

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// connect connects to NATS.
func (c *Cluster) connect(ctx context.Context) error {
	options := []nats.Option{
		nats.Name("ivschat-local " + c.config.Name),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // an operator may be about to repair what the server knows of this user
		nats.ReconnectWait(connectWait),
		nats.ReconnectJitter(connectWait, connectWait),
		nats.ReconnectBufSize(-1),            // what cannot be sent fails, and is sent again in its order
		nats.FlusherTimeout(2 * time.Second), // a connection that hangs must not hold up the callers for long
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if c.context.Err() == nil {
				c.config.Logger.Warn("the connection to NATS is lost: requests are refused until it is back", "error", err)
			}
		}),
		nats.ClosedHandler(func(nc *nats.Conn) {
			if c.context.Err() == nil {
				c.config.Logger.Error("NATS has closed the connection for good: this node must be started again",
					"error", nc.LastError())
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			c.config.Logger.Info("the connection to NATS is back")
			c.hasReconnected()
			c.sending.wake()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { c.reports.add(err, c.config.Logger) }),
	}
	if c.config.Credentials != "" {
		options = append(options, nats.UserCredentials(c.config.Credentials))
	}
	if c.config.CA != "" {
		options = append(options, nats.RootCAs(c.config.CA))
	}
	if c.config.Certificate != "" {
		options = append(options, nats.ClientCert(c.config.Certificate, c.config.Key))
	}
	servers := strings.Join(ShownURLs(c.config.URLs), ", ")
	for waited := false; ; waited = true {
		nc, err := nats.Connect(strings.Join(c.config.URLs, ","), options...)
		if err == nil {
			return c.use(nc)
		}
		if !canPass(err) {
			return fmt.Errorf("connect to NATS at %s: %w%s", servers, err, advice(err))
		}
		if !waited {
			c.config.Logger.Info("no NATS server answers yet: check --nats and whether the server runs",
				"servers", servers, "error", err)
		}
		if !sleep(ctx, connectWait) {
			return fmt.Errorf("connect to NATS at %s: %w: check --nats and whether the server runs", servers, err)
		}
	}
}

// advice says what to do if NATS has refused a connection with this error, or the files of --nats-tls are wrong. It is
// "" if that is not known.
func advice(err error) string {
	text := strings.ToLower(err.Error()) // NATS sends texts
	_, unknownAuthority := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case strings.Contains(text, "authorization violation"), strings.Contains(text, "authentication"):
		return ": check the user and the password, or the token, in --nats, or --nats-credentials"
	case errors.Is(err, nats.ErrPermissionViolation):
		return ": check the permissions of the user in --nats or --nats-credentials"
	case unknownAuthority:
		return ": give the authority that has signed the certificate of the server with --nats-tls"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return ": the server has no TLS, so leave out --nats-tls, and use nats:// in place of tls://"
	case strings.Contains(text, "certificate required"), strings.Contains(text, "bad certificate"):
		return ": the server wants another certificate from its clients: --nats-tls CERTIFICATE,KEY,AUTHORITY"
	case strings.Contains(text, "rootca"), strings.Contains(text, "root certificate"), strings.Contains(text, "x509"):
		return ": check --nats-tls, which is AUTHORITY or CERTIFICATE,KEY,AUTHORITY"
	}
	return ""
}

// reports are the errors that NATS tells while the connection lasts, or is being made again.
type reports struct {
	mu       sync.Mutex // guards what follows
	latest   string
	at       time.Time // when it was logged
	reason   string    // the latest one of which is known what to do
	reasonAt time.Time
}

const (
	// reportInterval is how often the same error is logged at most.
	reportInterval = 10 * time.Second
	// reasonAge is for how long an error can be the reason of what fails.
	reasonAge = 30 * time.Second
)

// add notes an error, and logs it unless it is the same as a moment ago.
func (r *reports) add(err error, logger *slog.Logger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what := advice(err)
	if what != "" {
		r.reason, r.reasonAt = fmt.Sprintf(": %v%s", err, what), time.Now()
	}
	if err.Error() == r.latest && time.Since(r.at) < reportInterval {
		return
	}
	r.latest, r.at = err.Error(), time.Now()
	logger.Warn("NATS reports an error"+what, "error", err)
}

// hint says which error of a moment ago may be the reason of what fails now, and what to do. It is "" if there is none.
func (r *reports) hint() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.reasonAt) > reasonAge {
		return ""
	}
	return r.reason
}

// ShownURLs returns the URLs of servers for messages: without user names, passwords and tokens.
func ShownURLs(servers []string) (shown []string) {
	for _, server := range servers {
		text := "?"
		if parsed, err := url.Parse(server); err == nil {
			text = parsed.Scheme + "://" + parsed.Host
		}
		shown = append(shown, text)
	}
	return shown
}

// hasReconnected has the streams followed again.
func (c *Cluster) hasReconnected() {
	select {
	case c.reconnected <- struct{}{}:
	default:
	}
}

// canPass reports whether an attempt to connect that failed with this error may succeed later: the server does not run
// yet, or has too many connections. What a proxy accepts for a server that does not run yet ends at once.
func canPass(err error) bool {
	failed, isNetwork := errors.AsType[*net.OpError](err)
	return errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrMaxConnectionsExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, nats.ErrTimeout) ||
		isNetwork && failed.Op != "remote error" // which is of TLS
}

// use makes this the connection to NATS.
func (c *Cluster) use(nc *nats.Conn) (err error) {
	if limit := nc.MaxPayload(); limit < minimumPayload {
		nc.Close()
		return fmt.Errorf("the NATS server takes messages of at most %d bytes: set its max_payload to %d or more",
			limit, minimumPayload)
	}
	c.nc = nc
	c.js, err = jetstream.New(nc)
	return err
}
