// Package fault decides what goes wrong on purpose, and when.
//
// A Rule says where, how often and what. The doors ask a Set at each point
// where something can go wrong, and do what the rule that fires says. rule.go
// is what a rule may say, set.go which one fires.
package fault

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Points that are no operation of the control plane. The chat actions bear
// their own names.
const (
	Connect = "CONNECT" // the WebSocket handshake
	Message = "MESSAGE" // a MESSAGE on its way to one client
	Event   = "EVENT"   // an EVENT on its way to one client
	Error   = "ERROR"   // an ERROR on its way to one client
)

var (
	actions = []string{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"}
	frames  = []string{Message, Event, Error}
)

// errorCodes are those that clients know (Messaging API: Error Messages).
var errorCodes = []int{400, 401, 403, 404, 406, 413, 429, 500}

// reasons are those of a ValidationException (model: ValidationExceptionReason).
var reasons = []string{"UNKNOWN_OPERATION", string(ivschat.FieldValidationFailed), string(ivschat.OtherReason)}

// What a rule can do with a frame on its way to a client.
const (
	Drop      = "drop"
	Duplicate = "duplicate"
	Reorder   = "reorder" // sends it after the next one
	Corrupt   = "corrupt" // cuts it in half
)

// A Rule is a fault that is to come, in the JSON of the faults endpoint.
type Rule struct {
	ID int `json:"id"` // given by the Set

	// Where. An empty member means any.
	Operation  string `json:"operation"` // of the control plane, a chat action, or a point; required
	Account    string `json:"account,omitempty"`
	Room       string `json:"room,omitempty"` // ARN
	UserID     string `json:"userId,omitempty"`
	Capability string `json:"capability,omitempty"` // that the session has; chat only

	// How often. A rule without any of these fires every time.
	Times       int     `json:"times,omitempty"`       // at most, then the rule is gone
	Every       int     `json:"every,omitempty"`       // only each nth time
	Probability float64 `json:"probability,omitempty"` // from 0 to 1, by the dice of the random seed
	Seed        uint64  `json:"seed,omitempty"`        // gives the rule dice of its own: each time it meets the same fate again

	// What: one of these, and a delay beside it or alone.
	Exception string        `json:"exception,omitempty"` // by name; operations that declare it, and the handshake
	Status    int           `json:"status,omitempty"`    // an HTTP status with Body; operations and the handshake
	Error     int           `json:"error,omitempty"`     // an ERROR with that code; actions
	Close     int           `json:"close,omitempty"`     // a close frame with that code; actions and frames
	Reset     bool          `json:"reset,omitempty"`     // the TCP connection, abruptly
	Silence   bool          `json:"silence,omitempty"`   // the connection stays open, and dead; actions and frames
	Frame     string        `json:"frame,omitempty"`     // drop, duplicate, reorder or corrupt; frames, and drop also for actions
	Delay     time.Duration `json:"-"`                   // of the machine's time (decision D32)
	DelayText string        `json:"delay,omitempty"`     // Delay as Go writes it, for instance 250ms

	// Members of what is sent.
	Message    string  `json:"message,omitempty"` // of an exception or an ERROR
	ResourceID string  `json:"resourceId,omitempty"`
	Limit      int     `json:"limit,omitempty"`
	Reason     string  `json:"reason,omitempty"`      // of a ValidationException
	FieldList  []Field `json:"fieldList,omitempty"`   // of a ValidationException
	Body       string  `json:"body,omitempty"`        // of a Status
	MediaType  string  `json:"contentType,omitempty"` // of a Status, text/html when not given

	Fired int `json:"fired"` // how often so far

	met  int // how often it could have fired
	kind ivschat.Kind
	dice *ivschat.Random // nil without a Seed
}

// A Field is one member of a request that a ValidationException is about.
type Field struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// longestDelay keeps a rule from holding a connection for good.
const longestDelay = 10 * time.Minute

// check reads what is left to read of a rule and says all that is wrong with
// it.
func (r *Rule) check(operations map[string][]ivschat.Kind) []string {
	var wrong []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	declared, isOperation := operations[r.Operation]
	isAction, isFrame, isConnect := slices.Contains(actions, r.Operation), slices.Contains(frames, r.Operation), r.Operation == Connect
	expect(isOperation || isAction || isFrame || isConnect, "operation must be one of %s, but is %q", strings.Join(points(operations), ", "), r.Operation)
	expect(r.Times >= 0, "times must be 0 or more, but is %d", r.Times)
	expect(r.Every >= 0, "every must be 0 or more, but is %d", r.Every)
	expect(r.Probability >= 0 && r.Probability <= 1, "probability must be from 0 to 1, but is %v", r.Probability)
	expect(r.Seed == 0 || r.Probability > 0, "seed is for a rule that has a probability")
	expect(r.Account == "" || ivschat.IsAccountID(r.Account), "account must be twelve digits, but is %q", r.Account)
	if r.Room != "" {
		_, err := ivschat.ParseARN(r.Room)
		expect(err == nil, "room: %v", err)
	}
	expect(r.Capability == "" || slices.Contains(actions, r.Capability), "capability must be one of %s, but is %q", strings.Join(actions, ", "), r.Capability)
	expect(r.Capability == "" || !isOperation, "capability is for chat, not for %s", r.Operation)
	if r.DelayText != "" {
		delay, err := time.ParseDuration(r.DelayText)
		expect(err == nil && delay > 0 && delay <= longestDelay, "delay must be a duration of at most 10m, for instance 250ms, but is %q", r.DelayText)
		r.Delay = delay
	}
	effects := 0
	effect := func(given bool, fits bool, name string) {
		if given {
			effects++
			expect(fits, "%s is not for %s", name, r.Operation)
		}
	}
	effect(r.Exception != "", isOperation || isConnect, "exception")
	effect(r.Status != 0, isOperation || isConnect, "status")
	effect(r.Error != 0, isAction, "error")
	effect(r.Close != 0, isAction || isFrame, "close")
	effect(r.Reset, true, "reset")
	effect(r.Silence, isAction || isFrame, "silence")
	effect(r.Frame != "", isFrame || isAction && r.Frame == Drop, "frame "+r.Frame)
	expect(effects == 1 || effects == 0 && r.Delay > 0, "a rule does one of exception, status, error, close, reset, silence and frame, or delays, but this one does %d", effects)
	if r.Exception != "" {
		r.checkException(isOperation, declared, expect)
	}
	r.checkMembers(expect)
	expect(r.Status == 0 || r.Status >= 200 && r.Status <= 599, "status must be from 200 to 599, but is %d", r.Status)
	expect(r.Error == 0 || slices.Contains(errorCodes, r.Error), "error must be one of %v, which clients know, but is %d", errorCodes, r.Error)
	expect(r.Close == 0 || r.Close >= 1000 && r.Close <= 4999 && !slices.Contains([]int{1004, 1005, 1006, 1015}, r.Close), "close must be a code that can be sent, but is %d", r.Close)
	expect(slices.Contains([]string{"", Drop, Duplicate, Reorder, Corrupt}, r.Frame), "frame must be drop, duplicate, reorder or corrupt, but is %q", r.Frame)
	return wrong
}

// checkException finds the exception: one that the operation declares, or, for
// the handshake, any.
func (r *Rule) checkException(isOperation bool, declared []ivschat.Kind, expect func(bool, string, ...any)) {
	if !isOperation {
		declared = []ivschat.Kind{ivschat.NotAuthorized, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ServiceUnavailable, ivschat.InternalServerException, ivschat.ThrottlingException}
	}
	var names []string
	for _, kind := range declared {
		if kind.Name == r.Exception {
			r.kind = kind
			return
		}
		names = append(names, kind.Name)
	}
	expect(false, "%s does not declare %s, but %s", r.Operation, r.Exception, strings.Join(names, ", "))
}

// checkMembers refuses members that would get lost, since what is sent has none
// of that name.
func (r *Rule) checkMembers(expect func(bool, string, ...any)) {
	carry := r.kind.Carry // that of no exception carries nothing
	resource := carry == ivschat.CarryResource || carry == ivschat.CarryLimit
	expect(r.Message == "" || r.Exception != "" || r.Error != 0, "message is for an exception or an error")
	expect(r.ResourceID == "" || resource, "resourceId is for exceptions that have one, not for %q", r.Exception)
	expect(r.Limit == 0 || carry == ivschat.CarryLimit, "limit is for exceptions that have one, not for %q", r.Exception)
	expect(r.Reason == "" && len(r.FieldList) == 0 || carry == ivschat.CarryReason, "reason and fieldList are for ValidationException, not for %q", r.Exception)
	expect(r.Reason == "" || slices.Contains(reasons, r.Reason), "reason must be one of %s, but is %q", strings.Join(reasons, ", "), r.Reason)
	expect(r.Body == "" && r.MediaType == "" || r.Status != 0, "body and contentType are for a status")
}

// Breaks reports whether the rule ends a connection, or silences it.
func (r Rule) Breaks() bool { return r.Close != 0 || r.Reset || r.Silence }

// AsException is the exception that the rule makes. There must be one.
func (r Rule) AsException(resourceID string) *ivschat.Exception {
	e := &ivschat.Exception{Kind: r.kind, Message: r.Message, ResourceID: r.ResourceID, Limit: r.Limit, Reason: ivschat.ValidationReason(r.Reason)}
	if e.Message == "" {
		e.Message = "fault " + r.Exception
	}
	if e.ResourceID == "" {
		e.ResourceID = resourceID
	}
	for _, field := range r.FieldList {
		e.Fields = append(e.Fields, ivschat.ValidationField(field))
	}
	switch {
	case e.Reason != "" || e.Kind.Carry != ivschat.CarryReason:
	case len(e.Fields) > 0:
		e.Reason = ivschat.FieldValidationFailed
	default:
		e.Reason = ivschat.OtherReason
	}
	return e
}

// Write answers an HTTP request with the rule's Status and Body.
func (r Rule) Write(w http.ResponseWriter) {
	mediaType := r.MediaType
	if mediaType == "" {
		mediaType = "text/html"
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(r.Status)
	_, _ = w.Write([]byte(r.Body))
}

// points lists what a rule's operation can be.
func points(operations map[string][]ivschat.Kind) []string {
	return slices.Concat(slices.Sorted(maps.Keys(operations)), []string{Connect}, actions, frames)
}
