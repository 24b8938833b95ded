package emulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/control"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/inspect"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/socket"
	"github.com/ivschat-local/ivschat-local/store"
)

// An Emulator is one Amazon IVS Chat, as an http.Handler and, after Start, as
// a server of its own. It is safe for concurrent use.
type Emulator struct {
	// Static after New.
	config   Config
	clock    *clock.Clock
	random   *ivschat.Random
	journal  *journal.Journal
	faults   *fault.Set
	store    *store.Store
	live     *room.Rooms
	control  http.Handler
	inspect  http.Handler
	socket   *socket.Handler
	server   *http.Server
	door     *http.Server  // of InspectListen, nil without one
	stopping chan struct{} // closed when Close begins

	mu       sync.Mutex
	listener net.Listener // nil before Start
	opened   net.Addr     // of door
	closed   bool

	done  chan struct{} // closed when serving has ended, by whoever ended it
	close func() error  // does its work once
}

// New makes an emulator. It fails when the config is invalid or the data
// directory cannot be used. Close it when done.
func New(config Config) (*Emulator, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	e := &Emulator{
		config: config.withDefaults(), clock: new(clock.Clock), journal: new(journal.Journal),
		done: make(chan struct{}), stopping: make(chan struct{}),
	}
	e.random = ivschat.NewRandom(e.config.RandomSeed)
	e.faults = fault.New(control.DeclaredExceptions(), e.random, e.faultFired)
	keyring, err := e.openData()
	if err != nil {
		return nil, err
	}
	if config.RandomSeed != 0 && config.DataDir != "" {
		// What is kept has ids of earlier runs, and so may clients.
		run, err := e.store.NextRun()
		if err != nil {
			return nil, errors.Join(err, e.store.Close())
		}
		e.random.Skip(run)
	}
	e.wire(keyring)
	e.close = sync.OnceValue(e.shutdown)
	return e, nil
}

// wire makes the doors and what is behind them.
func (e *Emulator) wire(keyring *crypto.Keyring) {
	e.live = room.New(room.Config{
		Rooms:              e.store,
		Random:             e.random,
		Clock:              e.clock,
		Journal:            e.journal,
		Faults:             e.faults,
		Logger:             e.config.Logger,
		SendMessageRate:    e.config.SendMessageRate,
		DeleteMessageRate:  e.config.DeleteMessageRate,
		DisconnectUserRate: e.config.DisconnectUserRate,
		SendEventRate:      e.config.SendEventRate,
	})
	e.socket = socket.New(socket.Config{
		Tokens:          keyring,
		Uses:            e.store,
		Rooms:           e.store,
		Live:            e.live,
		Clock:           e.clock,
		Journal:         e.journal,
		Faults:          e.faults,
		Logger:          e.config.Logger,
		CloseOnShutdown: e.config.CloseOnShutdown,
	})
	e.control = control.New(control.Config{
		Rooms:                     e.store,
		LoggingConfigurations:     e.store,
		Tags:                      e.store,
		Tokens:                    keyring,
		Live:                      e.live,
		Random:                    e.random,
		Clock:                     e.clock,
		Journal:                   e.journal,
		Faults:                    e.faults,
		Logger:                    e.config.Logger,
		DefaultCaller:             ivschat.Owner{AccountID: e.config.Account, Region: e.config.Region},
		TokenTTL:                  e.config.TokenTTL,
		SessionDuration:           e.config.SessionDuration,
		RoomQuota:                 e.config.RoomQuota,
		LoggingConfigurationQuota: e.config.LoggingConfigurationQuota,
	})
	counters := metrics.New(
		func() float64 { return float64(len(e.live.Sessions("", ivschat.ARN{}))) },
		func() float64 { return float64(e.socket.Delivered()) },
	)
	e.journal.Told = counters.Observe
	e.inspect = inspect.Handler(inspect.Config{
		Version:  Version,
		Seed:     e.config.RandomSeed,
		Started:  time.Now(),
		Stopping: e.stopping,
		Clock:    e.clock,
		Faults:   e.faults,
		Journal:  e.journal,
		Live:     e.live,
		Rooms:    e.store,
		State:    e,
		Tokens:   tokens{keyring, e.store},
		Metrics:  counters,
		Logger:   e.config.Logger,
	})
	e.server = newServer(e, e.config.Logger)
	if listen := e.config.InspectListen; listen != "" && listen != InspectOff {
		e.door = newServer(e.inspect, e.config.Logger)
	}
}

// tokens is what the emulator knows of chat tokens.
type tokens struct {
	*crypto.Keyring
	*store.Store
}

// faultFired tells of a fault that fired.
func (e *Emulator) faultFired(rule fault.Rule, at fault.Point) {
	region := ""
	if arn, err := ivschat.ParseARN(at.Room); err == nil {
		region = arn.Owner.Region
	}
	e.journal.Add(journal.Entry{
		Time: e.clock.Now(), Kind: journal.Fault, Account: at.Account, Region: region, Room: at.Room, UserID: at.UserID, Operation: at.Operation, Rule: rule.ID,
	})
	e.config.Logger.Info("a fault fired", "rule", rule.ID, "operation", at.Operation, "room", at.Room)
}

// openData opens the database and the keys. The database comes first: its lock
// keeps a second process away from both.
func (e *Emulator) openData() (*crypto.Keyring, error) {
	openKeyring := crypto.NewKeyring
	openStore := store.OpenInMemory
	if dir := e.config.DataDir; dir != "" {
		openKeyring = func() (*crypto.Keyring, error) { return crypto.OpenKeyring(dir) }
		openStore = func() (*store.Store, error) { return store.Open(dir) }
	}
	var err error
	if e.store, err = openStore(); err != nil {
		return nil, err
	}
	keyring, err := openKeyring()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("token keys: %w", err), e.store.Close())
	}
	return keyring, nil
}

// Clock is the time of the emulated service. Moving it moves everything that
// the service dates or lets expire.
func (e *Emulator) Clock() *clock.Clock { return e.clock }

// ServeHTTP answers AWS's API and the emulator's own paths beside it. Every
// WebSocket handshake, whatever its path, is a chat client's.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case websocket(r):
		e.socket.ServeHTTP(w, r)
	case inspect.Serves(r.URL.Path) && e.config.InspectListen == "", inspect.IsHealth(r.URL.Path):
		e.inspect.ServeHTTP(w, r)
	default:
		e.control.ServeHTTP(w, r)
	}
}

// websocket reports whether a client wants to speak WebSocket. Whether it asks
// for it properly is for the endpoint to say.
func websocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
