package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/adrg/xdg"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// defaultListen is where the README says that the emulator is.
const defaultListen = "127.0.0.1:4700"

// inMemory is the value of --data that keeps nothing.
const inMemory = ":memory:"

// Settings is the table of settings. Flag, environment variable, --help and
// the README's table are made from it or checked against it.
type Settings struct {
	Listen                    string        `default:"127.0.0.1:4700" help:"Address to listen on. Port 0 takes a free one."`
	Data                      string        `default:"${data}" help:"Directory for the database and the keys. :memory: keeps nothing."`
	Account                   string        `default:"000000000000" help:"Account of callers whose access key is not twelve digits."`
	Region                    string        `default:"us-east-1" help:"Region of unsigned requests."`
	TokenTTL                  time.Duration `name:"token-ttl" default:"1h" help:"For how long a chat token opens a connection."`
	SessionDuration           time.Duration `default:"0s" help:"Length of every session, whatever sessionDurationInMinutes says. 0s leaves it to the request."`
	RoomQuota                 int           `default:"50000" help:"Rooms of an account in a region."`
	LoggingConfigurationQuota int           `default:"10" help:"Logging configurations of an account in a region."`
	SendMessageRate           int           `default:"0" help:"Messages a second of an account in a region, over all rooms. 0 is no limit, AWS's is 1000."`
	DeleteMessageRate         int           `default:"0" help:"Deletions of messages a second of an account in a region. 0 is no limit, AWS's is 100."`
	DisconnectUserRate        int           `default:"0" help:"Disconnections of users a second of an account in a region. 0 is no limit, AWS's is 100."`
	SendEventRate             int           `default:"0" help:"Events a second of an account in a region. 0 is no limit, AWS's is 100."`
	Seed                      string        `help:"File of rooms, logging configurations and tags to have from the start." placeholder:"FILE"`
	RandomSeed                int64         `default:"0" help:"Fixes ids and the dice of faults, for runs that have to be repeated. 0 takes a random one."`
	AdminListen               string        `help:"Address for the emulator's own paths, /_ivschat/, instead of --listen; off serves them nowhere." placeholder:"ADDRESS"`
	OnShutdown                string        `default:"drop" enum:"drop,close" help:"drop chat connections at the end, so that clients come back, or close them with code 1001, which is final."`
	LogFormat                 string        `default:"text" enum:"text,json" help:"text or json."`
	LogLevel                  string        `default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
}

// defaultData is the place where the user's programs keep what should outlast
// them.
func defaultData() string { return filepath.Join(xdg.StateHome, "ivschat-local") }

// config gives the settings as the library takes them.
func (s Settings) config(log io.Writer) emulator.Config {
	return emulator.Config{
		Listen:                    s.Listen,
		DataDir:                   s.dataDir(),
		Account:                   s.Account,
		Region:                    s.Region,
		TokenTTL:                  s.TokenTTL,
		SessionDuration:           s.SessionDuration,
		RoomQuota:                 s.RoomQuota,
		LoggingConfigurationQuota: s.LoggingConfigurationQuota,
		SendMessageRate:           s.SendMessageRate,
		DeleteMessageRate:         s.DeleteMessageRate,
		DisconnectUserRate:        s.DisconnectUserRate,
		SendEventRate:             s.SendEventRate,
		RandomSeed:                uint64(s.RandomSeed),
		AdminListen:               s.AdminListen,
		CloseOnShutdown:           s.OnShutdown == "close",
		Logger:                    s.logger(log),
	}
}

func (s Settings) dataDir() string {
	if s.Data == inMemory {
		return ""
	}
	return s.Data
}

func (s Settings) logger(log io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // the table allows only names that it knows
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(log, options))
	}
	return slog.New(slog.NewTextHandler(log, options))
}

func checkAddress(setting, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--%s must be HOST:PORT, but is %q", setting, address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("--%s must have a port from 0 to 65535, but is %q", setting, address)
	}
	return nil
}

// check says what the table cannot say about its values. Zero is a default to
// the library, but whoever sets something to nothing means it.
func (s Settings) check() error {
	var wrong []error
	for _, required := range []struct {
		setting string
		given   bool
	}{
		{"listen", s.Listen != ""}, {"data", s.Data != ""}, {"account", s.Account != ""}, {"region", s.Region != ""},
		{"token-ttl", s.TokenTTL != 0}, {"room-quota", s.RoomQuota != 0}, {"logging-configuration-quota", s.LoggingConfigurationQuota != 0},
	} {
		if !required.given {
			wrong = append(wrong, fmt.Errorf("--%s must not be empty or zero", required.setting))
		}
	}
	if s.RandomSeed < 0 {
		wrong = append(wrong, fmt.Errorf("--random-seed must be 0 or more, but is %d", s.RandomSeed))
	}
	wrong = append(wrong, checkAddress("listen", s.Listen))
	if s.AdminListen != "" && s.AdminListen != emulator.AdminOff {
		wrong = append(wrong, checkAddress("admin-listen", s.AdminListen))
	}
	return errors.Join(append(wrong, s.config(io.Discard).Validate())...)
}
