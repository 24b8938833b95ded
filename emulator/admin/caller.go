package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/sigv4"
)

// A callerView is who may call the control plane, without anything secret, in JSON.
type callerView struct {
	AccessKeyID  string    `json:"accessKeyId"`
	Account      string    `json:"account"`
	PrincipalARN string    `json:"principalArn"`
	Expiration   time.Time `json:"expiration,omitzero"` // of the machine's clock
	Policies     []string  `json:"policies"`            // their names
}

// getCallers answers with all callers, the default one first.
func (a *api) getCallers(w http.ResponseWriter, _ *http.Request) error {
	views := []callerView{}
	if a.Callers != nil {
		for _, caller := range a.Callers.All() {
			views = append(views, viewOfCaller(caller))
		}
	}
	return sendItems(w, http.StatusOK, views)
}

func viewOfCaller(caller *iam.Caller) callerView {
	view := callerView{
		caller.AccessKeyID, caller.Account, caller.PrincipalARN, caller.Expiration, []string{},
	}
	for _, policy := range caller.Policies {
		view.Policies = append(view.Policies, policy.Name)
	}
	return view
}

// A signRequest is a request to the control plane that a client is going to send, in JSON. The path and the query are
// as they will be sent, percent-encoded.
type signRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query"`
	Body   string `json:"body"`
	Region string `json:"region"` // by default that of the emulator
	Host   string `json:"host"`   // by default that of the request which asks for the signature
}

// signableMethods are the methods of the operations.
var signableMethods = []string{http.MethodGet, http.MethodPost, http.MethodDelete}

// signForCaller answers with the headers that sign a request as a caller. So a web page can call the control plane
// without the secret.
func (a *api) signForCaller(w http.ResponseWriter, r *http.Request) error {
	caller, err := a.callerOf(r)
	if err != nil {
		return err
	}
	input := signRequest{Region: a.Owner.Region, Host: r.Host}
	if err := decodeBody(w, r, &input); err != nil {
		return err
	}
	toSign, err := a.check(input)
	if err != nil {
		return err
	}
	sigv4.Sign(toSign, []byte(input.Body), sigv4.Key{
		AccessKeyID: caller.AccessKeyID, SecretAccessKey: caller.SecretAccessKey, SessionToken: caller.SessionToken,
	}, input.Region, time.Now())
	headers := map[string]string{}
	for name := range toSign.Header {
		headers[name] = toSign.Header.Get(name)
	}
	return send(w, http.StatusOK, map[string]any{"headers": headers})
}

// callerOf returns the caller in the path.
func (a *api) callerOf(r *http.Request) (*iam.Caller, error) {
	id, err := url.PathUnescape(mux.Vars(r)["accessKeyId"])
	if err != nil {
		return nil, badRequest("the path cannot be decoded: %v", err)
	}
	if a.Callers == nil {
		return nil, newStatusError(http.StatusNotFound, "there are no access keys, because signatures are not verified: "+
			"start the emulator with --auth signatures or --auth iam")
	}
	caller := a.Callers.Find(id)
	if caller == nil {
		return nil, newStatusError(http.StatusNotFound,
			"the access key %.40q does not exist: see %scallers", id, Prefix)
	}
	return caller, nil
}

// check returns the request that a signature is for. Only hosts at which the admin API may be used are signed, because
// a signature for a host of AWS would be valid there if somebody has real keys in the credentials file.
func (a *api) check(input signRequest) (*http.Request, error) {
	if !slices.Contains(signableMethods, input.Method) {
		return nil, notOneOf("method", input.Method, signableMethods)
	}
	if !strings.HasPrefix(input.Path, "/") || strings.Contains(input.Path, "?") {
		return nil, badRequest("path must begin with / and have no query, as in /CreateRoom, but is %.100q", input.Path)
	}
	target, err := url.ParseRequestURI(input.Path + "?" + input.Query)
	if err != nil {
		return nil, badRequest("path and query must be percent-encoded, as they will be sent: %.200v", err)
	}
	if !ivschat.IsRegion(input.Region) {
		return nil, badRequest("region must be that of a signature, such as us-east-1, but is %.40q", input.Region)
	}
	endpoint, _ := ivschat.ParseHost(input.Host)
	isHost := input.Host != "" && !strings.ContainsFunc(input.Host, func(c rune) bool { return c <= ' ' || c > '~' })
	if !isHost || endpoint != ivschat.NoEndpoint || !a.guard.allows(cors.Hostname(input.Host)) {
		return nil, badRequest("host must be one at which the admin API can be used, such as localhost:4700, but is %.100q",
			input.Host)
	}
	return &http.Request{Method: input.Method, URL: target, Host: input.Host, Header: http.Header{}}, nil
}
