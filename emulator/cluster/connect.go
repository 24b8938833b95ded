package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
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
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			c.config.Logger.Warn("NATS reports an error", "error", err)
		}),
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
			return fmt.Errorf("connect to NATS: %w", err)
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
