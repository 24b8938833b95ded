package conformance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
)

// A mutation is a misbehaviour and the ID of the claim that must catch it.
type mutation struct {
	name, claim string
	mutant      mutant
}

// mutations returns all mutations.
func mutations() []mutation {
	return slices.Concat(controlMutations, signatureMutations, permissionMutations, messagingMutations, reviewMutations,
		stateMutations, chatLogMutations)
}

// claimsByID returns all claims.
func claimsByID() map[string]conformance.Claim {
	byID := map[string]conformance.Claim{}
	for _, claim := range claims.All() {
		byID[claim.ID] = claim
	}
	return byID
}

func TestEveryMutationIsCaught(t *testing.T) {
	byID := claimsByID()
	if n := len(mutations()); n < 40 {
		t.Errorf("there are only %d mutations", n)
	}
	for _, mutation := range mutations() {
		t.Run(mutation.name, func(t *testing.T) {
			t.Parallel()
			claim, ok := byID[mutation.claim]
			if !ok {
				t.Fatalf("%s is not a claim", mutation.claim)
			}
			catch(t, mutation.mutant, claim)
		})
	}
}

// catch requires the claim to fail for the mutant.
func catch(t *testing.T, m mutant, claim conformance.Claim) {
	t.Helper()
	target := startMutant(t, m, claim)
	target.Timeout = time.Second // a check that fails often waits for something that is missing
	result := conformance.Check(t.Context(), target, claim)
	if result.Outcome != conformance.Failed {
		t.Errorf("%s is %s", claim.ID, result.Outcome)
	}
	if strings.Contains(result.Detail, "panicked") {
		t.Errorf("%s: %s", claim.ID, result.Detail)
	}
}

// A claim could fail for every mutant because of what stands between the check and the emulator.
func TestEveryClaimThatCatchesAMutationHoldsWithoutIt(t *testing.T) {
	byID, seen := claimsByID(), map[string]bool{}
	for _, mutation := range mutations() {
		if seen[mutation.claim] {
			continue
		}
		seen[mutation.claim] = true
		t.Run(mutation.claim, func(t *testing.T) {
			t.Parallel()
			claim := byID[mutation.claim]
			result := conformance.Check(t.Context(), startMutant(t, mutant{}, claim), claim)
			if result.Outcome != conformance.Held && result.Outcome != conformance.AsDecided {
				t.Errorf("it is %s: %s", result.Outcome, result.Detail)
			}
		})
	}
}

// claimID returns the ID of the claim with the sentence.
func claimID(sentence string) string {
	for _, claim := range claims.All() {
		if claim.Sentence == sentence {
			return claim.ID
		}
	}
	panic("no claim has the sentence " + sentence)
}

// changeReply changes the members of an operation's successful replies.
func changeReply(operation string, change func(m object)) mutant {
	return mutant{reply: func(op string, r *mutableReply) {
		if op == operation && r.status < 300 && r.members != nil {
			change(r.members)
		}
	}}
}

// changeRequest changes the members of an operation's requests.
func changeRequest(operation string, change func(m object)) mutant {
	return mutant{request: func(op string, m object) {
		if op == operation {
			change(m)
		}
	}}
}

// changeReplies changes every reply.
func changeReplies(change func(r *mutableReply)) mutant {
	return mutant{reply: func(_ string, r *mutableReply) { change(r) }}
}

// changeExceptions changes replies that are exceptions with the name.
func changeExceptions(name string, change func(r *mutableReply)) mutant {
	return changeReplies(func(r *mutableReply) {
		if r.header.Get("x-amzn-ErrorType") == name {
			change(r)
		}
	})
}

// changeStatus replaces a status of an operation's replies.
func changeStatus(operation string, from, to int) mutant {
	return mutant{reply: func(op string, r *mutableReply) {
		if op == operation && r.status == from {
			r.status = to
		}
	}}
}

// failOperation replaces every reply of an operation by an exception.
func failOperation(operation string, status int, exception string) mutant {
	return mutant{reply: func(op string, r *mutableReply) {
		if op == operation {
			r.setException(status, exception)
		}
	}}
}

// changeRefusals changes refused handshakes.
func changeRefusals(change func(refused *mutableReply)) mutant {
	return mutant{refusal: func(
		_ *proxy, _ http.ResponseWriter, _ *http.Request, refused *mutableReply,
	) bool {
		change(refused)
		return false
	}}
}

// acceptRefused accepts a refused handshake. Frames from the client are ignored.
func acceptRefused(x *proxy, w http.ResponseWriter, r *http.Request, _ *mutableReply) bool {
	if conn := x.upgrade(w, r); conn != nil {
		x.mu.Lock()
		x.conns = append(x.conns, &proxyConn{proxy: x, client: conn, server: conn})
		x.mu.Unlock()
	}
	return true
}

// closeRefused accepts a refused handshake and closes the connection.
func closeRefused(x *proxy, w http.ResponseWriter, r *http.Request, _ *mutableReply) bool {
	if conn := x.upgrade(w, r); conn != nil {
		(&proxyConn{client: conn}).close(4401)
	}
	return true
}

// changeFrames changes every frame of the type to a client.
func changeFrames(kind string, change func(frame string) string) mutant {
	return mutant{toClient: func(_ *proxyConn, frame string) []string {
		if isType(frame, kind) {
			frame = change(frame)
		}
		return []string{frame}
	}}
}

// replaceInFrames replaces a pattern in every frame of the type to a client.
func replaceInFrames(kind, pattern, text string) mutant {
	return changeFrames(kind, func(frame string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(frame, text)
	})
}

// dropFrames drops frames of the type to the clients for which drop returns true.
func dropFrames(kind string, drop func(c *proxyConn) bool) mutant {
	return mutant{toClient: func(c *proxyConn, frame string) []string {
		if isType(frame, kind) && drop(c) {
			return nil
		}
		return []string{frame}
	}}
}

func everyClient(*proxyConn) bool { return true }

// limitFrames lets a client receive limit frames of the type, and ERROR 429 for the others.
func limitFrames(kind string, limit int) mutant {
	return mutant{toClient: func(c *proxyConn, frame string) []string {
		if isType(frame, kind) {
			if c.note += "."; len(c.note) > limit {
				frame = `{"Type":"ERROR","ErrorCode":429}`
			}
		}
		return []string{frame}
	}}
}

// swapFrames changes the order of every two frames to a client.
var swapFrames = mutant{toClient: func(c *proxyConn, frame string) []string {
	if c.note == "" {
		c.note = frame
		return nil
	}
	earlier := c.note
	c.note = ""
	return []string{frame, earlier}
}}

// stayLimited repeats the first ERROR 429 of a client for ever. A mutant has no clock, so it
// cannot limit a client for a time.
func stayLimited(c *proxyConn, frame string) []string {
	if strings.Contains(frame, `"ErrorCode":429`) {
		c.note = frame
	} else if c.note != "" {
		frame = c.note
	}
	return []string{frame}
}

// reformatTimes returns a change that writes times in another format.
func reformatTimes(format string, members ...string) func(object) {
	return func(m object) {
		for _, member := range members {
			if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(m[member])); err == nil {
				m[member] = at.Format(format)
			}
		}
	}
}

// remove returns a change that removes a member.
func remove(member string) func(object) {
	return func(m object) { delete(m, member) }
}

// set returns a change that sets a member.
func set(member string, value any) func(object) {
	return func(m object) { m[member] = value }
}
