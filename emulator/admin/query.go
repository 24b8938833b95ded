package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// checkAccount refuses an account that cannot exist. An empty one would mean all accounts, which the
// client did not ask for.
func checkAccount(r *http.Request) error {
	for _, account := range r.URL.Query()["account"] {
		if !ivschat.IsAccountID(account) {
			return badRequest("account must be 12 digits, but is %q", account)
		}
	}
	return nil
}

// accountOf returns the account to which the request is limited, or "" for all accounts.
func accountOf(r *http.Request) string { return r.URL.Query().Get("account") }

// roomOf returns the ARN in the path. It need not be that of an existing room.
func roomOf(r *http.Request) (ivschat.ARN, error) {
	text, err := url.PathUnescape(mux.Vars(r)["arn"])
	if err != nil {
		return ivschat.ARN{}, badRequest("the path cannot be decoded: %v", err)
	}
	arn, err := ivschat.ParseARN(text)
	if err != nil {
		return arn, badRequest("%v", err)
	}
	if account := accountOf(r); account != "" && arn.Owner.AccountID != account {
		return arn, newStatusError(http.StatusNotFound, "account %s does not have the room %s", account, arn)
	}
	return arn, nil
}

// The entries of the journal that a request gets if its query does not say so.
const (
	defaultCount   = 100
	defaultTimeout = 10 * time.Second // with after and count, but no timeout
	maximumTimeout = 10 * time.Minute
)

// A page is the part of the journal that a request asks for.
type page struct {
	after   uint64        // ID of the last entry that the client knows
	count   uint64        // number of entries
	timeout time.Duration // how long to wait for them
	latest  bool          // the latest entries, without waiting, instead of those that follow after
}

func pageOf(r *http.Request) (p page, err error) {
	query := r.URL.Query()
	if p.count, err = number(query, "count", defaultCount); err != nil {
		return p, err
	}
	if p.after, err = number(query, "after", 0); err != nil {
		return p, err
	}
	if p.timeout, err = timeout(query); err != nil {
		return p, err
	}
	if query.Has("after") && query.Has("count") && !query.Has("timeout") {
		p.timeout = defaultTimeout
	}
	p.latest = !query.Has("after") && !query.Has("timeout")
	return p, nil
}

// number returns an integer of the query, or the fallback if it does not have one.
func number(query url.Values, name string, fallback uint64) (uint64, error) {
	text := query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, badRequest("%s must be an integer of 0 or more, but is %q", name, text)
	}
	return n, nil
}

// timeout returns the timeout of the query, or 0 if it does not have one.
func timeout(query url.Values) (time.Duration, error) {
	text := query.Get("timeout")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maximumTimeout {
		return 0, badRequest("timeout must be a duration of at most %s, for instance 5s, but is %q",
			maximumTimeout, text)
	}
	return d, nil
}

// oneOf returns a value of the query that must be one of a few, or "" if the query does not have one.
func oneOf[S ~string](r *http.Request, name string, values []S) (S, error) {
	value := S(r.URL.Query().Get(name))
	if value == "" || slices.Contains(values, value) {
		return value, nil
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return "", badRequest("%s must be one of %s, but is %q", name, strings.Join(names, ", "), value)
}
