package clients_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestBoto3 tests with the AWS SDK for Python.
func TestBoto3(t *testing.T) {
	t.Parallel()
	args := []string{"boto3_test.py", program.Start(t)}
	run(t, pythonWith(t, "boto3"), args, "testdata", awsEnvironment(t.TempDir())...)
}

// TestWebSocketsInPython tests with the WebSockets of the packages websockets and aiohttp.
func TestWebSocketsInPython(t *testing.T) {
	t.Parallel()
	args := []string{"websocket_test.py", program.Start(t)}
	run(t, pythonWith(t, "websockets", "aiohttp"), args, "testdata")
}

// pythonWith returns a Python that has the packages.
func pythonWith(t *testing.T, packages ...string) string {
	t.Helper()
	python, load := "python3", "import "+strings.Join(packages, ", ")
	if !succeeds(python, "-c", load) {
		python = "/usr/bin/python3" // Debian's Python, if another one is first in the path
	}
	need.Client(t, succeeds(python, "-c", load), "Python with "+strings.Join(packages, " and "),
		"apt-get install python3-"+strings.Join(packages, " python3-"))
	return python
}
