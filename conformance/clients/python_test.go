package clients_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

// TestBoto3 tests with the AWS SDK for Python.
func TestBoto3(t *testing.T) {
	python := "python3"
	if !succeeds(python, "-c", "import boto3") {
		python = "/usr/bin/python3" // Debian's Python, if another one is first in the path
	}
	need(t, succeeds(python, "-c", "import boto3"), "boto3", "apt-get install python3-boto3")
	args := []string{"boto3_test.py", program.Start(t)}
	run(t, python, args, "testdata", awsEnvironment(t.TempDir())...)
}
