package metrics

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// maximumURIs is how many URIs a counter has. Clients choose the URIs of message review handlers, so there could
// be any number of them.
const maximumURIs = 1000

// otherURIs is the label of the counter of all URIs beyond that.
const otherURIs = "other"

// A uriCounter counts by the URI of a message review handler.
type uriCounter struct {
	counters *prometheus.CounterVec

	mu   sync.Mutex // guards what follows
	uris map[string]struct{}
}

func newURICounter(name, help string) *uriCounter {
	return &uriCounter{counters: counters(name, help, "uri"), uris: map[string]struct{}{}}
}

func (c *uriCounter) count(uri string) {
	c.mu.Lock()
	if _, known := c.uris[uri]; !known && len(c.uris) >= maximumURIs {
		uri = otherURIs
	} else if !known {
		uri = strings.Clone(uri)
		c.uris[uri] = struct{}{}
	}
	c.mu.Unlock()
	c.counters.WithLabelValues(uri).Inc()
}

// observeReview counts a review. An error of the function itself is neither an error of the invocation nor of the
// answer: AWS has Lambda's own metric Errors for it (User Guide: Monitoring Amazon IVS Chat).
func (m *Metrics) observeReview(e journal.Entry) {
	m.reviews.WithLabelValues(e.Review.Verdict, string(e.Review.DecidedBy)).Inc()
	m.reviewLatency.WithLabelValues(string(e.Review.DecidedBy)).Observe(e.Duration.Seconds())
	switch e.Review.Failure {
	case journal.NoTarget, journal.NotInvoked, journal.TimedOut:
		m.invocationErrors.count(e.Review.URI)
	case journal.InvalidAnswer:
		m.validationErrors.count(e.Review.URI)
	}
}
