package conformance_test

import (
	"context"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// Every claim holds for three nodes behind a balancer that uses them at random.
func TestConformanceOfACluster(t *testing.T) {
	t.Parallel()
	url := allDestinations().url
	c := program.StartCluster(t, 3, "--review-timeout", reviewTimeout.String(),
		"--s3-endpoint", url, "--cloudwatch-logs-endpoint", url, "--firehose-endpoint", url)
	api := clusterAPI{adminAPI(c.URL), c}
	target := remote(t, conformance.Target{Endpoint: c.URL, Region: "us-east-1", Prefix: *prefix, Slow: *slow})
	target = remoteChatLogs(t, target)
	target.Reviews, target.ChatLogs, target.Destinations = api, api, allDestinations()
	conformance.Run(t, target, claims.All())
}

// A clusterAPI is the admin API of a cluster, in which each node has metrics of its own.
type clusterAPI struct {
	adminAPI
	cluster *program.Cluster
}

// Errors implements conformance.Reviews.
func (api clusterAPI) Errors(ctx context.Context, uri string) (invocation, validation int, err error) {
	for _, node := range api.cluster.Nodes {
		i, v, err := adminAPI(node.URL()).Errors(ctx, uri)
		if err != nil {
			return 0, 0, err
		}
		invocation, validation = invocation+i, validation+v
	}
	return invocation, validation, nil
}

// LogErrors implements conformance.ChatLogs.
func (api clusterAPI) LogErrors(ctx context.Context, configuration string) (sum conformance.LogErrors, err error) {
	for _, node := range api.cluster.Nodes {
		errors, err := adminAPI(node.URL()).LogErrors(ctx, configuration)
		if err != nil {
			return sum, err
		}
		sum.AccessDenied += errors.AccessDenied
		sum.NotFound += errors.NotFound
		sum.All += errors.All
	}
	return sum, nil
}
