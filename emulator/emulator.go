package emulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/control"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/lifecycle"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/replica"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/socket"
	"github.com/ivschat-local/ivschat-local/emulator/state"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
	"github.com/ivschat-local/ivschat-local/store"
)

// An Emulator is a local emulator of Amazon IVS Chat: an http.Handler and, after Start, a server. It
// is safe for concurrent use. Its State resets it, takes snapshots and restores them.
type Emulator struct {
	// Static after New.
	*state.State
	config     Config
	clock      *clock.Clock
	random     *random.Source
	journal    *journal.Journal
	metrics    *metrics.Metrics
	faults     *fault.Set
	reviews    *review.Reviews
	logs       *chatlog.Logs
	recorder   recorder // of logs
	store      *store.Store
	live       *room.Rooms
	logging    *lifecycle.Lifecycle
	limiter    *throttle.Limiter
	callers    *iam.Callers // nil with AuthOff
	node       *node        // nil without a cluster
	used       usedTokens
	encryption *encryption
	control    http.Handler
	unchecked  func() http.Handler // returns control, without callers; makes it once
	admin      http.Handler
	socket     *socket.Handler

	*servers
	stopping chan struct{} // closed when Close begins
	close    func() error  // does its work once
}

// New creates an emulator. It fails if the config is invalid or the data directory cannot be used.
// Close it when it is no longer needed.
func New(config Config) (*Emulator, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	e := &Emulator{config: config.withDefaults(), clock: clock.New(), stopping: make(chan struct{})}
	e.journal = journal.New(e.config.JournalBytes)
	e.metrics = metrics.New(
		func() float64 { return float64(len(e.live.Sessions("", ivschat.ARN{}))) },
		func() float64 { return float64(e.socket.Delivered()) },
	)
	e.journal.Listen(e.metrics.Observe) // before the chat logs, which begin to deliver at once
	e.random = random.New(e.config.RandomSeed)
	e.faults = fault.New(e.random, e.faultFired)
	keyring, err := e.openData()
	if err != nil {
		return nil, err
	}
	if config.RandomSeed != 0 && (config.DataDir != "" || config.InCluster()) {
		// Stored resources, and what clients remember, have IDs of earlier runs.
		run, err := e.store.NextRun(context.Background())
		if err != nil {
			return nil, errors.Join(err, e.closeData())
		}
		e.random.SkipRuns(run)
	}
	if e.callers, err = e.openCallers(); err != nil {
		return nil, errors.Join(err, e.closeData())
	}
	if e.encryption, err = openEncryption(e.config); err != nil {
		return nil, errors.Join(err, e.closeData())
	}
	targets, err := invoke.New(invoke.Config{
		Handlers: e.config.ReviewHandler, LambdaEndpoint: e.config.LambdaEndpoint,
		Timeout: e.config.ReviewTimeout, Logger: e.config.Logger,
	})
	if err != nil {
		return nil, errors.Join(err, e.closeData())
	}
	if e.logs, err = e.openChatLogs(config.ChatLogs); err != nil {
		targets.Close()
		return nil, errors.Join(err, e.closeData())
	}
	e.wire(keyring, targets)
	e.close = sync.OnceValue(e.shutdown)
	if err := e.join(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// wire makes the servers and everything that they use, except the database and the keys.
func (e *Emulator) wire(keyring *crypto.Keyring, targets *invoke.Targets) {
	e.reviews = review.New(review.Config{
		Invoker: targets,
		Timeout: e.config.ReviewTimeout,
		Clock:   e.clock,
		Journal: e.journal,
		Faults:  e.faults,
		Logger:  e.config.Logger,
	})
	owner := ivschat.Owner{AccountID: e.config.Account, Region: e.config.Region}
	e.limiter = throttle.NewLimiter(func(account string) time.Time { return e.clock.Account(account).Now() })
	fanout, nodes := e.fanout()
	e.live = room.New(room.Config{
		Finder:                e.store,
		Fanout:                fanout,
		Nodes:                 nodes,
		Random:                e.random,
		Clock:                 e.clock,
		Journal:               e.journal,
		Faults:                e.faults,
		Reviewer:              e.reviews,
		Observers:             []hub.Observer{e.recorder.Observe},
		Logger:                e.config.Logger,
		Limiter:               e.limiter,
		MessageAttributeBytes: e.config.MessageAttributeBytes,
		SendMessageRate:       e.config.SendMessageRate,
		DeleteMessageRate:     e.config.DeleteMessageRate,
		DisconnectUserRate:    e.config.DisconnectUserRate,
		SendEventRate:         e.config.SendEventRate,
	})
	seed := new(state.Seed)
	e.State = state.New(state.Config{
		Store: e.store, Live: e.live, Faults: e.faults, Reviews: &e.reviews.Script, Logs: e.logs,
		Journal: e.journal, Clock: e.clock, Seed: seed, Owner: owner,
	})
	if e.node != nil {
		e.node.rooms.Serve(e.live)
		replica.ShareScript(e.node, &e.reviews.Script, e.config.Logger)
		replica.ShareSeed(e.node, seed, e.config.Logger)
	}
	e.wireSocket(keyring)
	e.wireControl(keyring, targets, owner)
	e.wireAdmin(keyring)
	e.servers = newServers(e.config, e.encryption, e, http.HandlerFunc(e.serveAdmin), e.stopping)
	// With a data directory, a handshake waits for the disk, and in a cluster for NATS. Only net/http notices a
	// client that leaves meanwhile.
	if e.config.DataDir == "" && e.node == nil {
		e.servers.main.take = e.socket.Take
	}
}

// functions returns who knows which functions may be invoked, or nil if that is not checked.
func (e *Emulator) functions(targets *invoke.Targets) control.Functions {
	if e.config.LambdaPermission != CheckPermission {
		return nil
	}
	return targets
}

// wireControl makes the control plane, which acts for the owner unless a request says otherwise.
func (e *Emulator) wireControl(keyring *crypto.Keyring, targets *invoke.Targets, owner ivschat.Owner) {
	e.logging = lifecycle.New(lifecycle.Config{
		Store: e.store, Clock: e.clock, Delay: e.config.LoggingConfigurationDelay, Logger: e.config.Logger,
		Shared: e.node != nil,
	})
	e.shareLifecycle()
	config := control.Config{
		Rooms:                 e.store,
		LoggingConfigurations: e.store,
		Lifecycle:             e.logging,
		Tags:                  e.store,
		Tokens:                keyring,
		Live:                  e.live,
		Random:                e.random,
		Clock:                 e.clock,
		Journal:               e.journal,
		Faults:                e.faults,
		Ready:                 e.ready(),
		Pages: cors.NewPolicy(
			e.config.CORSOrigin, cors.NewHosts(e.config.AllowHost), e.config.Logger),
		Logger:                    e.config.Logger,
		Callers:                   e.callers,
		Permissions:               e.config.Auth == AuthIAM,
		Limiter:                   e.limiter,
		RequestRates:              e.config.APIRates == APIRatesAWS,
		DefaultOwner:              owner,
		RealAccount:               e.config.realAccount(),
		Functions:                 e.functions(targets),
		TokenTTL:                  e.config.TokenTTL,
		SessionDuration:           e.config.SessionDuration,
		RoomQuota:                 e.config.RoomQuota,
		LoggingConfigurationQuota: e.config.LoggingConfigurationQuota,
	}
	e.control = control.New(config)
	e.unchecked = sync.OnceValue(func() http.Handler {
		if e.callers == nil {
			return e.control
		}
		config.Callers, config.Permissions = nil, false
		return control.New(config)
	})
}

func (e *Emulator) wireSocket(keyring *crypto.Keyring) {
	e.socket = socket.New(socket.Config{
		Tokens:          keyring,
		UsedTokens:      e.used,
		Ready:           e.ready(),
		Rooms:           e.store,
		Live:            e.live,
		Clock:           e.clock,
		Journal:         e.journal,
		Faults:          e.faults,
		Logger:          e.config.Logger,
		CloseOnShutdown: e.config.CloseOnShutdown,
		PingInterval:    e.config.PingInterval,
	})
}

func (e *Emulator) wireAdmin(keyring *crypto.Keyring) {
	e.admin = admin.Handler(admin.Config{
		Version:       Version,
		Owner:         ivschat.Owner{AccountID: e.config.Account, Region: e.config.Region},
		TokenTTL:      e.config.TokenTTL,
		RandomSeed:    e.config.RandomSeed,
		Started:       time.Now(),
		Stopping:      e.stopping,
		Clock:         e.clock,
		Faults:        e.faults,
		Script:        &e.reviews.Script,
		ChatLogs:      e.logs,
		ChatLogFolder: e.config.ChatLogs,
		Journal:       e.journal,
		Lifecycle:     e.logging,
		Live:          e.live,
		Rooms:         e.store,
		State:         e.State,
		Tokens:        tokens{keyring, e.used},
		Problem:       e.problem(keyring),
		Metrics:       e.metrics,
		Authority:     e.CertificateAuthority(),
		AllowHost:     e.config.AllowHost,
		Auth:          e.config.Auth,
		Callers:       e.callers,
		TLS:           e.config.TLS != TLSOff,
		Cluster:       e.adminCluster(),
		Logger:        e.config.Logger,
	})
}

// problem returns a function that returns why nothing can be stored, "" if it can. It logs each new problem
// with its path, which web pages of other origins must not learn.
func (e *Emulator) problem(keyring *crypto.Keyring) func() string {
	var mu sync.Mutex // guards last
	var last string
	return func() string {
		problem := ""
		err := e.store.Check()
		if failed, ok := errors.AsType[*store.FileError](err); ok {
			problem = "the database " + failed.Problem + ": see the emulator's log"
		} else if err = keyring.Check(); err != nil {
			problem = "the keys cannot be read: see the emulator's log"
		}
		mu.Lock()
		defer mu.Unlock()
		if problem != "" && problem != last {
			e.config.Logger.Error("nothing can be stored", "error", err)
		}
		last = problem
		return problem
	}
}

// tokens opens chat tokens and reports which were used, for the admin API.
type tokens struct {
	*crypto.Keyring
	usedTokens
}

// faultFired writes a fault that fired to the journal and to the log.
func (e *Emulator) faultFired(rule fault.Rule, at fault.Point) {
	region := ""
	if arn, err := ivschat.ParseARN(at.Room); err == nil {
		region = arn.Owner.Region
	}
	e.journal.Add(journal.Entry{
		Time: e.clock.Account(at.Account).Now(), Kind: journal.Fault, Account: at.Account, Region: region,
		Room: at.Room, UserID: at.UserID, Operation: at.Operation, Rule: rule.ID,
	})
	e.config.Logger.Info("a fault fired", "rule", rule.ID, "operation", at.Operation, "room", at.Room)
}

// openData opens the database and the keys. The database is opened first, because its lock keeps other
// processes from using either. In a new data directory, the keys are made first: a database whose keys are
// missing has lost them, and new ones would make all chat tokens invalid (decision D49).
func (e *Emulator) openData() (keyring *crypto.Keyring, err error) {
	if e.config.InCluster() {
		return e.connectCluster()
	}
	defer func() { e.used = e.store }()
	dir, logger := e.config.DataDir, e.config.Logger
	if dir == "" {
		e.store = store.OpenInMemory()
		return crypto.NewKeyring()
	}
	database := filepath.Join(dir, store.File)
	if _, err := os.Lstat(database); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("create the data directory: %w", err)
		}
		if _, err := crypto.OpenKeyring(dir, logger); err != nil {
			return nil, fmt.Errorf("token keys: %w", err)
		}
	}
	if e.store, err = store.Open(dir); err != nil {
		return nil, err
	}
	if keyring, err = crypto.LoadKeyring(dir, logger); err == nil {
		err = keyring.Clean()
	}
	if errors.Is(err, crypto.ErrNoKeys) {
		err = fmt.Errorf("%s exists, but its keys %s are missing: restore them from a backup, or create a new "+
			"key with ivschat-local keys create --data %s, which makes all chat tokens invalid",
			database, filepath.Join(dir, crypto.KeysetFile), dir)
	} else if err != nil {
		err = fmt.Errorf("token keys: %w", err)
	}
	if err != nil {
		return nil, errors.Join(err, e.store.Close())
	}
	return keyring, nil
}

