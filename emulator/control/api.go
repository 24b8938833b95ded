package control

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// Config is what the control plane works with. Every member is needed.
type Config struct {
	Rooms                 Rooms
	LoggingConfigurations LoggingConfigurations
	Tags                  Tags
	Tokens                Tokens
	Live                  Live
	Random                *ivschat.Random
	Clock                 *clock.Clock
	Journal               *journal.Journal
	Faults                *fault.Set
	Logger                *slog.Logger

	DefaultCaller             ivschat.Owner // whoever does not say who they are
	TokenTTL                  time.Duration // for how long a chat token opens a connection
	SessionDuration           time.Duration // of every session, whatever it asks for; 0 leaves it to the request
	RoomQuota                 int           // rooms of an account in a region
	LoggingConfigurationQuota int           // logging configurations of an account in a region
}

// Tokens seals what only the emulator may read: chat tokens and the positions
// inside page tokens.
type Tokens interface {
	// SealChatToken gives the token's text, a legal Sec-WebSocket-Protocol.
	SealChatToken(ivschat.ChatToken) (string, error)
	// SealPageToken gives the text of a page token that opens for the same list only.
	SealPageToken(list string, position []byte) (string, error)
	// OpenPageToken fails for all but what SealPageToken made for that list.
	OpenPageToken(list, token string) (position []byte, err error)
}

// Live is the rooms with whoever is connected to them. The times are those of
// the calls. Errors are ThrottlingExceptions.
type Live interface {
	// SendEvent gives the id of the event.
	SendEvent(room ivschat.ARN, now time.Time, name string, attributes map[string]string) (id string, err error)
	// DeleteMessage gives the id of the event that tells of it.
	DeleteMessage(room ivschat.ARN, now time.Time, messageID, reason string) (id string, err error)
	// DisconnectUser ends all connections of the user, if there are any.
	DisconnectUser(room ivschat.ARN, now time.Time, userID, reason string) error
}

// An API is the control plane as an http.Handler.
type API struct {
	// Static after New.
	Config
	router *mux.Router

	warnOfRealKey sync.Once
}

// New makes the control plane.
func New(config Config) *API {
	// Without SkipClean and UseEncodedPath an ARN in a path would be taken
	// apart at its slash, or redirected, before a route saw it.
	a := &API{Config: config, router: mux.NewRouter().SkipClean(true).UseEncodedPath()}
	for _, op := range operations {
		a.router.Methods(op.Method).Path(op.Path).Handler(a.serve(op.Name, func(c call, w http.ResponseWriter, r *http.Request) (int, any, error) {
			reply, err := a.perform(op, c, w, r)
			return op.Status, reply, err
		}))
	}
	a.router.NotFoundHandler = a.serve("unknown", a.unknownOperation)
	a.router.MethodNotAllowedHandler = a.router.NotFoundHandler
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !preflight(w, r) {
		a.router.ServeHTTP(w, r)
	}
}

// An answerer finds out what to reply and touches nothing but the request. It
// gets w for http.MaxBytesReader only.
type answerer func(c call, w http.ResponseWriter, r *http.Request) (status int, body any, err error)

// serve makes a handler that answers each request and logs it in one line.
func (a *API) serve(operation string, find answerer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := a.answer(find, w, r)
		duration := time.Since(start)
		a.note(operation, answer, duration)
		a.log(r.Context(), operation, answer, duration) // whoever has the answer finds the line
		answer.write(w)
	})
}

// note keeps a call for whoever looks.
func (a *API) note(operation string, answer answer, duration time.Duration) {
	e := journal.Entry{
		Time: a.Clock.Now(), Kind: journal.Call, Account: answer.caller.AccountID, Region: answer.caller.Region,
		Operation: operation, Status: answer.status, RequestID: answer.requestID, Duration: duration,
	}
	if answer.exception != nil {
		e.Exception = answer.exception.Kind.Name
	}
	a.Journal.Add(e)
}

func (a *API) log(ctx context.Context, operation string, answer answer, duration time.Duration) {
	level := slog.LevelInfo
	if answer.fault != nil {
		level = slog.LevelError
	}
	if !a.Logger.Enabled(ctx, level) {
		return
	}
	line := []any{
		"operation", operation,
		"status", answer.status,
		"duration", duration.Round(time.Microsecond),
		"request_id", answer.requestID,
		"account", answer.caller.AccountID,
		"region", answer.caller.Region,
	}
	if answer.exception != nil {
		line = append(line, "exception", answer.exception.Kind.Name)
	}
	if answer.fault != nil {
		line = append(line, "fault", answer.fault)
	}
	a.Logger.Log(ctx, level, "request", line...)
}

// answer identifies the caller and turns what find found into an answer, come
// what may.
func (a *API) answer(find answerer, w http.ResponseWriter, r *http.Request) (answer answer) {
	answer.requestID = uuid.Must(uuid.NewRandomFromReader(a.Random)).String()
	defer func() {
		if p := recover(); p != nil {
			answer.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	var err error
	if answer.caller, err = a.identify(r); err != nil {
		answer.fail(err)
		return answer
	}
	if answer.status, answer.body, err = find(call{caller: answer.caller, now: a.Clock.Now()}, w, r); err != nil {
		answer.fail(err)
	}
	return answer
}

// perform gathers the members, holds them against the row and runs the method.
func (a *API) perform(op Operation, c call, w http.ResponseWriter, r *http.Request) (any, error) {
	members, err := gather(op, w, r)
	if err != nil {
		return nil, err
	}
	if err := a.suffer(op.Name, c, members, r); err != nil {
		return nil, err
	}
	if violations := shape.Check(op.Input, members); len(violations) > 0 {
		return nil, refusal(violations)
	}
	return op.do.run(a, c, members)
}

// refusal names every violation by its path and the first by its member, too
// (decision D20).
func refusal(violations []shape.Violation) *ivschat.Exception {
	first := violations[0]
	refused := ivschat.InvalidField(first.Member, first.Path, first.Why)
	for _, v := range violations[1:] {
		refused.Fields = append(refused.Fields, ivschat.ValidationField{Name: v.Path, Message: v.Why})
	}
	return refused
}

// unknownOperation refuses a request that is no row of the table (decision D1).
func (a *API) unknownOperation(_ call, _ http.ResponseWriter, r *http.Request) (int, any, error) {
	message := fmt.Sprintf("%s %s is no operation of Amazon IVS Chat", r.Method, r.URL.Path)
	if methods := a.methods(r); methods != nil {
		message += ", whose method for this path is " + strings.Join(methods, " or ")
	}
	return 0, nil, &ivschat.Exception{Kind: ivschat.UnknownOperationException, Message: message}
}

// methods lists those with which the request's path would be an operation.
func (a *API) methods(r *http.Request) (methods []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		try := r.Clone(r.Context())
		try.Method = method
		var match mux.RouteMatch
		if a.router.Match(try, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}
