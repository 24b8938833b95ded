package emulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/control"
	"github.com/ivschat-local/ivschat-local/emulator/inspect"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/socket"
	"github.com/ivschat-local/ivschat-local/store"
)

// An Emulator is one Amazon IVS Chat, as an http.Handler and, after Start, as
// a server of its own. It is safe for concurrent use.
type Emulator struct {
	// Static after New.
	config  Config
	clock   *clock.Clock
	store   *store.Store
	control http.Handler
	inspect http.Handler
	socket  *socket.Handler
	server  *http.Server

	mu       sync.Mutex
	listener net.Listener // nil before Start
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
	e := &Emulator{config: config.withDefaults(), clock: new(clock.Clock), done: make(chan struct{})}
	keyring, err := e.openData()
	if err != nil {
		return nil, err
	}
	live := room.New(room.Config{
		Rooms:              e.store,
		Clock:              e.clock,
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
		Live:            live,
		Clock:           e.clock,
		Logger:          e.config.Logger,
		CloseOnShutdown: e.config.CloseOnShutdown,
	})
	e.control = control.New(control.Config{
		Rooms:                     e.store,
		LoggingConfigurations:     e.store,
		Tags:                      e.store,
		Tokens:                    keyring,
		Live:                      live,
		Clock:                     e.clock,
		Logger:                    e.config.Logger,
		DefaultCaller:             ivschat.Owner{AccountID: e.config.Account, Region: e.config.Region},
		TokenTTL:                  e.config.TokenTTL,
		SessionDuration:           e.config.SessionDuration,
		RoomQuota:                 e.config.RoomQuota,
		LoggingConfigurationQuota: e.config.LoggingConfigurationQuota,
	})
	e.inspect = inspect.Handler(Version)
	e.server = newServer(e, e.config.Logger)
	e.close = sync.OnceValue(e.shutdown)
	return e, nil
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
	case inspect.Serves(r.URL.Path):
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