// Clock returns the clock of the emulated service. The service's timestamps and expirations use it. Its
// Account moves the clock of one account alone.
func (e *Emulator) Clock() *clock.Clock { return e.clock }

// Faults returns the rules for faults, which say what goes wrong on purpose.
func (e *Emulator) Faults() *fault.Set { return e.faults }

// SetReviewer makes the reviewer answer for the functions of all message review handlers, in a test. A room is
// reviewed only if it has a message review handler with a uri. Scripted answers and faults come first. With nil,
// the functions answer again.
func (e *Emulator) SetReviewer(reviewer review.Reviewer) { e.reviews.SetReviewer(reviewer) }

// Script returns the scripted answers, which a test gives in place of functions.
func (e *Emulator) Script() *review.Script { return &e.reviews.Script }

// Journal returns the journal, which records what happens.
func (e *Emulator) Journal() *journal.Journal { return e.journal }

// Node returns the name of this node of a cluster, "" for an emulator that works alone.
func (e *Emulator) Node() string { return e.config.Node }

// RandomSeed returns the seed of IDs and of random faults.
func (e *Emulator) RandomSeed() uint64 { return e.random.Seed() }

// Sessions returns the open sessions of an account and a room, the oldest first. An empty account
// means all accounts, and an empty ARN all rooms.
func (e *Emulator) Sessions(account string, in ivschat.ARN) []*room.Session {
	return e.live.Sessions(account, in)
}
