package conformance

import (
	"fmt"
	"net/http"
	"sync"
)

// rates are how often an account may call an operation in a second.
var rates = []struct {
	id, operation string
	perSecond     int
	needs         Need
}{
	{"C133", "CreateRoom", 5, 0},
	{"C141", "CreateChatToken", 200, 0},
	{"C142", "CreateLoggingConfiguration", 3, MadeUp},
	{"C143", "DeleteLoggingConfiguration", 3, MadeUp},
	{"C144", "DeleteMessage", 100, 0},
	{"C145", "DeleteRoom", 5, 0},
	{"C146", "DisconnectUser", 100, 0},
	{"C147", "GetLoggingConfiguration", 3, MadeUp},
	{"C148", "GetRoom", 5, 0},
	{"C149", "ListLoggingConfigurations", 3, 0},
	{"C150", "ListRooms", 5, 0},
	{"C151", "ListTagsForResource", 10, 0},
	{"M516", "SendEvent", 100, 0},
	{"C153", "TagResource", 10, 0},
	{"C154", "UntagResource", 10, 0},
	{"C155", "UpdateLoggingConfiguration", 3, MadeUp},
	{"C156", "UpdateRoom", 5, 0},
}

// rateClaims makes a claim of each rate.
func rateClaims() (claims []Claim) {
	for _, rate := range rates {
		claims = append(claims, Claim{
			ID: rate.id, Needs: rate.needs, Source: userGuide + "Service Quotas",
			Sentence: fmt.Sprintf("More than %d %s a second of an account are throttled: 429 ThrottlingException.", rate.perSecond, rate.operation),
			check: func(p *probe) {
				throttled := p.atOnce(4*rate.perSecond, rate.operation)
				p.check(throttled.status != 0, "%d at once were all let pass", 4*rate.perSecond)
				throttled.refuses(p, 429, "ThrottlingException")
			},
		})
	}
	return claims
}

// atOnce calls an operation many times, some of them side by side: one after
// the other they would not be too often if the target is far away. It gives an
// answer with status 429 if there was one.
func (p *probe) atOnce(n int, operation string) (throttled reply) {
	var (
		mu      sync.Mutex
		callers sync.WaitGroup
		request = p.valid(operation)
		failure any
		one     = *p // copied before p is written to
	)
	one.cleanups, one.Real = nil, false // which would try again
	for range 10 {
		callers.Go(func() {
			caller := one
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				p.cleanups = append(p.cleanups, caller.cleanups...)
				if caller.last.status == http.StatusTooManyRequests {
					throttled = caller.last
				}
				if ended := recover(); ended != nil {
					failure = ended
				}
			}()
			for range (n + 9) / 10 {
				if caller.ask(operation, request).status == http.StatusTooManyRequests {
					return
				}
			}
		})
	}
	callers.Wait()
	if failure != nil {
		panic(failure)
	}
	return throttled
}
