package admin

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// checkQuery refuses a query that cannot be parsed, that has a parameter with another name than
// these, that has a parameter twice, or whose account cannot exist. Names are case-sensitive.
func checkQuery(r *http.Request, names []string) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badRequest("the query cannot be parsed: %.100v: write %%25 for %% and %%3B for ;", err)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(names, name) {
			return badRequest("%s", unknownName("parameter", name, r.Method+" "+r.URL.Path, names))
		}
		if n := len(query[name]); n > 1 {
			return badRequest("the parameter %s can be given only once, but is given %d times", name, n)
		}
	}
	// An empty account would mean all accounts, which the client did not ask for.
	if query.Has("account") && !ivschat.IsAccountID(query.Get("account")) {
		return badRequest("account must be 12 digits, but is %.40q", query.Get("account"))
	}
	return nil
}

// unknownName says that something has no parameter or member of this name, and which ones it has.
func unknownName(noun, name, of string, names []string) string {
	all := "none"
	if len(names) > 0 {
		all = strings.Join(names, ", ")
	}
	return fmt.Sprintf("the %s %.40q is not one of %s, which has %s", noun, name, of, all) +
		spelling.DidYouMean(name, names)
}

// accountOf returns the account to which the request is limited, or "" for all accounts.
func accountOf(r *http.Request) string { return r.URL.Query().Get("account") }

// roomOf returns the ARN in the path. It need not be that of an existing room.
func roomOf(r *http.Request) (ivschat.ARN, error) {
	text, err := url.PathUnescape(mux.Vars(r)["arn"])
	if err != nil {
		return ivschat.ARN{}, badRequest("the path cannot be decoded: %v", err)
	}
	return parseRoom(r, text)
}

// parseRoom parses the ARN of a room, which must belong to the account of the request.
func parseRoom(r *http.Request, text string) (ivschat.ARN, error) {
	arn, err := ivschat.ParseARN(text)
	if err != nil {
		return arn, badRequest("%v", err)
	}
	return arn, checkOwner(r, arn, "room")
}

// checkOwner refuses a resource that does not belong to the account of the request. noun says what it is.
func checkOwner(r *http.Request, arn ivschat.ARN, noun string) error {
	if account := accountOf(r); account != "" && arn.Owner.AccountID != account {
		return newStatusError(http.StatusNotFound, "account %s does not have the %s %s", account, noun, arn)
	}
	return nil
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
	count   int           // number of entries
	timeout time.Duration // how long to wait for them
	latest  bool          // the latest entries, without waiting, instead of those that follow after
}

func pageOf(r *http.Request) (p page, err error) {
	query := r.URL.Query()
	if p.count, err = countOf(r); err != nil {
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

// countOf returns how many entries a request asks for.
func countOf(r *http.Request) (int, error) {
	count, err := number(r.URL.Query(), "count", defaultCount)
	if err == nil && count > journal.Capacity {
		err = badRequest("count must be at most %d, the most that the journal keeps of an account, but is %d",
			journal.Capacity, count)
	}
	return int(count), err
}

// number returns an integer of the query, or the fallback if it does not have one.
func number(query url.Values, name string, fallback uint64) (uint64, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	return parseNumber(name, query.Get(name))
}

func parseNumber(name, text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if errors.Is(err, strconv.ErrRange) {
		return 0, badRequest("%s must be at most %d, but is %.40s", name, uint64(math.MaxInt64), text)
	}
	if err != nil {
		return 0, badRequest("%s must be an integer of 0 or more, but is %.40q", name, text)
	}
	return n, nil
}

// timeout returns the timeout of the query, or 0 if it does not have one.
func timeout(query url.Values) (time.Duration, error) {
	if !query.Has("timeout") {
		return 0, nil
	}
	text := query.Get("timeout")
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maximumTimeout {
		return 0, badRequest("timeout must be a duration of at most %s, for instance 5s, but is %.40q",
			maximumTimeout, text)
	}
	return d, nil
}

// oneOf returns a value of the query that must be one of a few, or "" if the query does not have one.
func oneOf[S ~string](r *http.Request, name string, values []S) (S, error) {
	query := r.URL.Query()
	value := S(query.Get(name))
	if !query.Has(name) {
		return "", nil
	}
	return value, checkOneOf(name, value, values)
}

// someOf returns the values of the query, separated by commas, that must be among a few, or nil if the query does
// not have them.
func someOf[S ~string](r *http.Request, name string, values []S) (found []S, err error) {
	query := r.URL.Query()
	if !query.Has(name) {
		return nil, nil
	}
	for text := range strings.SplitSeq(query.Get(name), ",") {
		if err := checkOneOf(name, S(text), values); err != nil {
			return nil, err
		}
		found = append(found, S(text))
	}
	return found, nil
}

// checkOneOf returns an error if a value is not one of a few.
func checkOneOf[S ~string](name string, value S, values []S) error {
	if slices.Contains(values, value) {
		return nil
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return notOneOf(name, string(value), names)
}

// notOneOf says that a value must be one of a few.
func notOneOf(name, value string, names []string) error {
	return badRequest("%s must be one of %s, but is %.40q%s",
		name, strings.Join(names, ", "), value, spelling.DidYouMean(value, names))
}
