package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

// A clusterMetric is a metric of a node of a cluster.
type clusterMetric struct {
	name, help string
	kind       prometheus.ValueType
	value      func(cluster.Stats) float64
}

var clusterMetrics = []clusterMetric{
	{
		"ivschat_cluster_nodes", "Nodes of the cluster, as this node knows them.",
		prometheus.GaugeValue, func(s cluster.Stats) float64 { return float64(s.Members) },
	},
	{
		"ivschat_cluster_member", "1 if this node is a member of the cluster, and 0 while it is not.",
		prometheus.GaugeValue, func(s cluster.Stats) float64 { return oneIf(s.IsMember) },
	},
	{
		"ivschat_cluster_nats_connected", "1 if this node is connected to NATS, and 0 while it is not.",
		prometheus.GaugeValue, func(s cluster.Stats) float64 { return oneIf(s.NATSConnected) },
	},
	{
		"ivschat_cluster_heartbeat_age_seconds", "Time since the latest heartbeat of this node that has come back to it. " +
			"After 2.5 seconds, the node answers no requests.",
		prometheus.GaugeValue, func(s cluster.Stats) float64 { return s.SinceHeard.Seconds() },
	},
	{
		"ivschat_cluster_log_sequence", "Number of the latest message of the log that this node has applied. " +
			"On a node that lags behind, it is smaller than on others.",
		prometheus.GaugeValue, func(s cluster.Stats) float64 { return float64(s.Sequence) },
	},
	{
		"ivschat_cluster_entries_total", "Entries of the log that this node has applied.",
		prometheus.CounterValue, func(s cluster.Stats) float64 { return float64(s.Applied) },
	},
	{
		"ivschat_cluster_unavailable_total", "How often this node could not answer, or could not change anything, " +
			"because it could not reach the cluster. Health checks that fail are counted, too.",
		prometheus.CounterValue, func(s cluster.Stats) float64 { return float64(s.Unavailable) },
	},
}

func oneIf(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}

// A clusterCollector reads all metrics of a node at the same moment.
type clusterCollector struct {
	descriptions []*prometheus.Desc // of clusterMetrics
	stats        func() cluster.Stats
}

// AddCluster adds the metrics of a node of a cluster. The function is called when they are read, and must be safe for
// concurrent use. Call it at most once, and before the metrics are read.
func (m *Metrics) AddCluster(stats func() cluster.Stats) {
	c := clusterCollector{stats: stats}
	for _, metric := range clusterMetrics {
		c.descriptions = append(c.descriptions, prometheus.NewDesc(metric.name, metric.help, nil, nil))
	}
	m.registry.MustRegister(c)
}

// Describe implements prometheus.Collector.
func (c clusterCollector) Describe(to chan<- *prometheus.Desc) {
	for _, description := range c.descriptions {
		to <- description
	}
}

// Collect implements prometheus.Collector.
func (c clusterCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.stats()
	for i, metric := range clusterMetrics {
		to <- prometheus.MustNewConstMetric(c.descriptions[i], metric.kind, metric.value(stats))
	}
}
