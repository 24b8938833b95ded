package clients_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestTheHTTPClientOfTheJDK tests with java.net.http, which asks for HTTP/2 with every first request.
func TestTheHTTPClientOfTheJDK(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("java", "--version"), "Java", "apt-get install default-jdk-headless, version 17 or later")
	run(t, "java", []string{"-XX:TieredStopAtLevel=1", "HttpClientTest.java", program.Start(t)}, "testdata")
}
