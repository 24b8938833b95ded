package clients_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

// TestBoto3 runs the AWS SDK for Python.
func TestBoto3(t *testing.T) {
	python := "python3"
	if !have(python, "-c", "import boto3") {
		python = "/usr/bin/python3" // Debian's own, where another one comes first in the path
	}
	need(t, have(python, "-c", "import boto3"), "boto3", "apt-get install python3-boto3")
	url := program.Start(t)
	run(t, python, []string{"boto3_test.py", url}, "testdata", surroundings(t.TempDir())...)
}
