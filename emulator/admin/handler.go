// Package admin is the emulator's own API, which is not part of AWS's. With it, tests move the clock,
// cause faults, answer reviews of messages, inspect rooms, frames and chat tokens, take snapshots, and reset
// everything. It also serves the console, package console.
//
// handler.go has the routes. Every other file handles one subject or is one step of a request, and is
// named for it. openapi.json describes the whole API.
package admin

import (
	"context"
	_ "embed"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/lifecycle"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// Prefix is the beginning of every path of the admin API, except for the two health paths that other
// tools expect.
const Prefix = "/_ivschat/v1/"

// OpenAPI is the OpenAPI document of the admin API.
//
//go:embed openapi.json
var OpenAPI []byte

// Config is what the admin API works with. Every member is required, unless it says otherwise.
type Config struct {
	Version       string
	Owner         ivschat.Owner   // of unsigned requests
	TokenTTL      time.Duration   // how long a chat token can be used to connect
	RandomSeed    uint64          // of IDs and of random faults
	Started       time.Time       // in the machine's time
	Stopping      <-chan struct{} // closed when the emulator begins to stop
	Clock         *clock.Clock
	Faults        *fault.Set
	Script        *review.Script // the scripted answers to reviews
	ChatLogs      *chatlog.Logs
	ChatLogFolder string // has the records for destinations without an endpoint; "" if they are in memory
	Journal       *journal.Journal
	Lifecycle     *lifecycle.Lifecycle
	Live          *room.Rooms
	Rooms         room.Finder
	State         State
	Tokens        Tokens
	Problem       func() string // returns why nothing can be stored, "" if it can, without a path
	Metrics       http.Handler
	AllowHost     []string     // host names that requests may have, also as patterns such as *.example; can be nil
	Auth          string       // how the control plane knows its callers: off, signatures or iam
	Callers       *iam.Callers // nil if signatures are not verified
	TLS           bool         // whether clients can use TLS
	Authority     []byte       // the certificate that clients have to trust, in PEM; nil if there is none
	Logger        *slog.Logger
	Cluster       Cluster // nil without one
}

// State is the state of the emulator as a whole, which can be replaced.
type State interface {
	// Resources returns what the account has, or what all accounts have when it is "".
	Resources(ctx context.Context, account string) (ivschat.Resources, error)
	// Owners returns the owners of all resources, each with the number of its rooms.
	Owners(ctx context.Context) (map[ivschat.Owner]int, error)
	// Seeded reports whether there is a seed, to which ResetToSeed can go back.
	Seeded() bool
	// Reset removes everything of the account except keys. With account "" it does so for all
	// accounts, and resets the clock.
	Reset(ctx context.Context, account string) error
	// ResetToSeed is like Reset, but adds the seed again. A *state.SeedError says why it cannot.
	ResetToSeed(ctx context.Context, account string) error
	// SeedAccount adds what the document has for the account, or for all accounts when it is "". A
	// *state.DocumentError says where the document is invalid.
	SeedAccount(ctx context.Context, account string, document []byte) error
	// Snapshot returns a document with what the account has, or what all accounts have when it is "".
	Snapshot(ctx context.Context, account string) ([]byte, error)
	// RestoreFrom replaces what the account has, or what all accounts have when it is "", by what the
	// snapshot has. A *state.DocumentError says where the document is invalid.
	RestoreFrom(ctx context.Context, account string, document io.Reader) error
}

// Tokens reads chat tokens.
type Tokens interface {
	// OpenChatToken returns what the token contains. For a token that was not issued here, it
	// returns ivschat.ErrInvalidToken.
	OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error)
	// TokenUsed reports whether the token with that ID and expiration time has opened a connection.
	TokenUsed(ctx context.Context, id string, expires time.Time) (bool, error)
}

// Serves reports whether a request is for the admin API or the console and not for AWS's API.
func Serves(r *http.Request) bool {
	return IsHealth(r.URL.Path) || strings.HasPrefix(r.URL.Path, "/_ivschat/") || opensConsole(r)
}

// api handles the requests.
type api struct {
	Config
	guard *guard

	// The turns of the requests that change the clock, read everything, and restore snapshots.
	clockChange, reading, smallRestore, largeRestore turn
}

// A handlerFunc handles a request. If it returns an error, it has written nothing, and the error is
// the answer.
type handlerFunc func(http.ResponseWriter, *http.Request) error

// A route is a method and a path below Prefix, a gorilla/mux template, with its handler.
type route struct {
	method, path string
	query        string // the names of the query parameters that it takes, with spaces between them
	body         bool   // whether it takes a body
	handle       handlerFunc
}

// withBody is the value of route.body for a route that takes one.
const withBody = true

