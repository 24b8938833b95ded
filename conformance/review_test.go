package conformance_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// fakeReviews are reviews that begin when they are asked for.
type fakeReviews struct {
	answers [][]conformance.Answer // of all calls of Set
	begun   int
	err     error
}

func (r *fakeReviews) Set(_ context.Context, _ string, answers []conformance.Answer) error {
	r.answers = append(r.answers, answers)
	return r.err
}

func (r *fakeReviews) Begun(context.Context, string) (int, error) { return r.begun, nil }

func (r *fakeReviews) Ended(context.Context, string, int, time.Duration) ([]string, error) {
	return nil, nil
}

func (r *fakeReviews) Errors(context.Context, string) (int, int, error) { return 0, 0, nil }

// checkReviews checks a claim in a target with these reviews.
func checkReviews(t *testing.T, reviews *fakeReviews, check func(*conformance.Probe)) conformance.Result {
	return conformance.Check(t.Context(), conformance.Target{Reviews: reviews}, claimOf(check))
}

// duringReview calls during in a review of a message.
func duringReview(p *conformance.Probe, during func()) {
	p.DuringReview(make([]conformance.Answer, 1), func() string { return "" }, func() {}, during)
}

func TestAReviewIsRepeatedUntilItLastsLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		result := checkReviews(t, &fakeReviews{begun: 1}, func(p *conformance.Probe) {
			duringReview(p, func() {
				tries++
				time.Sleep(300 * time.Millisecond)
			})
		})
		if result.Outcome != conformance.Held || tries != 3 {
			t.Errorf("after %d tries, the claim is %s: %s", tries, result.Outcome, result.Detail)
		}
	})
}

func TestAReviewThatIsAlwaysTooShortFailsTheCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := checkReviews(t, &fakeReviews{begun: 1}, func(p *conformance.Probe) {
			duringReview(p, func() { time.Sleep(time.Minute) })
		})
		if result.Detail != "every review ended too early" {
			t.Errorf("the claim is %s: %s", result.Outcome, result.Detail)
		}
	})
}

func TestAReviewThatDoesNotBeginFailsTheCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := checkReviews(t, &fakeReviews{}, func(p *conformance.Probe) {
			duringReview(p, func() { t.Error("it has begun") })
		})
		if result.Detail != "the message is not reviewed" {
			t.Errorf("the claim is %s: %s", result.Outcome, result.Detail)
		}
	})
}

func TestTheAnswersOfACheckAreRemoved(t *testing.T) {
	reviews := &fakeReviews{err: errors.New("no")}
	result := checkReviews(t, reviews, func(p *conformance.Probe) { p.SetAnswers("", conformance.Answer{JSON: "{}"}) })
	if n := len(reviews.answers); n != 2 || len(reviews.answers[1]) != 0 {
		t.Errorf("the answers were set %d times, at last to %v", n, reviews.answers[n-1])
	}
	if result.Detail != "set the answers of functions: no" {
		t.Errorf("the claim is %s: %s", result.Outcome, result.Detail)
	}
}
