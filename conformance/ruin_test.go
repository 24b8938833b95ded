package conformance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// ruins are emulators that do next to everything wrong, each in another way:
// whatever a claim says is not true of one of them.
var ruins = []struct {
	name   string
	mutant mutant
}{
	{"nothing is refused, nothing ends", mutant{
		reply: func(_ string, a *answer) {
			if a.status >= 400 {
				*a = answer{status: http.StatusOK, header: http.Header{}, body: "{}"}
			}
		},
		refusal: letIn,
		ended:   func(*line, int) int { return never },
	}},
	{"every frame comes after a strange one", mutant{
		down: func(_ *line, frame string) []string { return []string{`{"Type":"STRANGE"}`, frame} },
	}},
	{"every value is another", mutant{
		reply: func(_ string, a *answer) {
			if a.status < 300 && a.members != nil {
				a.members = another("", a.members).(map[string]any)
			}
		},
	}},
	{"nothing works", mutant{
		reply: func(_ string, a *answer) { a.exception(http.StatusInternalServerError, "InternalServerException") },
	}},
}

// another is a value like the one of the member, but for what it takes to go
// on: ARNs, chat tokens, and times that can be read.
func another(member string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		changed := map[string]any{"another": "another"}
		for name, inner := range value {
			changed[name] = another(name, inner)
		}
		return changed
	case []any:
		changed := []any{}
		for _, inner := range value {
			changed = append(changed, another("", inner), another("", inner))
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

// The mutations show what a claim tells apart, the ruins that each claim tells
// something: a check that asserts nothing fails nowhere.
func TestEveryClaimCanFail(t *testing.T) {
	shared := ruin(t)
	for _, claim := range conformance.Claims() {
		t.Run(claim.ID, func(t *testing.T) {
			if claim.Needs&conformance.Slow != 0 {
				t.Skip("it takes minutes")
			}
			t.Parallel()
			targets := shared
			if claim.Needs&conformance.Clock != 0 {
				targets = ruin(t) // whose clock nobody else moves
			}
			for _, target := range targets {
				switch conformance.Check(t.Context(), target, claim).Outcome {
				case conformance.Failed, conformance.Deviates:
					return
				}
			}
			t.Errorf("%q fails nowhere", claim.Sentence)
		})
	}
}

// ruin starts an emulator behind each of the ruins.
func ruin(t *testing.T) (targets []conformance.Target) {
	t.Helper()
	for _, one := range ruins {
		target := mutate(t, one.mutant)
		target.Patience = time.Second // what does not come is what is looked for
		targets = append(targets, target)
	}
	return targets
}
