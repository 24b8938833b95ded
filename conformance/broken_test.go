package conformance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
)

// brokenEmulators misbehave in nearly every way, each differently. Every claim must fail for at
// least one of them.
var brokenEmulators = []struct {
	name   string
	mutant mutant
}{
	{"refuses nothing and closes nothing", mutant{
		reply: func(_ string, r *mutableReply) {
			if r.status >= 400 {
				*r = mutableReply{status: http.StatusOK, header: http.Header{}, body: "{}"}
			}
		},
		refusal: acceptRefused,
		closed:  func(*proxyConn, int) int { return stayOpen },
	}},
	{"sends a wrong frame before every frame", mutant{
		toClient: func(_ *proxyConn, frame string) []string {
			return []string{`{"Type":"WRONG"}`, frame}
		},
	}},
	{"returns wrong values", mutant{
		reply: func(_ string, r *mutableReply) {
			if r.status < 300 && r.members != nil {
				r.members = wrongValue("", r.members).(object)
			}
		},
	}},
	{"fails every operation", mutant{
		reply: func(_ string, r *mutableReply) {
			r.setException(http.StatusInternalServerError, "InternalServerException")
		},
	}},
}

// wrongValue returns a value that differs from the member's value. It keeps what a check needs
// to continue: ARNs, chat tokens, and times that can be parsed.
func wrongValue(member string, value any) any {
	switch value := value.(type) {
	case object:
		changed := object{"wrong": "wrong"}
		for name, inner := range value {
			changed[name] = wrongValue(name, inner)
		}
		return changed
	case []any:
		changed := []any{}
		for _, inner := range value {
			changed = append(changed, wrongValue("", inner), wrongValue("", inner))
		}
		return changed
	case float64:
		return value + 1
	case string:
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return at.Add(-time.Hour).Format("2006-01-02T15:04:05+00:00")
		}
		if member == "arn" || member == "token" {
			return value
		}
		return strings.ToLower(value) + "+"
	default:
		return value
	}
}

// The mutations show that claims distinguish details. This test shows that every claim requires
// something: a check without a requirement never fails.
func TestEveryClaimCanFail(t *testing.T) {
	shared := startBroken(t, conformance.Claim{})
	verifying := startBroken(t, conformance.Claim{Needs: conformance.Verified})
	denying := startBroken(t, conformance.Claim{Needs: conformance.Denied})
	for _, claim := range claims.All() {
		t.Run(claim.ID, func(t *testing.T) {
			if claim.Needs&conformance.Slow != 0 {
				t.Skip("the check takes minutes")
			}
			t.Parallel()
			targets := shared
			switch {
			case claim.Needs&conformance.Verified != 0:
				targets = verifying
			case claim.Needs&conformance.Denied != 0:
				targets = denying
			case claim.Needs&conformance.Clock != 0:
				targets = startBroken(t, claim) // no other claim moves their clocks
			}
			for _, target := range targets {
				switch conformance.Check(t.Context(), target, claim).Outcome {
				case conformance.Failed, conformance.Deviates:
					return
				}
			}
			t.Errorf("%q never fails", claim.Sentence)
		})
	}
}

// startBroken starts all broken emulators, as a claim needs them.
func startBroken(t *testing.T, claim conformance.Claim) (targets []conformance.Target) {
	t.Helper()
	for _, broken := range brokenEmulators {
		target := startMutant(t, broken.mutant, claim)
		target.Timeout = time.Second // a check that fails often waits for something that is missing
		targets = append(targets, target)
	}
	return targets
}
