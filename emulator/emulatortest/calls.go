package emulatortest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// WaitCalls waits until the application has called the operation at least count
// times with these members, and returns the first of them. With a count of 0, it
// returns all that were made so far, without waiting. The request of
// a call may have other members, too, also inside objects. Without members, every
// call of the operation counts, also one that failed: its Status says so. The test
// fails if the calls are not made in time.
//
//	calls := e.WaitCalls("CreateChatToken", 1, map[string]any{"userId": "anna"})
//	// calls[0].Request and calls[0].Response are JSON.
func (e *Emulator) WaitCalls(operation string, count int, with ...map[string]any) []journal.Entry {
	e.t.Helper()
	filter := journal.Filter{Kind: journal.Call, Operation: operation}
	op, known := model.Find(operation)
	if !known {
		e.t.Fatalf("%q is not an operation%s", operation, spelling.DidYouMean(operation, model.Names()))
	}
	if len(with) > 1 {
		e.t.Fatalf("WaitCalls takes at most one map of members, but got %v", with)
	}
	for _, members := range with {
		filter.Request = e.plain(members)
		for name := range members {
			if names := op.Input.Names(); !slices.Contains(names, name) {
				e.t.Fatalf("%s has no member %s: its members are %s%s",
					operation, name, strings.Join(names, ", "), spelling.DidYouMean(name, names))
			}
		}
	}
	ctx, cancel := e.waiting()
	defer cancel()
	found := e.Journal().Wait(ctx, 0, count, filter)
	if len(found) < count {
		filter.Request = nil
		var others []string
		for _, entry := range e.Journal().After(0, 0, filter) {
			others = append(others, string(entry.Request))
		}
		e.t.Fatalf("the number of calls of %s with %v is %d, want at least %d: %v%s",
			operation, with, len(found), count, context.Cause(ctx), list("requests of "+operation, others))
	}
	return found
}

// plain returns the members as encoding/json decodes them.
func (e *Emulator) plain(members map[string]any) (decoded map[string]any) {
	e.t.Helper()
	text, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(text, &decoded)
	}
	if err != nil {
		e.t.Fatalf("the members are not JSON: %v", err)
	}
	return decoded
}
