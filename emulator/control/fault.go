package control

import (
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// DeclaredExceptions gives the exceptions that each operation declares.
func DeclaredExceptions() map[string][]ivschat.Kind {
	declared := map[string][]ivschat.Kind{}
	for _, op := range operations {
		declared[op.Name] = op.Errors
	}
	return declared
}

// Violations holds the members of a request, decoded with
// json.Decoder.UseNumber, against the operation's shape, and takes out what the
// shape does not know. The operation must be one.
func Violations(operation string, members map[string]any) []shape.Violation {
	for _, op := range operations {
		if op.Name == operation {
			return shape.Check(op.Input, members)
		}
	}
	panic("control: there is no operation " + operation)
}

// A brokenAnswer is one that a fault gives instead of the emulator's own.
type brokenAnswer struct{ rule fault.Rule }

// Error says that it is not the emulator's fault.
func (*brokenAnswer) Error() string { return "a fault broke the answer" }

// suffer lets a fault have its way with a request. What a request is about is
// taken as it came, since a fault asks not whether it is valid.
func (a *API) suffer(operation string, c call, members map[string]any, r *http.Request) error {
	if !a.Faults.Armed() {
		return nil
	}
	text := func(names ...string) string {
		for _, name := range names {
			if value, ok := members[name].(string); ok {
				return value
			}
		}
		return ""
	}
	room := text("roomIdentifier", "identifier", "resourceArn")
	rule, fires := a.Faults.Fire(fault.Point{Operation: operation, Account: c.caller.AccountID, Room: room, UserID: text("userId")})
	if !fires {
		return nil
	}
	if rule.Delay > 0 {
		timer := time.NewTimer(rule.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	switch {
	case rule.Exception != "":
		id := c.caller.AccountID
		if arn, err := ivschat.ParseARN(room); err == nil {
			id = arn.ID
		}
		return rule.AsException(id)
	case rule.Status != 0, rule.Reset:
		return &brokenAnswer{rule}
	default:
		return nil
	}
}

// breakAnswer answers with what a fault says, or not at all.
func breakAnswer(w http.ResponseWriter, rule fault.Rule) {
	if !rule.Reset {
		rule.Write(w)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // what cannot be reset is cut off
	}
	fault.Reset(conn)
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
