package metrics

import (
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// observeReview counts a review. An error of the function itself is neither an error of the invocation nor of the
// answer: AWS has Lambda's own metric Errors for it (User Guide: Monitoring Amazon IVS Chat).
func (m *Metrics) observeReview(e journal.Entry) {
	m.reviews.WithLabelValues(e.Review.Verdict, string(e.Review.DecidedBy)).Inc()
	m.reviewLatency.WithLabelValues(string(e.Review.DecidedBy)).Observe(e.Duration.Seconds())
	switch e.Review.Failure {
	case journal.NoTarget, journal.NotInvoked, journal.TimedOut:
		m.invocationErrors.add(e.Review.URI, 1)
	case journal.InvalidAnswer:
		m.validationErrors.add(e.Review.URI, 1)
	}
}
