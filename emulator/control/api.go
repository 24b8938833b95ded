package control

import (
	"bytes"
	"cmp"
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
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// Config is what the control plane needs. Every member is required, unless it says otherwise.
type Config struct {
	Rooms                 Rooms
	LoggingConfigurations LoggingConfigurations
	Lifecycle             Lifecycle
	Tags                  Tags
	Tokens                Tokens
	Live                  Live
	Random                *random.Source
	Clock                 *clock.Clock
	Journal               *journal.Journal
	Faults                *fault.Set
	Pages                 *cors.Policy // which web pages may call the control plane
	Logger                *slog.Logger

	Ready func() error // says why this node of a cluster must not answer; nil without a cluster

	Callers     *iam.Callers // whose signatures are verified; nil: none is verified
	Permissions bool         // of Callers are checked

	Limiter      *throttle.Limiter // a reset refills its buckets
	RequestRates bool              // of operations are limited to what AWS publishes (decision D22)

	DefaultOwner              ivschat.Owner // of requests without an account or a region
	RealAccount               string        // must have the functions of its rooms; "" without one (decision D17)
	Functions                 Functions     // nil: their permissions are not checked
	TokenTTL                  time.Duration // how long a chat token can open a connection
	SessionDuration           time.Duration // of every session; 0 means what the request sets
	RoomQuota                 int           // per account and region
	LoggingConfigurationQuota int           // per account and region
}

// Tokens encrypts what only the emulator may read: chat tokens, and the positions in page tokens.
type Tokens interface {
	// SealChatToken returns the encrypted token, which is valid in Sec-WebSocket-Protocol.
	SealChatToken(ctx context.Context, token ivschat.ChatToken) (string, error)
	// SealPageToken returns a page token, which can be opened only for the same list.
	SealPageToken(ctx context.Context, list string, position []byte) (string, error)
	// OpenPageToken returns the position in a page token. It returns ivschat.ErrInvalidToken unless
	// SealPageToken returned the token for that list.
	OpenPageToken(ctx context.Context, list, token string) (position []byte, err error)
}

// Functions knows the permissions of Lambda functions.
type Functions interface {
	// Allowed reports whether IVS Chat may invoke the function for the room, which need not exist yet. An error
	// says that it cannot be found out.
	Allowed(ctx context.Context, function string, room ivschat.ARN) (bool, error)
}

// Live is the rooms with the clients that are connected to them. Now is the time of the call.
// Errors are ThrottlingExceptions.
type Live interface {
	// SendEvent sends an event to everyone in the room and returns its ID.
	SendEvent(
		ctx context.Context, room ivschat.ARN, now time.Time, name string, attributes map[string]string,
	) (id string, err error)
	// DeleteMessage sends the event that tells clients to delete a message, and returns its ID.
	DeleteMessage(
		ctx context.Context, room ivschat.ARN, now time.Time, messageID, reason string,
	) (id string, err error)
	// DisconnectUser closes all connections of the user, if there are any.
	DisconnectUser(
		ctx context.Context, room ivschat.ARN, now time.Time, userID, reason string,
	) error
}

// An API is the control plane as an http.Handler.
type API struct {
	// Static after New.
	Config
	router *mux.Router
	direct map[route]http.Handler // the same handlers

	warnOfRealKey sync.Once
}

// A route is what selects an operation. The path ends before its variable, if it has one.
type route struct{ method, path string }

// New returns the control plane.
func New(config Config) *API {
	// Without SkipClean and UseEncodedPath, the router would split an ARN in a path at its slash,
	// or redirect.
	a := &API{
		Config: config,
		router: mux.NewRouter().SkipClean(true).UseEncodedPath(),
		direct: map[route]http.Handler{},
	}
	for _, op := range model.Operations() {
		handler := a.serve(endpoint{
			operation: op.Name,
			input:     op.Input,
			hasBody:   op.Method == http.MethodPost,
			respond: func(r request) (int, any, error) {
				body, err := a.perform(op, r)
				return op.Status, body, err
			},
		})
		a.router.Methods(op.Method).Path(op.Path).Handler(handler)
		start, _, _ := strings.Cut(op.Path, "{")
		a.direct[route{op.Method, start}] = handler
	}
	a.router.NotFoundHandler = a.serve(endpoint{operation: "unknown", respond: a.unknownOperation})
	a.router.MethodNotAllowedHandler = a.router.NotFoundHandler
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch err := a.Pages.Check(r); {
	case err != nil:
		a.refusePage(w, err)
	case cors.IsPreflight(r):
		cors.Preflight(w, r, "GET, POST, DELETE", cors.RequestHeaders)
	default:
		a.handler(r).ServeHTTP(w, r)
	}
}

// handler returns the handler of a request. The router compares all paths and copies the request twice, so
// it is asked only about a path that is unknown, or that is encoded where it need not be.
func (a *API) handler(r *http.Request) http.Handler {
	start, variable := splitPath(r.URL.Path)
	missing := variable == "" && strings.HasSuffix(start, "/")
	encoded := r.URL.RawPath != "" && !strings.HasPrefix(r.URL.RawPath, start)
	if handler, ok := a.direct[route{r.Method, start}]; ok && !missing && !encoded {
		return handler
	}
	return a.router
}

// splitPath splits a path after its second slash. All variables of paths in the model are there, for
// instance in /tags/{resourceArn:.+}.
func splitPath(path string) (start, variable string) {
	if path == "" {
		return "", ""
	}
	first, _, _ := strings.Cut(path[1:], "/")
	n := min(len(first)+2, len(path))
	return path[:n], path[n:]
}

// refusePage answers a request that is not carried out because of the page that sent it. The page cannot
// read the answer, and the request is not in the journal, which a hostile page could fill.
func (a *API) refusePage(w http.ResponseWriter, reason error) {
	response := response{requestID: a.newRequestID(), unreadable: true}
	response.fail(&ivschat.Exception{Type: ivschat.AccessDeniedException, Message: reason.Error()})
	text := getBuffer()
	defer putBuffer(text)
	response.encode(text)
	response.write(w, text.Bytes())
}

// newRequestID returns a random UUID (RFC 9562, version 4).
func (a *API) newRequestID() string {
	var id uuid.UUID
	_, _ = a.Random.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40   // version
	id[8] = id[8]&0x3f | 0x80   // variant
	return id.String()
}

// An endpoint responds to the requests of one operation, or to those that are not an operation.
type endpoint struct {
	operation string
	input     shape.Structure // empty for what is not an operation
	hasBody   bool            // no other body has a meaning, so that neither its size nor its end matters
	// respond carries out a request. It returns the HTTP status and the body of a success, or the error
	// that the response is about.
	respond func(request) (status int, body any, err error)
}

// serve returns a handler that answers each request. It logs the request, in one line, before the
// client has the response, so that the line can be found as soon as the response is there.
func (a *API) serve(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		body, text := getBuffer(), getBuffer() // of the request and of the response
		defer putBuffer(body)
		defer putBuffer(text)
		response := a.handle(e, body, w, r)
		response.origin = r.Header.Get("Origin")
		response.encode(text)
		duration := time.Since(start)
		recorded := request{Request: r, body: body.Bytes()}.recorded(e.input)
		a.record(e.operation, recorded, response, text.Bytes(), duration)
		a.log(r.Context(), e.operation, response, duration)
		response.write(w, text.Bytes())
	})
}

