// Package inspect is the other door: what is the emulator's own and not part of
// AWS's API. Tests use it to move time, to let things go wrong, to look inside
// and to put everything back.
//
// door.go lets requests in, each other file is a part of what they may ask.
// openapi.json describes all of it.
package admin

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// Prefix begins the path of everything that is the emulator's own, but for
// the two health paths that other tools expect.
const Prefix = "/_ivschat/v1/"

const (
	healthPath           = "/health"
	localstackHealthPath = "/_localstack/health"
)

// OpenAPI describes what the door answers.
//
//go:embed openapi.json
var OpenAPI []byte

// Config is what the door works with. Every member is needed.
type Config struct {
	Version  string
	Seed     uint64
	Started  time.Time // by the machine
	Stopping <-chan struct{}
	Clock    *clock.Clock
	Faults   *fault.Set
	Journal  *journal.Journal
	Live     *room.Rooms
	Rooms    room.Finder
	State    State
	Tokens   Tokens
	Metrics  http.Handler
	Logger   *slog.Logger
}

// State is what can be put back.
type State interface {
	// Resources returns what the account has, or what all accounts have when it is "".
	Resources(ctx context.Context, account string) (ivschat.Resources, error)
	// Reset forgets everything of an account, "" for all and the clock, but
	// the keys.
	Reset(ctx context.Context, account string) error
	// Snapshot writes down what an account has, "" for all.
	Snapshot(ctx context.Context, account string) ([]byte, error)
	// Restore forgets what an account has, "" for all, and has what the
	// snapshot says instead. Its error is the document's unless it is an
	// internal one.
	Restore(ctx context.Context, account string, snapshot []byte) error
}

// Tokens looks into chat tokens.
type Tokens interface {
	OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error)
	TokenUsed(ctx context.Context, id string, expires time.Time) (bool, error)
}

// Serves reports whether a path belongs to this door and not to AWS's API.
func Serves(path string) bool { return IsHealth(path) || strings.HasPrefix(path, "/_ivschat/") }

// IsHealth reports whether a path is one of the two at which tools look whether
// the emulator is there. They tell nothing else, and are always served.
func IsHealth(path string) bool { return path == healthPath || path == localstackHealthPath }

type door struct {
	Config
	moving *sync.Mutex // held while the clock is touched
}

// A route is a method and path below Prefix, a gorilla/mux template, with what
// answers.
type route struct {
	method, path string
	do           func(http.ResponseWriter, *http.Request) error
}

func (d door) routes() []route {
	return []route{
		{http.MethodGet, "clock", d.getClock},
		{http.MethodPost, "clock", d.postClock},
		{http.MethodGet, "faults", d.getFaults},
		{http.MethodPost, "faults", d.postFaults},
		{http.MethodDelete, "faults", d.deleteFaults},
		{http.MethodDelete, "faults/{id}", d.deleteFault},
		{http.MethodGet, "rooms", d.getRooms},
		{http.MethodGet, "rooms/{arn:.+}/frames", d.getFrames},
		{http.MethodGet, "rooms/{arn:.+}", d.getRoom},
		{http.MethodGet, "calls", d.getEntries(journal.Call, "calls")},
		{http.MethodGet, "handshakes", d.getEntries(journal.Handshake, "handshakes")},
		{http.MethodGet, "journal", d.getJournal},
		{http.MethodGet, "events", d.getEvents},
		{http.MethodPost, "tokens/inspect", d.inspectToken},
		{http.MethodPost, "reset", d.reset},
		{http.MethodGet, "snapshot", d.getSnapshot},
		{http.MethodPut, "snapshot", d.putSnapshot},
		{http.MethodGet, "seed.schema.json", document(snapshot.Schema)},
		{http.MethodGet, "openapi.json", document(OpenAPI)},
		{http.MethodGet, "health", func(w http.ResponseWriter, r *http.Request) error { d.health(w, r); return nil }},
		{http.MethodGet, "metrics", func(w http.ResponseWriter, r *http.Request) error { d.Metrics.ServeHTTP(w, r); return nil }},
	}
}

