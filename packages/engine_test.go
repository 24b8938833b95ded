package packages

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// If this test fails, no other test with containers can succeed.
func TestPodmanRunsTheImageAndAnswersAsDocker(t *testing.T) {
	e := engine(t)
	id := e.run(t, "run", "--detach", "--publish", "127.0.0.1::4700", e.image)
	defer e.run(t, "rm", "--force", "--time", "0", id)
	e.awaitReady(t, id)
	answer, err := http.Get("http://" + e.run(t, "port", id, "4700/tcp"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()

	docker := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(e.host, "unix://"))
		},
		DisableKeepAlives: true,
	}}
	answer, err = docker.Get("http://docker/v1.41/containers/" + id + "/json")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("Docker's API answers %s", answer.Status)
	}
}
