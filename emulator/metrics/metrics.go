// Package metrics counts what happens in the emulator and serves the counters in Prometheus's text
// format. Metrics that the service reports to CloudWatch
// (https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-health.html) have the same names, in
// Prometheus's spelling, and the help text quotes the name. The others are the emulator's own, and those
// that every Go program with Prometheus's library has about its memory, goroutines and files.
package metrics

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// Metrics are the metrics of one emulator. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	calls    sync.Map // callKey -> *callCounters

	deliveries        *prometheus.CounterVec // by action
	requests          *prometheus.CounterVec // by action
	messagingRequests prometheus.Counter
	operations        *prometheus.CounterVec   // by operation and status
	latency           *prometheus.HistogramVec // by operation, in seconds
	refusedHandshakes *prometheus.CounterVec   // by status
	faults            *prometheus.CounterVec   // by operation

	reviews          *prometheus.CounterVec   // by verdict and by who decided
	reviewLatency    *prometheus.HistogramVec // by who decided, in seconds
	invocationErrors *boundedCounter
	validationErrors *boundedCounter

	logDestinations logDestinationMetrics
}

// New returns metrics that are all zero. Connections returns the number of open connections, and
// delivered the number of frames that were delivered to clients so far. Both are called when the
// metrics are read, and must be safe for concurrent use.
func New(connections, delivered func() float64) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		deliveries: counters("ivschat_deliveries_total",
			"Messages and events for chat clients, by the action that caused them (CloudWatch: Deliveries).",
			"action"),
		requests: counters("ivschat_requests_total",
			"Calls of operations of the control plane (CloudWatch: Requests).",
			"action"),
		messagingRequests: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ivschat_messaging_requests_total",
			Help: "Frames from chat clients (CloudWatch: MessagingRequests).",
		}),
		operations: counters("ivschat_operations_total",
			"Answers of the control plane, by operation and HTTP status.",
			"operation", "status"),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ivschat_operation_duration_seconds",
			Help:    "How long the control plane took to answer, by operation.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 8),
		}, []string{"operation"}),
		refusedHandshakes: counters("ivschat_refused_handshakes_total",
			"WebSocket handshakes that were refused, by HTTP status.",
			"status"),
		faults: counters("ivschat_faults_fired_total",
			"Faults that fired, by the operation or action that they affected.",
			"operation"),
	}
	m.reviews = counters("ivschat_reviews_total",
		"Messages that were reviewed, by the verdict, and by who decided: handler, fallback or fault.",
		"verdict", "decided_by")
	m.reviewLatency = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ivschat_review_duration_seconds",
		Help:    "How long reviews took, by who decided. AWS allows 0.2 seconds.",
		Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 5},
	}, []string{"decided_by"})
	m.invocationErrors = newBoundedCounter("ivschat_invocation_errors_total",
		"Message review handlers that could not be invoked, or did not answer in time (CloudWatch: InvocationErrors).",
		"uri")
	m.validationErrors = newBoundedCounter("ivschat_response_validation_errors_total",
		"Answers of message review handlers that were not valid (CloudWatch: ResponseValidationErrors).", "uri")
	m.logDestinations = newLogDestinationMetrics()
	m.registry.MustRegister(m.logDestinations.all()...)
	m.registry.MustRegister(
		m.reviews, m.reviewLatency, m.invocationErrors.counters, m.validationErrors.counters,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.deliveries, m.requests, m.messagingRequests,
		m.operations, m.latency, m.refusedHandshakes, m.faults,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ivschat_concurrent_chat_connections",
			Help: "Open chat connections (CloudWatch: ConcurrentChatConnections).",
		}, connections),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "ivschat_messaging_deliveries_total",
			Help: "Frames that were delivered to chat clients (CloudWatch: MessagingDeliveries).",
		}, delivered),
	)
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// A callKey identifies the counters of one operation with one HTTP status.
type callKey struct {
	operation string
	status    int
}

// callCounters are the metrics of a callKey. They are cached, because finding them by their labels is
// slow.
type callCounters struct {
	requests, operations prometheus.Counter
	latency              prometheus.Observer
}

func (m *Metrics) countersOf(key callKey) *callCounters {
	if known, ok := m.calls.Load(key); ok {
		return known.(*callCounters)
	}
	found := &callCounters{
		requests:   m.requests.WithLabelValues(key.operation),
		operations: m.operations.WithLabelValues(key.operation, strconv.Itoa(key.status)),
		latency:    m.latency.WithLabelValues(key.operation),
	}
	m.calls.Store(key, found) // two stores of one key are harmless: the counters are the same
	return found
}

// Observe counts an entry of the journal. It is a journal.Listener.
func (m *Metrics) Observe(e journal.Entry) {
	switch e.Kind {
	case journal.Call:
		c := m.countersOf(callKey{e.Operation, e.Status})
		c.requests.Inc()
		c.operations.Inc()
		c.latency.Observe(e.Duration.Seconds())
	case journal.Frame:
		if e.Direction == journal.In {
			m.messagingRequests.Inc()
		}
		if e.Recipients > 0 {
			m.deliveries.WithLabelValues(e.Operation).Add(float64(e.Recipients))
		}
	case journal.Handshake:
		m.refusedHandshakes.WithLabelValues(strconv.Itoa(e.Status)).Inc()
	case journal.Fault:
		m.faults.WithLabelValues(e.Operation).Inc()
	case journal.Review:
		m.observeReview(e)
	case journal.Delivery:
		m.logDestinations.observe(e)
	}
}

// ServeHTTP writes all metrics in Prometheus's text format.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}