// Handler answers for the paths that it serves.
func Handler(config Config) http.Handler {
	d := door{config, new(sync.Mutex)}
	router := mux.NewRouter().SkipClean(true).UseEncodedPath()
	router.Methods(http.MethodGet, http.MethodHead).Path(healthPath).HandlerFunc(d.health)
	router.Methods(http.MethodGet, http.MethodHead).Path(localstackHealthPath).HandlerFunc(d.localstackHealth)
	for _, route := range d.routes() {
		methods := []string{route.method}
		if route.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		// The path comes first, or mux forgets that one fits with another method.
		router.Path(Prefix + route.path).Methods(methods...).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := checkAccount(r)
			if err == nil {
				err = route.do(w, r)
			}
			if err != nil {
				d.refuse(w, r, err)
			}
		})
	}
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.refuse(w, r, &refusal{http.StatusNotFound, fmt.Sprintf("there is no %s: see %sopenapi.json", r.URL.Path, Prefix)})
	})
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.refuse(w, r, &refusal{http.StatusMethodNotAllowed, fmt.Sprintf("%s has no %s: see %sopenapi.json", r.URL.Path, r.Method, Prefix)})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := guard(r); err != nil && !IsHealth(r.URL.Path) {
			d.refuse(w, r, err)
			return
		}
		router.ServeHTTP(w, r)
	})
}

// A refusal is an answer that says what was wrong.
type refusal struct {
	status  int
	message string
}

// Error gives the message.
func (r *refusal) Error() string { return r.message }

func badRequest(format string, args ...any) error {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func (d door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var refused *refusal
	if !errors.As(err, &refused) {
		d.Logger.Error("internal error", "path", r.URL.Path, "error", err)
		refused = &refusal{http.StatusInternalServerError, "the emulator failed; its log has the reason"}
	}
	_ = answer(w, refused.status, map[string]string{"message": refused.message})
}

func answer(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
	return nil
}

func document(text []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
		return nil
	}
}

// guard keeps web pages from elsewhere out: neither may they ask across
// origins, nor by a name of their own that they let point here (decision D31).
func guard(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	// A name without a dot is one of this machine, or of a container beside it.
	if net.ParseIP(host) == nil && strings.Contains(strings.TrimSuffix(host, ".localhost"), ".") && host != "host.docker.internal" {
		return &refusal{http.StatusForbidden, fmt.Sprintf("the host %q is no address of this machine: use localhost or an IP address", host)}
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if from, err := url.Parse(origin); err != nil || from.Host != r.Host {
			return &refusal{http.StatusForbidden, fmt.Sprintf("pages of %s may not look in here", origin)}
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return &refusal{http.StatusForbidden, "pages of another origin may not look in here"}
	}
	return nil
}

// longestBody is enough for a snapshot of 50,000 rooms.
const longestBody = 256 << 20

func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if err != nil {
		return nil, badRequest("the body cannot be read: %v", err)
	}
	return text, nil
}

// decode reads a JSON object that has no members but those of value.
func decode(text []byte, value any) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(value)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return badRequest("%s must be a JSON %s, but is %s", cmp.Or(mistyped.Field, "the body"), jsonType(mistyped.Type), mistyped.Value)
	}
	if errors.Is(err, io.EOF) {
		return badRequest("the body must be a JSON object, but is empty")
	}
	if err != nil {
		return badRequest("the body is not what it should be: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body has more than one JSON value")
	}
	return nil
}

// jsonType is what JSON calls a type of Go's.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Float64:
		return "number"
	default:
		return "whole number"
	}
}

// checkAccount refuses what would limit a request to nobody, or, if it is left
// empty, not at all.
func checkAccount(r *http.Request) error {
	for _, text := range r.URL.Query()["account"] {
		if !ivschat.IsAccountID(text) {
			return badRequest("account must be twelve digits, but is %q", text)
		}
	}
	return nil
}

// account is whose things the request is about, "" for all.
func account(r *http.Request) string { return r.URL.Query().Get("account") }

// patient gives a context for a request that may take its time. It ends with
// the emulator, too.
func (d door) patient(w http.ResponseWriter, r *http.Request) (context.Context, context.CancelFunc) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // or the server would end it
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		select {
		case <-d.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (d door) health(w http.ResponseWriter, _ *http.Request) {
	_ = answer(w, http.StatusOK, map[string]any{
		"status": "ok", "ready": true, "version": d.Version, "uptimeSeconds": int(time.Since(d.Started).Seconds()), "randomSeed": d.Seed,
	})
}

// localstackHealth answers where wait strategies written for LocalStack look.
func (d door) localstackHealth(w http.ResponseWriter, _ *http.Request) {
	_ = answer(w, http.StatusOK, map[string]any{"services": map[string]string{"ivschat": "running"}, "version": d.Version})
}