func (a *api) routes() []route {
	const (
		account = "account"
		entries = account + " after count timeout"
	)
	return []route{
		{http.MethodGet, "callers", "", !withBody, a.getCallers},
		{http.MethodPost, "callers/{accessKeyId}/sign", "", withBody, a.signForCaller},
		{http.MethodGet, "clock", account, !withBody, a.getClock},
		{http.MethodPost, "clock", account, withBody, a.postClock},
		{http.MethodGet, "clock/due", account + " kind count", !withBody, a.upToDate(a.getDue)},
		{http.MethodGet, "faults", account, !withBody, a.upToDate(a.getFaults)},
		{http.MethodPost, "faults", account, withBody, a.postFaults},
		{http.MethodDelete, "faults", account, !withBody, a.deleteFaults},
		{http.MethodDelete, "faults/{id}", account, !withBody, a.deleteFault},
		{http.MethodGet, "reviews", entries, !withBody, a.upToDate(a.getReviews)},
		{http.MethodPut, "reviews", account, withBody, a.putReviews},
		{http.MethodGet, "reviews/answers", account, !withBody, a.upToDate(a.getAnswers)},
		{http.MethodDelete, "reviews/answers", account, !withBody, a.deleteAnswers},
		{http.MethodGet, "chat-logs", account + " room loggingConfiguration", !withBody, a.getChatLogs},
		{http.MethodGet, "chat-logs/records", entries + " room loggingConfiguration", !withBody,
			a.upToDate(a.getChatLogRecords)},
		{http.MethodPost, "chat-logs/flush", account, !withBody, a.flushChatLogs},
		{http.MethodGet, "rooms", account + " region search count sessions", !withBody, a.getRooms},
		{http.MethodGet, "rooms/{arn:.+}/frames", entries + " direction", !withBody, a.upToDate(a.getFrames)},
		{http.MethodGet, "rooms/{arn:.+}/reviews", entries, !withBody, a.upToDate(a.getRoomReviews)},
		{http.MethodGet, "rooms/{arn:.+}", account + " sessions userId", !withBody, a.upToDate(a.getRoom)},
		{http.MethodPost, "sessions/{id}", account, withBody, a.postSession},
		{http.MethodGet, "calls", entries + " operation status with", !withBody, a.upToDate(a.getCalls)},
		{http.MethodGet, "handshakes", entries, !withBody, a.upToDate(a.getHandshakes)},
		{http.MethodGet, "journal", entries + " kind", !withBody, a.upToDate(a.getJournal)},
		{http.MethodGet, "events", account + " after room kind direction", !withBody, a.upToDate(a.getEvents)},
		{http.MethodPost, "tokens/inspect", account, withBody, a.inspectToken},
		{http.MethodPost, "reset", account, withBody, a.reset},
		{http.MethodGet, "snapshot", account, !withBody, a.getSnapshot},
		{http.MethodPut, "snapshot", account, withBody, a.putSnapshot},
		{http.MethodGet, "info", "", !withBody, a.getInfo},
		{http.MethodPost, "seed", account, withBody, a.postSeed},
		{http.MethodGet, "seed.schema.json", "", !withBody, sendDocument(snapshot.Schema)},
		{http.MethodGet, "openapi.json", "", !withBody, sendDocument(OpenAPI)},
		{http.MethodGet, "metrics", "", !withBody, a.getMetrics},
		{http.MethodGet, "ca", "", !withBody, a.getAuthority},
	}
}

func (a *api) getMetrics(w http.ResponseWriter, r *http.Request) error {
	a.Metrics.ServeHTTP(w, r)
	return nil
}

// Handler returns the handler of the paths for which Serves returns true.
func Handler(config Config) http.Handler {
	a := &api{
		Config: config, guard: newGuard(config.AllowHost, config.Logger),
		clockChange: newTurn(), reading: newTurn(), smallRestore: newTurn(), largeRestore: newTurn(),
	}
	router := mux.NewRouter().SkipClean(true).UseEncodedPath()
	for path, handle := range map[string]handlerFunc{
		healthPath:           a.getHealth,
		Prefix + "health":    a.getHealth,
		localStackHealthPath: a.getLocalStackHealth,
	} {
		router.Path(path).Methods(http.MethodGet, http.MethodHead).Handler(a.handler(handle))
	}
	for _, route := range a.routes() {
		methods := []string{route.method}
		if route.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		// The path comes before the methods, or mux answers 404 instead of 405 to another method.
		handle := checked(route)
		if !slices.Contains(independent, route.path) {
			handle = a.whenReady(handle)
		}
		router.Path(Prefix + route.path).Methods(methods...).Handler(a.handler(handle))
	}
	routeConsole(router)
	router.NotFoundHandler = a.handler(notFound)
	router.MethodNotAllowedHandler = a.handler(methodNotAllowed)
	return a.recovering(a.handler(func(w http.ResponseWriter, r *http.Request) error {
		if IsHealth(r.URL.Path) {
			if cors.IsPreflight(r) {
				cors.Preflight(w, r, "GET, HEAD", r.Header.Get("Access-Control-Request-Headers"))
				return nil
			}
			cors.Allow(w.Header(), r.Header.Get("Origin"))
		} else {
			protect(w.Header())
			if err := a.guard.check(r, opensPage(r)); err != nil {
				return err
			}
		}
		router.ServeHTTP(w, r)
		return nil
	}))
}

// handler returns a handler that answers with the error that handle returns.
func (a *api) handler(handle handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			a.sendError(w, r, err)
		}
	})
}

// checkBody refuses a body that the route does not take, or that is compressed.
func (route route) checkBody(w http.ResponseWriter, r *http.Request) error {
	if !route.body {
		return checkNoBody(w, r)
	}
	coding := strings.Join(r.Header["Content-Encoding"], ", ")
	if coding != "" && !strings.EqualFold(coding, "identity") {
		return newStatusError(http.StatusUnsupportedMediaType,
			"the body must be sent without compression, but Content-Encoding is %.100q", coding)
	}
	return nil
}

// checked returns the handler of the route. It refuses a request that has something which the route
// does not take (decision D38).
func checked(route route) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := checkQuery(r, strings.Fields(route.query)); err != nil {
			return err
		}
		if err := route.checkBody(w, r); err != nil {
			return err
		}
		return route.handle(w, r)
	}
}
