package metrics

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// maximumValues is how many values of its label a boundedCounter has.
const maximumValues = 1000

// otherValues is the value for all beyond that.
const otherValues = "other"

// A boundedCounter counts by a text that clients choose, such as the URI of a message review handler, so there could
// be any number of them.
type boundedCounter struct {
	counters *prometheus.CounterVec

	mu     sync.Mutex // guards what follows
	values map[string]struct{}
}

func newBoundedCounter(name, help, label string) *boundedCounter {
	return &boundedCounter{counters: counters(name, help, label), values: map[string]struct{}{}}
}

func (c *boundedCounter) add(value string, n int) {
	c.mu.Lock()
	if _, known := c.values[value]; !known && len(c.values) >= maximumValues {
		value = otherValues
	} else if !known {
		value = strings.Clone(value)
		c.values[value] = struct{}{}
	}
	c.mu.Unlock()
	c.counters.WithLabelValues(value).Add(float64(n))
}