// record writes a call to the journal, with its request and the text of its response.
func (a *API) record(
	operation string, request []byte, response response, text []byte, duration time.Duration,
) {
	owner := response.caller.Owner
	e := journal.Entry{
		Time: a.Clock.Account(owner.AccountID).Now(), Kind: journal.Call,
		Account: owner.AccountID, Region: owner.Region,
		Operation: operation, Status: response.status, RequestID: response.requestID, Duration: duration,
	}
	if response.exception != nil {
		e.Exception = response.exception.Type.Name
	}
	if response.caller.iam != nil {
		e.Caller = response.callerEntry()
	}
	a.Journal.Add(e.WithRequest(request).WithResponse(bytes.TrimSpace(text)))
}

func (a *API) log(ctx context.Context, operation string, response response, duration time.Duration) {
	level := slog.LevelInfo
	if response.failure != nil {
		level = slog.LevelError
	}
	if !a.Logger.Enabled(ctx, level) {
		return
	}
	line := []slog.Attr{
		slog.String("operation", operation),
		slog.Int("status", response.status),
		slog.Duration("duration", duration.Round(time.Microsecond)),
		slog.String("request_id", response.requestID),
		slog.String("account", response.caller.Owner.AccountID),
		slog.String("region", response.caller.Owner.Region),
	}
	if response.exception != nil {
		line = append(line, slog.String("exception", response.exception.Type.Name))
	}
	if response.caller.iam != nil {
		line = append(line, response.logCaller()...)
	}
	if response.failure != nil {
		line = append(line, slog.Any("error", response.failure))
	}
	a.Logger.LogAttrs(ctx, level, "request", line...)
}

