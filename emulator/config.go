package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Defaults for callers who do not say who they are.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "us-east-1"
)

// AdminOff is the AdminListen that serves the emulator's own paths nowhere.
const AdminOff = "off"

// Config says how an emulator is to be. The zero value runs: in memory, on a
// free port of the loopback interface, without a word.
type Config struct {
	// Listen is the address that Start listens on, host:port. Port 0 takes a
	// free one. "" is 127.0.0.1:0.
	Listen string
	// DataDir is the directory of the database and the keys. It is made if it
	// is not there. "" keeps everything in memory.
	DataDir string

	// Account is the twelve-digit account of callers whose access key is not
	// an account itself. "" is DefaultAccount.
	Account string
	// Region is the region of unsigned requests. "" is DefaultRegion.
	Region string

	// TokenTTL is for how long a chat token opens a connection, at least a
	// second. 0 is ivschat.DefaultTokenTTL.
	TokenTTL time.Duration
	// SessionDuration, at least a second, is how long every session lasts,
	// whatever sessionDurationInMinutes says. 0 leaves it to the request.
	SessionDuration time.Duration

	// RoomQuota is how many rooms an account may have in a region. 0 is
	// ivschat.RoomQuota.
	RoomQuota int
	// LoggingConfigurationQuota is how many logging configurations an account
	// may have in a region. 0 is ivschat.LoggingConfigurationQuota.
	LoggingConfigurationQuota int

	// SendMessageRate, DeleteMessageRate, DisconnectUserRate and
	// SendEventRate are how many of these an account may ask for in a second
	// and region, over both endpoints. 0 is no limit. The service allows
	// 1,000 messages and 100 of each of the others (User Guide: Service Quotas).
	SendMessageRate, DeleteMessageRate, DisconnectUserRate, SendEventRate int

	// CloseOnShutdown lets Close end connections of chat clients with code
	// 1001, which the official client for JavaScript takes as final. Without
	// it they are dropped, so that clients come back after a restart.
	CloseOnShutdown bool

	// RandomSeed fixes ids and the dice of faults, for runs that have to be
	// repeated. 0 takes a random one. With a DataDir every run has ids of its
	// own, the first the same as in memory.
	RandomSeed uint64

	// AdminListen is the address, host:port, of the emulator's own paths,
	// /_ivschat/. "" serves them beside AWS's, AdminOff nowhere.
	AdminListen string

	// Logger takes one line for each request, and what else is worth telling.
	// It never gets tokens, attributes or user ids. nil discards all.
	Logger *slog.Logger
}

// withDefaults gives the config with its zero values replaced.
func (c Config) withDefaults() Config {
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:0")
	c.Account = cmp.Or(c.Account, DefaultAccount)
	c.Region = cmp.Or(c.Region, DefaultRegion)
	c.TokenTTL = cmp.Or(c.TokenTTL, ivschat.DefaultTokenTTL)
	c.RoomQuota = cmp.Or(c.RoomQuota, ivschat.RoomQuota)
	c.LoggingConfigurationQuota = cmp.Or(c.LoggingConfigurationQuota, ivschat.LoggingConfigurationQuota)
	if c.RandomSeed == 0 {
		c.RandomSeed = 1 + rand.Uint64N(1<<53-1) // which every language can write
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate says everything that is wrong with a config, in one error.
func (c Config) Validate() error {
	c = c.withDefaults()
	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	check(ivschat.IsAccountID(c.Account), "account must be twelve digits, but is %q", c.Account)
	check(ivschat.IsRegion(c.Region), "region must be a name such as us-east-1, but is %q", c.Region)
	check(c.TokenTTL >= time.Second, "token TTL must be at least 1s, but is %s", c.TokenTTL)
	check(c.SessionDuration == 0 || c.SessionDuration >= time.Second, "session duration must be 0 or at least 1s, but is %s", c.SessionDuration)
	check(c.RoomQuota > 0, "room quota must be at least 1, but is %d", c.RoomQuota)
	check(c.LoggingConfigurationQuota > 0, "logging configuration quota must be at least 1, but is %d", c.LoggingConfigurationQuota)
	check(c.SendMessageRate >= 0, "send message rate must be 0 or more, but is %d", c.SendMessageRate)
	check(c.DeleteMessageRate >= 0, "delete message rate must be 0 or more, but is %d", c.DeleteMessageRate)
	check(c.DisconnectUserRate >= 0, "disconnect user rate must be 0 or more, but is %d", c.DisconnectUserRate)
	check(c.SendEventRate >= 0, "send event rate must be 0 or more, but is %d", c.SendEventRate)
	return errors.Join(wrong...)
}
