package claims

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// rates has the number of calls per second that an account may make to an operation.
var rates = []struct {
	id, operation string
	perSecond     int
	needs         conformance.Need
}{
	{"C133", "CreateRoom", 5, 0},
	{"C141", "CreateChatToken", 200, 0},
	{"C142", "CreateLoggingConfiguration", 3, conformance.MadeUp},
	{"C143", "DeleteLoggingConfiguration", 3, conformance.MadeUp},
	{"C144", "DeleteMessage", 100, 0},
	{"C145", "DeleteRoom", 5, 0},
	{"C146", "DisconnectUser", 100, 0},
	{"C147", "GetLoggingConfiguration", 3, conformance.MadeUp},
	{"C148", "GetRoom", 5, 0},
	{"C149", "ListLoggingConfigurations", 3, 0},
	{"C150", "ListRooms", 5, 0},
	{"C151", "ListTagsForResource", 10, 0},
	{"M516", "SendEvent", 100, 0},
	{"C153", "TagResource", 10, 0},
	{"C154", "UntagResource", 10, 0},
	{"C155", "UpdateLoggingConfiguration", 3, conformance.MadeUp},
	{"C156", "UpdateRoom", 5, 0},
}

// throttlingOperations are the operations for which the model declares ThrottlingException, with the
// status 429. For the others, the exception is only in the list of common errors, with the status 400,
// so their claims are about no status.
var throttlingOperations = []string{"DeleteMessage", "DisconnectUser", "SendEvent"}

// rateClaims returns a claim for each rate.
func rateClaims() (claims []conformance.Claim) {
	const sentence = "More than %d calls of %s per second by one account are throttled with %s."
	for _, rate := range rates {
		exception, source := "ThrottlingException", apiReference+"Common Errors"
		declared := slices.Contains(throttlingOperations, rate.operation)
		if declared {
			exception, source = "429 ThrottlingException", serviceModel
		}
		claims = append(claims, conformance.Claim{
			ID:       rate.id,
			Sentence: fmt.Sprintf(sentence, rate.perSecond, rate.operation, exception),
			Source:   userGuide + "Service Quotas; " + source,
			Needs:    rate.needs,
			Check: func(p *conformance.Probe) {
				n := 4 * rate.perSecond
				throttled := sendMany(p, n, rate.operation)
				p.Require(throttled.Status != 0, "none of %d concurrent calls was throttled", n)
				if declared {
					p.RequireEqual("status", throttled.Status, http.StatusTooManyRequests)
				}
			},
		})
	}
	return claims
}

// sendMany sends n requests of an operation and returns a ThrottlingException if there was one. Ten callers
// send the requests concurrently: if the target is far away, sequential requests do not reach the rate.
func sendMany(p *conformance.Probe, n int, operation string) (throttled conformance.Reply) {
	const callers = 10
	var mu sync.Mutex
	request := validRequest(p, operation)
	p.Concurrently(callers, func(caller *conformance.Probe) {
		caller.Real = false // otherwise Send would retry
		for range (n + callers - 1) / callers {
			reply := send(caller, operation, request)
			if reply.Header.Get("x-amzn-ErrorType") == "ThrottlingException" {
				mu.Lock()
				defer mu.Unlock()
				throttled = reply
				return
			}
		}
	})
	return throttled
}
