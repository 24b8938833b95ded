package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// logDestinationMetrics are the metrics of chat logs, by the ARN of the logging configuration. Those of errors count
// deliveries, and the others records.
type logDestinationMetrics struct {
	denied, notFound, errors, delivered, dropped *boundedCounter
}

func newLogDestinationMetrics() logDestinationMetrics {
	const label = "logging_configuration"
	return logDestinationMetrics{
		denied: newBoundedCounter("ivschat_log_destination_access_denied_errors_total",
			"Deliveries of chat logs that the destination refused (CloudWatch: LogDestinationAccessDeniedError).",
			label),
		notFound: newBoundedCounter("ivschat_log_destination_resource_not_found_errors_total",
			"Deliveries of chat logs to a destination that does not exist (CloudWatch: "+
				"LogDestinationResourceNotFoundErrors).", label),
		errors: newBoundedCounter("ivschat_log_destination_errors_total",
			"Deliveries of chat logs that failed, for any reason (CloudWatch: LogDestinationErrors).", label),
		delivered: newBoundedCounter("ivschat_chat_log_records_delivered_total",
			"Records of chat logs that were delivered.", label),
		dropped: newBoundedCounter("ivschat_chat_log_records_dropped_total",
			"Records of chat logs that will never be delivered, because the spool was full, for instance.", label),
	}
}

func (m *logDestinationMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.denied.counters, m.notFound.counters, m.errors.counters, m.delivered.counters, m.dropped.counters,
	}
}

func (m *logDestinationMetrics) observe(e journal.Entry) {
	configuration := e.Log.LoggingConfiguration
	switch e.Log.Failure {
	case "":
		m.delivered.add(configuration, e.Log.Records)
		return
	case journal.LogDropped:
		m.dropped.add(configuration, e.Log.Records)
		return
	case journal.LogAccessDenied:
		m.denied.add(configuration, 1)
	case journal.LogNotFound:
		m.notFound.add(configuration, 1)
	}
	m.errors.add(configuration, 1)
}