// handle reads the request into body, identifies the caller, and calls the endpoint. It returns a
// response in every case, also after a panic.
func (a *API) handle(
	e endpoint, body *bytes.Buffer, w http.ResponseWriter, r *http.Request,
) (result response) {
	result.requestID = a.newRequestID()
	result.caller.Owner = a.DefaultOwner
	defer func() {
		if p := recover(); p != nil {
			result.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if err := a.ready(); err != nil {
		result.fail(err)
		return result
	}
	bodyErr := a.read(e, body, w, r)
	caller, signature, err := a.identify(r)
	if err = cmp.Or(err, bodyErr); err == nil && a.Callers != nil {
		caller, err = a.authenticate(caller, signature, r, body.Bytes())
	}
	if !e.hasBody {
		body.Reset()
	}
	if result.caller = caller; err != nil {
		result.fail(err)
		return result
	}
	in := request{Request: r, body: body.Bytes(), call: a.callOf(caller)}
	if result.status, result.body, err = e.respond(in); err != nil {
		result.fail(err)
	}
	return result
}

// ready returns the exception for a request to a node of a cluster that must not answer now. It is checked before
// anything else of a request, because everything else could be outdated: whether the room exists, whether a fault
// is injected, and which rates are used up. Only pages of other origins and preflight requests, which are not for
// an operation, are answered as ever.
func (a *API) ready() error {
	if a.Ready == nil {
		return nil
	}
	if err := a.Ready(); err != nil {
		return &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: err.Error()}
	}
	return nil
}

// read reads the body of a request if it has a meaning, or if the signature is verified, which covers it.
func (a *API) read(e endpoint, body *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	if !e.hasBody && a.Callers == nil {
		return nil
	}
	return readBody(body, w, r)
}

func (a *API) callOf(caller caller) call {
	return call{caller: caller, now: a.Clock.Account(caller.Owner.AccountID).Now()}
}

// perform collects the members of a request, checks them and carries out the operation.
func (a *API) perform(op model.Operation, r request) (any, error) {
	members, err := r.members(op.Input)
	if err != nil {
		return nil, err
	}
	if r.call.fails, err = a.applyFault(r, op.Name, members); err != nil {
		return nil, err
	}
	if err := a.applyRate(r, op, members); err != nil {
		return nil, err
	}
	if violations := shape.Check(op.Input, members); len(violations) > 0 {
		return nil, invalid(violations)
	}
	if a.Permissions {
		if err := a.authorize(r, op, members); err != nil {
			return nil, err
		}
	}
	return implementations[op.Name].run(r.Context(), a, r.call, members)
}

// invalid returns the exception for an invalid request. Its fieldList names every violation by its
// path; its message is about the first one and names the member (decision D20).
func invalid(violations []shape.Violation) *ivschat.Exception {
	first := violations[0]
	exception := ivschat.InvalidField(first.Member, first.Path, first.Why)
	for _, v := range violations[1:] {
		exception.Fields = append(exception.Fields, ivschat.ValidationField{Name: v.Path, Message: v.Why})
	}
	return exception
}

// unknownOperation refuses a request whose method and path are not in the model (decision D1).
func (a *API) unknownOperation(r request) (int, any, error) {
	message := fmt.Sprintf("%s %s is not an operation of Amazon IVS Chat", r.Method, r.URL.Path)
	if methods := a.methods(r.Request); methods != nil {
		message += ", whose method for this path is " + strings.Join(methods, " or ")
	} else if meant := probableOperation(r.URL.Path); meant != "" {
		message += ": did you mean /" + meant + "?"
	}
	return 0, nil, &ivschat.Exception{Type: ivschat.UnknownOperationException, Message: message}
}

// probableOperation returns the operation that the last segment of a path probably means, so that also a
// prefix is found that a proxy should have removed. It returns "" if there is none.
func probableOperation(path string) string {
	var names []string
	for _, op := range model.Operations() {
		if op.Path == "/"+op.Name {
			names = append(names, op.Name)
		}
	}
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	return spelling.Nearest(segments[len(segments)-1], names)
}

// methods returns the HTTP methods with which the path of a request is an operation.
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
