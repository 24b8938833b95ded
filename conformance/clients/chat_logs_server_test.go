package clients_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/program"
)

// buildChatLogs builds versitygw and the reader of chat logs, and returns the directory in which they are.
func buildChatLogs(t *testing.T) (dir string) {
	t.Helper()
	return buildModule(t, "chatlogs", "versitygw and the AWS SDK for Go", "./...")
}

// A cloud is a server with APIs of AWS that receives chat logs, and its readers.
type cloud struct {
	t      *testing.T
	url    string
	reader string // path of the reader with the AWS SDK for Go
	// environment tells AWS SDKs where the server is, and their credentials.
	environment []string
}

// readers returns the readers of a server with an access key. bin is the directory of buildChatLogs.
func readers(t *testing.T, url, bin, key, secret string) cloud {
	t.Helper()
	environment := append(awsEnvironment(t.TempDir()), "AWS_ENDPOINT_URL="+url, "AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY="+secret, "NO_PROXY=*")
	return cloud{t, url, filepath.Join(bin, "reader"), environment}
}

// startMotoCloud starts moto, which accepts any access key, until the end of the test.
func startMotoCloud(t *testing.T, bin string) cloud {
	t.Helper()
	return readers(t, startMoto(t), bin, "any", "any")
}

// The only access key of versitygw. Its secret has characters that mean something in a URL.
const (
	gatewayKey     = "AKIAIOSFODNN7EXAMPLE"
	gatewaySecret  = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY:EXAMPLE@KEY"
	gatewayEscaped = "wJalrXUtnFEMI%2FK7MDENG+bPxRfiCY%3AEXAMPLE%40KEY"
)

// startGateway starts versitygw, which checks signatures, until the end of the test. Its region is us-east-1.
func startGateway(t *testing.T, bin string) cloud {
	t.Helper()
	objects, metadata := t.TempDir(), t.TempDir()
	url := startAtFreePort(t, func(address string) error {
		server := launch(t, filepath.Join(bin, "versitygw"), []string{
			"-address", address, "-objects", objects, "-metadata", metadata,
			"-key", gatewayKey, "-secret", gatewaySecret,
		}, "")
		return server.listens(address)
	})
	return readers(t, url, bin, gatewayKey, gatewaySecret)
}

// withKey returns the URL of a server with an access key and its escaped secret.
func withKey(url, key, escaped string) string {
	return strings.Replace(url, "http://", "http://"+key+":"+escaped+"@", 1)
}

// command runs a program with the environment of the server's clients, and returns what it printed.
func (c cloud) command(name string, args ...string) []byte {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), name, args...)
	command.Env = append(os.Environ(), c.environment...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		c.t.Fatalf("%s %q: %v\n%s", filepath.Base(name), args, err, &stderr)
	}
	return output
}

// create creates a bucket, a group or a stream: see the reader for the arguments.
func (c cloud) create(args ...string) {
	c.t.Helper()
	c.command(c.reader, append([]string{"create"}, args...)...)
}

// An object is an object of S3 as the AWS SDK for Go reads it.
type object struct {
	Key, ContentType, ContentEncoding string
	Body                              []byte
}

// objects returns all objects of a bucket as the AWS SDK for Go reads them, in the order of their keys.
func (c cloud) objects(bucket string) (objects []object) {
	c.t.Helper()
	c.decode(c.command(c.reader, "objects", bucket), &objects)
	return objects
}

// An event is a log event as the AWS SDK for Go reads it.
type event struct {
	Stream, Message string
	Timestamp       int64 // milliseconds since 1970
}

// events returns all events of a log group as the AWS SDK for Go reads them, in the order of their times.
func (c cloud) events(group string) (events []event) {
	c.t.Helper()
	c.decode(c.command(c.reader, "events", group), &events)
	return events
}

func (c cloud) decode(text []byte, result any) {
	c.t.Helper()
	if err := json.Unmarshal(text, result); err != nil {
		c.t.Fatalf("%v: %s", err, text)
	}
}

// boto3 runs a consumer of the guide, which uses boto3, and returns the lines that it printed.
func (c cloud) boto3(file string, args ...string) []string {
	c.t.Helper()
	args = append([]string{"testdata/chat-logs/" + file}, args...)
	return linesOf(c.command(pythonOfMoto(c.t), args...))
}

// linesOf returns the lines of a text that ends with a line break, or is empty.
func linesOf(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// startWithLog starts the emulator as program.Start does, and also returns it as a server, whose log has warnings.
func startWithLog(t *testing.T, flags ...string) (url string, emulator *server) {
	t.Helper()
	emulator = launch(t, program.Path(t), append([]string{
		"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "warn",
	}, flags...), "")
	line, err := emulator.until(`"endpoint":`)
	if err != nil {
		t.Fatalf("the program exited before it was ready: %v", err)
	}
	var ready struct{ Endpoint string }
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("the program's first line is %s: %v", line, err)
	}
	return ready.Endpoint, emulator
}

// get sends a request to the admin API, which must succeed, and decodes the response.
func get(t *testing.T, url string, result any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	if err == nil {
		err = json.Unmarshal(body, result)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", url, err, body)
	}
}
