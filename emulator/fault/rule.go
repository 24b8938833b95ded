// Package fault injects faults: it decides what goes wrong on purpose, and when.
//
// A Rule says where, how often, and with which Effect. At each point where something can go wrong,
// the emulator asks a Set whether a rule fires there (set.go), and carries out its effect (effect.go).
// point.go lists the points, wire.go is the JSON form of rules.
package fault

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// A Rule makes something go wrong. The members that say where apply together; an empty one applies
// everywhere.
type Rule struct {
	ID int // assigned by the Set

	// Where.
	Operation  string // an operation of the control plane, an action, or a point; required
	Account    string
	Room       string // ARN
	UserID     string
	Capability ivschat.Capability // one that the chat token has; not for operations of the control plane

	// How often. A rule with none of these fires every time.
	Times       int     // fires this many times, then it is removed; 0 means no limit
	Every       int     // fires only every nth time; 0 means every time
	Probability float64 // from 0 to 1; 0 means 1
	Seed        uint64  // of random numbers for this rule only, so that each run is the same; 0 means none

	// What: an effect, a delay before it, or both.
	Effect Effect
	Delay  time.Duration // in the machine's time (decision D32)

	Fired int // how often it has fired
}

// MaximumDelay is the longest delay of a rule, so that none blocks a connection permanently.
const MaximumDelay = 10 * time.Minute

// maximumSize is how many bytes a rule has in JSON at most, because a Set keeps many (decision D47).
const maximumSize = 16 << 10

// size returns how many bytes the rule has in JSON.
func (r Rule) size() int {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)       // the body of a fault is often HTML
	_ = encoder.Encode(NewDocument(r)) // a document can always be encoded
	return text.Len()
}

// check returns everything that is wrong with the rule, or nil.
func (r Rule) check() error {
	var c mistakes.List
	at, known := typeOf(r.Operation)
	c.Expect(known, "operation must be one of %s, but is %q%s",
		strings.Join(pointNames(), ", "), r.Operation, spelling.DidYouMean(r.Operation, pointNames()))
	if known {
		r.checkWhere(&c, at)
	}
	c.Expect(r.size() <= maximumSize,
		"a rule can have at most %d bytes in JSON, but this one has %d: shorten its texts",
		maximumSize, r.size())
	c.Expect(r.Times >= 0, "times must be 0 or more, but is %d", r.Times)
	c.Expect(r.Every >= 0, "every must be 0 or more, but is %d", r.Every)
	c.Expect(r.Probability >= 0 && r.Probability <= 1,
		"probability must be from 0 to 1, but is %v", r.Probability)
	c.Expect(r.Seed == 0 || r.Probability > 0, "seed is allowed only with a probability")
	c.Expect(r.Delay >= 0 && r.Delay <= MaximumDelay,
		"delay must be a duration of at most 10m, for instance 250ms, but is %s", r.Delay)
	if r.Effect == nil {
		c.Expect(r.Delay > 0, "a rule must have an effect or a delay, but this one has neither")
		return c.Err()
	}
	if !known || !r.Effect.suits(at) {
		c.Expect(!known, "the effect %s is not possible for %s", r.Effect.name(), r.Operation)
		return c.Err()
	}
	switch effect := r.Effect.(type) {
	case ReturnException:
		effect.check(&c, r.Operation)
	case ReturnStatus:
		effect.check(&c, r.Operation)
	case SendError:
		c.Expect(slices.Contains(ivschat.ErrorCodes(), effect.Code),
			"error must be one of the codes %v, which clients know, but is %d", ivschat.ErrorCodes(), effect.Code)
	case CloseConnection:
		err := effect.Check()
		c.Expect(err == nil, "%v", err)
	case FailChange:
		c.Expect(slices.Contains(changes, r.Operation), "the effect fail is possible only for %s, because only they "+
			"can fail after their answer, but operation is %s: use exception", strings.Join(changes, ", "), r.Operation)
	}
	return c.Err()
}

func (r Rule) checkWhere(c *mistakes.List, at pointType) {
	c.Expect(r.Account == "" || ivschat.IsAccountID(r.Account),
		"account must be 12 digits, but is %q", r.Account)
	if r.Room != "" {
		_, err := ivschat.ParseARN(r.Room)
		c.Expect(err == nil, "room: %v", err)
	}
	c.Expect(r.Room == "" || at != operationPoint || requestHas(r.Operation, roomMembers...),
		"room is not allowed for %s, because its requests do not name one", r.Operation)
	c.Expect(r.UserID == "" || at != operationPoint || requestHas(r.Operation, userMember),
		"userId is not allowed for %s, because its requests do not name one", r.Operation)
	c.Expect(r.Capability == "" || slices.Contains(ivschat.Actions(), ivschat.Action(r.Capability)),
		"capability must be one of %s, but is %q", join(ivschat.Actions()), r.Capability)
	c.Expect(r.Capability == "" || at != operationPoint,
		"capability is allowed only for actions, frames, reviews and the handshake, but operation is %s", r.Operation)
}

// check checks that the operation can return the exception, and that the exception has the members that
// are given.
func (e ReturnException) check(c *mistakes.List, operation string) {
	exceptionType, ok := ivschat.FindExceptionType(e.Name)
	possible := possibleExceptions(operation)
	c.Expect(ok && slices.Contains(possible, exceptionType),
		"exception must be one that %s can return, but is %q: choose one of %s%s",
		operation, e.Name, strings.Join(names(possible), ", "), spelling.DidYouMean(e.Name, names(possible)))
	members := exceptionType.Members // an unknown exception has none
	if operation == Handshake {
		members = ivschat.NoMembers // the answer to a handshake has a message only
	}
	c.Expect(e.ResourceID == "" || members == ivschat.ResourceMembers || members == ivschat.LimitMembers,
		"resourceId is not allowed, because %s of %s does not have it", e.Name, operation)
	c.Expect(e.Limit == 0 || members == ivschat.LimitMembers,
		"limit is not allowed, because %s of %s does not have it", e.Name, operation)
	c.Expect(e.Limit >= 0, "limit must be 0 or more, but is %d", e.Limit)
	c.Expect(e.Reason == "" && len(e.Fields) == 0 || members == ivschat.ReasonMembers,
		"reason and fieldList are allowed only for ValidationException, but exception is %q", e.Name)
	reasons := ivschat.ValidationReasons()
	c.Expect(e.Reason == "" || slices.Contains(reasons, e.Reason),
		"reason must be one of %s, but is %q", join(reasons), e.Reason)
}

func (e ReturnStatus) check(c *mistakes.List, operation string) {
	c.Expect(e.Status >= 200 && e.Status <= 599, "status must be from 200 to 599, but is %d", e.Status)
	hasNoBody := e.Status == http.StatusNoContent || e.Status == http.StatusNotModified
	c.Expect(e.Body == "" || !hasNoBody, "body is not allowed with status %d, which never has one", e.Status)
	c.Expect(operation != Review || e.ContentType == "" && !e.Bare,
		"contentType and bare are not allowed for %s, because nothing reads them", Review)
	c.Expect(!strings.ContainsFunc(e.ContentType, unicode.IsControl),
		"contentType must not have control characters, but is %q", e.ContentType)
}

func names(types []ivschat.ExceptionType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return names
}

// canBeSent reports whether a close frame may have the code (RFC 6455, section 7.4).
func canBeSent(code int) bool {
	return code >= 1000 && code <= 4999 && !slices.Contains([]int{1004, 1005, 1006, 1015}, code)
}

func join[S ~string](values []S) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}
