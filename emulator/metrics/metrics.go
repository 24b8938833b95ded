// Package metrics counts what happens, in Prometheus' format. What the service
// tells CloudWatch has the service's names; the rest is the emulator's own.
package metrics

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// Metrics are the counters of one emulator.
type Metrics struct {
	registry *prometheus.Registry
	calls    sync.Map // by operation and status, see callsOf

	deliveries *prometheus.CounterVec
	requests   *prometheus.CounterVec
	messaging  prometheus.Counter
	operations *prometheus.CounterVec
	latency    *prometheus.HistogramVec
	handshakes *prometheus.CounterVec
	faults     *prometheus.CounterVec
}

// New makes counters. Connections gives the number of open connections,
// deliveries that of the frames that were delivered to clients so far.
func New(connections, deliveries func() float64) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivschat_deliveries_total", Help: "Messages and events for chat clients, by the action that caused them (CloudWatch: Deliveries).",
		}, []string{"action"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivschat_requests_total", Help: "Calls of operations of the control plane (CloudWatch: Requests).",
		}, []string{"action"}),
		messaging: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ivschat_messaging_requests_total", Help: "Frames from chat clients (CloudWatch: MessagingRequests).",
		}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivschat_operations_total", Help: "Answers of the control plane, by operation and HTTP status.",
		}, []string{"operation", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ivschat_operation_duration_seconds", Help: "How long answers of the control plane took.", Buckets: prometheus.ExponentialBuckets(0.0001, 4, 8),
		}, []string{"operation"}),
		handshakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivschat_refused_handshakes_total", Help: "WebSocket handshakes that were refused, by HTTP status.",
		}, []string{"status"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ivschat_faults_fired_total", Help: "Faults that fired, by what they hit.",
		}, []string{"operation"}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ivschat_concurrent_chat_connections", Help: "Open chat connections (CloudWatch: ConcurrentChatConnections).",
	}, connections)
	delivered := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "ivschat_messaging_deliveries_total", Help: "Frames that were delivered to chat clients (CloudWatch: MessagingDeliveries).",
	}, deliveries)
	m.registry.MustRegister(open, m.deliveries, m.requests, m.messaging, delivered, m.operations, m.latency, m.handshakes, m.faults)
	return m
}

// calls are the counters of one operation with one status, found once.
type calls struct {
	requests, operations prometheus.Counter
	latency              prometheus.Observer
}

func (m *Metrics) callsOf(operation string, status int) *calls {
	type key struct {
		operation string
		status    int
	}
	if known, ok := m.calls.Load(key{operation, status}); ok {
		return known.(*calls)
	}
	found := &calls{
		requests:   m.requests.WithLabelValues(operation),
		operations: m.operations.WithLabelValues(operation, strconv.Itoa(status)),
		latency:    m.latency.WithLabelValues(operation),
	}
	m.calls.Store(key{operation, status}, found)
	return found
}

// Observe counts what the journal hears of.
func (m *Metrics) Observe(e journal.Entry) {
	switch e.Kind {
	case journal.Call:
		c := m.callsOf(e.Operation, e.Status)
		c.requests.Inc()
		c.operations.Inc()
		c.latency.Observe(e.Duration.Seconds())
	case journal.Frame:
		if e.Direction == "in" {
			m.messaging.Inc()
		}
		if e.Recipients > 0 {
			m.deliveries.WithLabelValues(e.Operation).Add(float64(e.Recipients))
		}
	case journal.Handshake:
		m.handshakes.WithLabelValues(strconv.Itoa(e.Status)).Inc()
	case journal.Fault:
		m.faults.WithLabelValues(e.Operation).Inc()
	}
}

// ServeHTTP writes the metrics down.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}
