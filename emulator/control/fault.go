package control

import (
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

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
