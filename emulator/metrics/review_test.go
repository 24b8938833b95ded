package metrics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
)

func review(verdict string, by journal.Decider, failure journal.Failure) journal.Entry {
	return journal.Entry{Kind: journal.Review, Duration: 30 * time.Millisecond, Review: &journal.ReviewEntry{
		URI: "arn:x", Verdict: verdict, DecidedBy: by, Failure: failure,
	}}
}

func isReviewDuration(sample string) bool {
	return strings.HasPrefix(sample, "ivschat_review_duration_seconds")
}

func TestTheDurationOfReviewsIsCountedByWhoDecided(t *testing.T) {
	m := metrics.New(number(0), number(0))
	m.Observe(review("ALLOW", "handler", ""))
	m.Observe(review("DENY", "handler", ""))
	m.Observe(review("ALLOW", "fallback", "timeout"))
	got := samples(t, m)
	for _, want := range []string{
		`ivschat_review_duration_seconds_bucket{decided_by="handler",le="0.025"} 0`,
		`ivschat_review_duration_seconds_bucket{decided_by="handler",le="0.05"} 2`,
		`ivschat_review_duration_seconds_count{decided_by="handler"} 2`,
		`ivschat_review_duration_seconds_sum{decided_by="fallback"} 0.03`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// Clients choose the URIs.
func TestThereAreCountersForAThousandURIs(t *testing.T) {
	m := metrics.New(number(0), number(0))
	for i := range 1500 {
		entry := review("ALLOW", "fallback", "no target")
		entry.Review.URI = fmt.Sprint("arn:", i)
		m.Observe(entry)
		m.Observe(entry)
	}
	lines := 0
	for _, sample := range samples(t, m) {
		if strings.HasPrefix(sample, "ivschat_invocation_errors_total") {
			lines++
		}
	}
	if other := `ivschat_invocation_errors_total{uri="other"} 1000`; lines != 1001 || !slices.Contains(samples(t, m), other) {
		t.Errorf("there are %d counters, want 1001 and %s", lines, other)
	}
}
