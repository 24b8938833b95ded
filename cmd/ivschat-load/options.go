package main

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Options is the table of options. Flags, environment variables and --help are
// made from it.
type Options struct {
	Endpoint      string        `default:"http://127.0.0.1:4700" env:"AWS_ENDPOINT_URL_IVSCHAT" help:"Control plane."`
	Messaging     string        `env:"IVSCHAT_MESSAGING_URL" help:"Messaging endpoint. Without it the one at the address of the control plane." placeholder:"URL"`
	Region        string        `default:"us-east-1" env:"AWS_REGION" help:"Region to sign for."`
	Room          string        `help:"Room to fill. Without it one is made, and deleted at the end." placeholder:"ARN"`
	Viewers       int           `default:"100" help:"Connections that only listen."`
	Senders       int           `default:"0" help:"Connections that also send. 0 is as many as the rate needs."`
	Rate          float64       `default:"10" help:"Messages a second, from all senders together, 0 to 100. Close to 100, the most that a room takes, some are refused with 429 and sent again."`
	Events        float64       `default:"0" help:"Events a second, which the application sends into the room with SendEvent, 0 to 100."`
	Duration      time.Duration `default:"10s" help:"For how long to send, 2h at most."`
	MessageLength int           `default:"100" help:"Characters of a message, 50 to 500."`
	ConnectRate   float64       `default:"0" help:"Connections a second to open. 0 is as fast as they come about."`
	Format        string        `default:"text" enum:"text,json" help:"text or json."`
	AWS           bool          `name:"aws" env:"-" help:"Load AWS itself, in --region, with the credentials of the environment. AWS bills for it."`
}

// What the service allows, and what is sensible.
const (
	maximumRate        = ivschat.MaximumMessageRatePerSecond // also that of SendEvent (service quotas)
	comfortablePerConn = 2                                   // messages a second, far below what a connection may ask for, since what is refused is sent again
	maximumDuration    = 2 * time.Hour
	sessionMinutes     = int32(ivschat.MaximumSessionDuration / time.Minute) // longer than any load
	shortestMessage    = 50                                                  // what a message has to carry, and some more
	longestMessage     = ivschat.DefaultMaximumMessageLength                 // also the most
)

func (o Options) withDefaults() Options {
	if o.Senders == 0 && o.Rate > 0 && o.Rate <= maximumRate {
		o.Senders = int(math.Ceil(o.Rate / comfortablePerConn))
	}
	if o.AWS {
		o.Endpoint, o.Messaging = "https://ivschat."+o.Region+".amazonaws.com", "wss://edge.ivschat."+o.Region+".amazonaws.com"
	}
	if endpoint, err := url.Parse(o.Endpoint); o.Messaging == "" && err == nil {
		endpoint.Scheme = strings.Replace(endpoint.Scheme, "http", "ws", 1)
		o.Messaging = endpoint.String()
	}
	return o
}

// check says what is wrong with the options, all of it.
func (o Options) check() error {
	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	check(isURL(o.Endpoint, "http", "https"), "--endpoint must be a URL such as http://127.0.0.1:4700, but is %q", o.Endpoint)
	check(isURL(o.Messaging, "ws", "wss"), "--messaging must be a URL such as ws://127.0.0.1:4700, but is %q", o.Messaging)
	check(o.AWS || !isAWS(o.Endpoint) && !isAWS(o.Messaging), "%s is AWS, which bills for every message that it delivers: if that is what you want, give --aws in place of the address", o.Endpoint)
	check(ivschat.IsRegion(o.Region), "--region must be a name such as us-east-1, but is %q", o.Region)
	check(o.Viewers >= 0, "--viewers must be 0 or more, but is %d", o.Viewers)
	check(o.Senders >= 0, "--senders must be 0 or more, but is %d", o.Senders)
	check(o.Viewers+o.Senders > 0, "without --viewers and --senders there is nothing to do")
	check(o.Rate >= 0 && o.Rate <= maximumRate, "--rate must be 0 to %d, which is what a room takes, but is %v", maximumRate, o.Rate)
	check(o.Events >= 0 && o.Events <= maximumRate, "--events must be 0 to %d, which is how often SendEvent may be called, but is %v", maximumRate, o.Events)
	check(!(o.Rate > float64(ivschat.MessagingRequestRate*o.Senders)), "--rate %v needs more than --senders %d: a connection may send %d times a second", o.Rate, o.Senders, ivschat.MessagingRequestRate)
	check(o.Duration > 0 && o.Duration <= maximumDuration, "--duration must be more than 0 and at most %s, but is %s", maximumDuration, o.Duration)
	check(o.MessageLength >= shortestMessage && o.MessageLength <= longestMessage, "--message-length must be %d to %d, but is %d", shortestMessage, longestMessage, o.MessageLength)
	check(o.ConnectRate >= 0, "--connect-rate must be 0 or more, but is %v", o.ConnectRate)
	return errors.Join(wrong...)
}

func isURL(text string, schemes ...string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && slices.Contains(schemes, parsed.Scheme)
}

// isAWS reports whether a URL leads to AWS.
func isAWS(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(parsed.Hostname()), ".")
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".api.aws")
}
