package conformance_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
)

// conforming has targets that do what a deviation says, by the ID of its claim. Rates are in throttling.
var conforming = map[string]mutant{
	"C129": failOperation("ListRooms", 403, "InvalidSignatureException"),
	"C130": failOperation("ListRooms", 403, "MissingAuthenticationTokenException"),
	"C136": changeReplies(func(r *mutableReply) { r.header.Set("x-amz-cf-id", "x") }),
	"C137": changeExceptions("ValidationException", func(r *mutableReply) { r.members["message"] = "" }),
	"C171": changeReplies(func(r *mutableReply) {
		r.status = 200
		r.header.Set("Access-Control-Allow-Origin", "*")
	}),
	"C226": {
		request: refuseMember("messageReviewHandler", "name"),
		reply: func(_ string, r *mutableReply) {
			if r.status == 400 {
				r.members["message"] = "uri: invalid lambda permission"
			}
		},
	},
	"C242": {request: refuseMember("messageReviewHandler", "name")},
	"C525": {request: refuseMember("destinationConfiguration", "name")},
	"C531": changeReply("CreateLoggingConfiguration", func(m object) {
		at, _ := time.Parse(time.RFC3339, fmt.Sprint(m["createTime"]))
		m["updateTime"] = at.Add(200 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	}),
}

// refuseMember returns a change that makes requests with the member invalid, in another member.
func refuseMember(member, other string) func(string, object) {
	return func(_ string, m object) {
		if m[member] != nil {
			m[other] = "no blanks"
		}
	}
}

// throttlingSentence is the sentence of a claim about a rate.
var throttlingSentence = regexp.MustCompile(`^More than (\d+) calls of (\w+) per second .* with (429 )?Throttling`)

// throttling returns a target that throttles an operation after so many calls, with the status. It does
// not throttle the calls that remove what the check created.
func throttling(operation string, calls int32, status int) mutant {
	switch operation { // as a mutant knows it
	case "ListTagsForResource":
		operation = "GET tags"
	case "TagResource":
		operation = "POST tags"
	case "UntagResource":
		operation = "DELETE tags"
	}
	var count atomic.Int32
	return mutant{reply: func(called string, r *mutableReply) {
		if called != operation {
			return
		}
		if n := count.Add(1); calls < n && n <= 2*calls { // the check makes at least so many
			r.setException(status, "ThrottlingException")
		}
	}}
}

// The emulator does not meet the claims that are deviations. This test shows that their checks
// nevertheless say whether a target meets them: a check that always fails says nothing.
func TestADeviationHoldsForATargetThatMeetsIt(t *testing.T) {
	for _, claim := range claims.All() {
		if claim.Reason == "" || claim.Source == conformance.Decided {
			continue
		}
		target, ok := conforming[claim.ID]
		if match := throttlingSentence.FindStringSubmatch(claim.Sentence); match != nil {
			status, calls := 400, int32(0)
			if match[3] != "" {
				status = 429
			}
			_, _ = fmt.Sscan(match[1], &calls)
			target, ok = throttling(match[2], calls, status), true
		}
		if !ok {
			t.Errorf("no target meets %s", claim.ID)
			continue
		}
		t.Run(claim.ID, func(t *testing.T) {
			t.Parallel()
			result := conformance.Check(t.Context(), startMutant(t, target, claim), claim)
			if !strings.HasPrefix(result.Detail, "the claim holds, ") {
				t.Errorf("%s %s: %s", claim.ID, result.Outcome, result.Detail)
			}
		})
	}
}
