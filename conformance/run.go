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

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A Target is an Amazon IVS Chat, or what claims to be one.
type Target struct {
	Endpoint  string // of the control plane; "" is AWS's own
	Messaging string // ws:// or wss:// URL; "" is AWS's own
	Region    string

	// Credentials are those of an account that can be used for nothing but
	// this. Without any, every claim makes up an account of its own.
	Credentials aws.CredentialsProvider

	// Real says that this is the service itself: claims run one after another,
	// and what would have to exist at AWS is not made up.
	Real bool
	// Slow allows claims that take minutes or sixty rooms.
	Slow bool
	// Prefix begins the name of every room and logging configuration that has
	// one.
	Prefix string
	// Patience is how long a check waits for what it expects. 0 is twenty
	// seconds: a busy machine is no reason to fail.
	Patience time.Duration
	// Advance moves the target's clock. nil says that it cannot be moved.
	Advance func(time.Duration)
}

// Run holds the target against every claim, each as a subtest, and gives what
// came of it. A claim that Failed fails the test; what was skipped, decided,
// refuted or deviates is in the report.
func Run(t *testing.T, target Target) Report {
	t.Helper()
	var mu sync.Mutex
	report := Report{Target: target.Endpoint}
	ctx, stop := inTime(t)
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
	var alone []Claim
	t.Run("claims", func(t *testing.T) {
		for _, claim := range Claims() {
			if claim.Needs&Clock != 0 {
				alone = append(alone, claim) // whoever moves the clock moves it for all
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
	for _, claim := range alone {
		t.Run("claims/"+claim.ID, func(t *testing.T) { check(t, claim) })
	}
	report.sort()
	return report
}

// inTime gives a context that ends early enough before the test is killed, and
// when somebody interrupts it, for what was made to be removed.
func inTime(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-time.Minute))
		return ctx, func() { cancel(); stop() }
	}
	return ctx, stop
}

// Check holds the target against one claim. What the check made it removes,
// also when it fails.
func Check(ctx context.Context, target Target, claim Claim) Result {
	result := Result{ID: claim.ID, Sentence: claim.Sentence, Source: claim.Source}
	if why := claim.Needs.missing(target); why != "" {
		result.Outcome, result.Detail = Skipped, why
		return result
	}
	began := time.Now()
	failure := attempt(ctx, target, claim)
	result.Seconds = time.Since(began).Seconds()
	result.Outcome, result.Detail = judge(target, claim, failure)
	return result
}

// judge makes an outcome of how a check ended.
func judge(target Target, claim Claim, failure string) (Outcome, string) {
	deviation, deviates := deviations[claim.ID]
	switch {
	case !deviates && failure == "":
		return Held, ""
	case !deviates:
		return Failed, failure
	case target.Real && failure == "" && claim.Source == Decided:
		return Held, "the service does what was decided"
	case target.Real && claim.Source == Decided:
		return Refuted, failure
	case target.Real && failure == "":
		return Held, ""
	case target.Real:
		return Failed, failure
	case claim.Source == Decided && failure == "":
		return AsDecided, deviation
	case claim.Source == Decided:
		return Failed, failure
	case failure == "":
		return Failed, "it holds, though deviations.go says that it does not: " + deviation
	default:
		return Deviates, deviation
	}
}

// attempt runs the check and gives why it failed, "" if it did not.
func attempt(ctx context.Context, target Target, claim Claim) (failure string) {
	p := newProbe(ctx, target)
	defer func() {
		p.cleanUp()
		if len(*p.left) > 0 {
			failure = strings.TrimSpace(failure + "\nleft behind: " + strings.Join(*p.left, " "))
		}
	}()
	defer func() {
		switch ended := recover().(type) {
		case nil:
		case failed:
			failure = string(ended)
		default:
			failure = fmt.Sprintf("the check could not go on (%v); the last reply was %d %s", ended, p.last.status, p.last.body)
		}
	}()
	claim.check(p)
	return ""
}
