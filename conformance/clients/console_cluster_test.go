package clients_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestTheConsoleOfACluster tests the console in Chromium, at the balancer of a cluster, one of whose nodes is killed.
func TestTheConsoleOfACluster(t *testing.T) {
	t.Parallel()
	browser := browser.Chromium(t)
	needNode(t)
	cluster := program.StartCluster(t, 2)
	kill := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cluster.Nodes[0].Kill() }))
	defer kill.Close()
	runNode(t, "console/cluster.mjs", "CHROMIUM="+browser, "URL="+cluster.URL, "KILL="+kill.URL,
		"NODES="+cluster.Nodes[0].URL()+","+cluster.Nodes[1].URL())
}
