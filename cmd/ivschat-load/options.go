package main

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Options is the table of options. Flags, environment variables and --help are
// made from it.
type Options struct {
	Endpoint      string        `default:"http://127.0.0.1:4700" env:"AWS_ENDPOINT_URL_IVSCHAT" help:"URL of the control plane. For https://, the authorities in $$AWS_CA_BUNDLE are trusted, too. The credentials of the environment sign requests to https:// and to this machine."`
	Messaging     string        `env:"IVSCHAT_MESSAGING_URL" help:"URL of the messaging endpoint. By default, it has the address of the control plane." placeholder:"URL"`
	Region        string        `default:"us-east-1" env:"AWS_REGION" help:"Region that requests are signed for."`
	Room          string        `help:"Existing room to use. By default, a room is created, and deleted at the end." placeholder:"ARN"`
	Viewers       int           `default:"100" help:"Connections that only receive."`
	Senders       int           `default:"0" help:"Connections that also send. 0 means as many as the rate needs."`
	Rate          float64       `default:"10" help:"Messages per second from all senders together, from 0 to 100. A room that is created has this rate as its limit. A message that is refused with 429 is sent again."`
	Events        float64       `default:"0" help:"Events per second, sent with SendEvent as an application does, from 0 to 100."`
	Duration      time.Duration `default:"10s" help:"How long to send, at most 2h."`
	MessageLength int           `default:"100" help:"Characters in a message, from 50 to 500."`
	ConnectRate   float64       `default:"0" help:"Connections to open per second. 0 means as fast as possible."`
	Format        string        `default:"text" enum:"text,json" help:"Format of the report: text or json."`
	AWS           bool          `name:"aws" env:"-" help:"Put load on AWS itself, in --region, with the credentials from the environment. AWS charges for it."`
}

const (
	maxRate         = ivschat.MaximumMessageRatePerSecond // of a room, and of SendEvent (service quotas)
	maxDuration     = 2 * time.Hour
	sessionMinutes  = int32(ivschat.MaximumSessionDuration / time.Minute) // more than maxDuration
	minLength       = 50                                                  // enough for the marker and the stamp
	maxLength       = ivschat.DefaultMaximumMessageLength
	defaultSendRate = 2 // messages per second and sender, far below the limit, which leaves room for retries
)

// withDefaults fills in what depends on other options.
func (o Options) withDefaults() Options {
	if o.Senders == 0 && o.Rate > 0 && o.Rate <= maxRate {
		o.Senders = int(math.Ceil(o.Rate / defaultSendRate))
	}
	if o.AWS {
		o.Endpoint = "https://ivschat." + o.Region + ".amazonaws.com"
		o.Messaging = "wss://edge.ivschat." + o.Region + ".amazonaws.com"
	}
	if endpoint, err := url.Parse(o.Endpoint); o.Messaging == "" && err == nil && endpoint.Host != "" {
		endpoint.Scheme = strings.Replace(endpoint.Scheme, "http", "ws", 1)
		o.Messaging = endpoint.String()
	}
	return o
}

// awsRule is what is wrong with an address of AWS.
const awsRule = "is %q, an address of AWS, which charges for every message that it delivers: " +
	"to load it anyway, use --aws instead"

// check returns everything that is wrong with the options.
func (o Options) check() error {
	var wrong []error
	check := func(ok bool, option, format string, args ...any) {
		if !ok {
			wrong = append(wrong, cli.Wrongf(option, format, args...))
		}
	}
	check(isURL(o.Endpoint, "http", "https"), "endpoint",
		"must be a URL such as http://127.0.0.1:4700, but is %q", o.Endpoint)
	check(o.Messaging == "" || isURL(o.Messaging, "ws", "wss"), "messaging", // "" if the endpoint is wrong
		"must be a URL such as ws://127.0.0.1:4700, but is %q", o.Messaging)
	check(o.AWS || !isAWS(o.Endpoint), "endpoint", awsRule, o.Endpoint)
	check(o.AWS || !isAWS(o.Messaging), "messaging", awsRule, o.Messaging)
	check(ivschat.IsRegion(o.Region), "region", "must be a name such as us-east-1, but is %q", o.Region)
	check(o.Viewers >= 0, "viewers", "must be 0 or more, but is %d", o.Viewers)
	check(o.Senders >= 0, "senders", "must be 0 or more, but is %d", o.Senders)
	check(o.Viewers+o.Senders != 0, "viewers", "or --senders must be more than 0, but both are 0")
	check(o.Rate >= 0 && o.Rate <= maxRate, "rate",
		"must be from 0 to %d, the limit of a room, but is %v", maxRate, o.Rate)
	check(o.Events >= 0 && o.Events <= maxRate, "events",
		"must be from 0 to %d, the limit of SendEvent, but is %v", maxRate, o.Events)
	check(!(o.Rate > float64(ivschat.MessagingRequestRate*o.Senders)), "rate",
		"%v needs more than --senders %d: a connection may send %d messages per second",
		o.Rate, o.Senders, ivschat.MessagingRequestRate)
	check(o.Duration > 0 && o.Duration <= maxDuration, "duration",
		"must be more than 0 and at most %s, but is %s", maxDuration, o.Duration)
	check(o.MessageLength >= minLength && o.MessageLength <= maxLength, "message-length",
		"must be from %d to %d, but is %d", minLength, maxLength, o.MessageLength)
	check(o.ConnectRate >= 0, "connect-rate", "must be 0 or more, but is %v", o.ConnectRate)
	return errors.Join(wrong...)
}

func isURL(text string, schemes ...string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && slices.Contains(schemes, parsed.Scheme)
}

// usesTLS reports whether one of the endpoints is a server with TLS.
func (o Options) usesTLS() bool {
	return strings.HasPrefix(strings.ToLower(o.Endpoint), "https:") ||
		strings.HasPrefix(strings.ToLower(o.Messaging), "wss:")
}

// isAWS reports whether a URL is an address of AWS.
func isAWS(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(parsed.Hostname()), ".")
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".api.aws")
}
