package conformance

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"testing"
	"time"
)

// Run checks the target against every claim, each in a subtest, and returns the results. A
// claim that Failed fails the test. Claims with any other outcome are only in the report.
func Run(t *testing.T, target Target, claims []Claim) Report {
	t.Helper()
	var mu sync.Mutex
	report := Report{Target: target.Endpoint}
	ctx, stop := withDeadline(t)
	defer stop()
	check := func(t *testing.T, claim Claim) {
		result := Check(ctx, target, claim)
		mu.Lock()
		report.Results = append(report.Results, result)
		mu.Unlock()
		switch result.Outcome {
		case Failed:
			t.Errorf("%s (%s)\n%s", claim.Sentence, claim.Source, result.Detail)
		case Skipped:
			t.Skip(result.Detail)
		}
	}
	var sequential []Claim
	t.Run("claims", func(t *testing.T) {
		for _, claim := range claims {
			if claim.Needs&Clock != 0 {
				sequential = append(sequential, claim) // all claims share the target's clock
				continue
			}
			t.Run(claim.ID, func(t *testing.T) {
				if !target.Real {
					t.Parallel()
				}
				check(t, claim)
			})
		}
	})
	for _, claim := range sequential {
		t.Run("claims/"+claim.ID, func(t *testing.T) { check(t, claim) })
	}
	report.sort()
	return report
}

// withDeadline returns a context that ends on an interrupt and some time before the test's deadline,
// so that there is time to remove what the checks created.
func withDeadline(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-removalTime(time.Until(deadline))))
		return ctx, func() { cancel(); stop() }
	}
	return ctx, stop
}

// removalTime returns how much of the time before a deadline is left for the removal of resources.
func removalTime(left time.Duration) time.Duration { return min(time.Minute, left/10) }

// Check checks the target against one claim. It removes what the check created, also when the
// check fails.
func Check(ctx context.Context, target Target, claim Claim) Result {
	result := Result{ID: claim.ID, Sentence: claim.Sentence, Source: claim.Source}
	if reason := claim.Needs.unmet(target); reason != "" {
		result.Outcome, result.Detail = Skipped, reason
		return result
	}
	began := time.Now()
	problem := runCheck(ctx, target, claim)
	result.Seconds = time.Since(began).Seconds()
	result.Outcome, result.Detail = judge(target, claim, problem)
	return result
}

// runCheck runs the check and returns why it failed, or "" if it succeeded.
func runCheck(ctx context.Context, target Target, claim Claim) (problem string) {
	p := newProbe(ctx, target)
	defer func() {
		p.cleanUp()
		if len(*p.leftovers) > 0 {
			leftovers := "left behind: " + strings.Join(*p.leftovers, " ")
			problem = strings.TrimSpace(problem + "\n" + leftovers)
		}
	}()
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case failure:
			problem = string(cause)
		default:
			problem = fmt.Sprintf("the check panicked (%v); the last reply was %d %s",
				cause, p.Last.Status, p.Last.Body)
		}
	}()
	claim.Check(p)
	return ""
}
