package metrics_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/metrics"
)

func TestANodeOfAClusterHasMetricsAboutIt(t *testing.T) {
	m := metrics.New(number(0), number(0))
	calls := 0
	m.AddCluster(func() cluster.Stats {
		calls++
		return cluster.Stats{
			Members: 3, Sequence: 1234, Applied: 56, Unavailable: 7, SinceHeard: 1500 * time.Millisecond, IsMember: true,
		}
	})
	got := slices.DeleteFunc(samples(t, m), func(line string) bool { return !strings.HasPrefix(line, "ivschat_cluster_") })
	want := []string{
		"ivschat_cluster_entries_total 56",
		"ivschat_cluster_heartbeat_age_seconds 1.5",
		"ivschat_cluster_log_sequence 1234",
		"ivschat_cluster_member 1",
		"ivschat_cluster_nats_connected 0",
		"ivschat_cluster_nodes 3",
		"ivschat_cluster_unavailable_total 7",
	}
	if !slices.Equal(got, want) || calls != 1 {
		t.Errorf("after %d calls: got\n%s\nwant\n%s", calls, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
