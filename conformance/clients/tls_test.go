package clients_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// An encrypted is an emulator with TLS, and two data directories with a certificate authority: its own, and another
// one.
type encrypted struct {
	url, plain, address string
	own, other          string
}

// startTLS starts the emulator.
func startTLS(t *testing.T, flags ...string) encrypted {
	t.Helper()
	e := encrypted{own: t.TempDir() + "/own data", other: t.TempDir() + "/other data"}
	e.url = program.Start(t, append([]string{"--tls", "auto", "--data", e.own}, flags...)...)
	parsed, err := url.Parse(e.url)
	if err != nil || parsed.Scheme != "https" {
		t.Fatalf("the URL is %s: %v", e.url, err)
	}
	e.address, e.plain = parsed.Host, "http://"+parsed.Host
	return e
}

// port returns the port of the emulator.
func (e encrypted) port() string {
	_, port, _ := net.SplitHostPort(e.address)
	return port
}

// trusting returns a shell command that runs another one after what ivschat-local trust prints for a client.
func trusting(t *testing.T, client, dir, command string, flags ...string) string {
	t.Helper()
	trust := exec.Command(program.Path(t), append([]string{"trust", client, "--data", dir}, flags...)...)
	trust.Env = append(os.Environ(), "SSL_CERT_FILE=", "AWS_CA_BUNDLE=", "REQUESTS_CA_BUNDLE=", "CURL_CA_BUNDLE=")
	output, err := trust.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(output) + command
}

// untrusted returns what a client says of a certificate that it does not trust, as the guide has it.
func untrusted(t *testing.T, client string) (texts []string) {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| (.*, )?` + client + `(,.*)? \|([^|]+)\|[^|]+\|$`).FindStringSubmatch(tlsGuide(t))
	if row == nil {
		t.Fatalf("the guide does not have what %s says", client)
	}
	for _, text := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
		texts = append(texts, text[1])
	}
	return texts
}

// expectTrust runs a shell command of a client that trusts the authority of the emulator, which must succeed, and of
// one that trusts another authority, which must fail with the error about the certificate that the guide has for the
// program.
func (e encrypted) expectTrust(t *testing.T, client, program, command, dir string, environment ...string) {
	t.Helper()
	failures := untrusted(t, program)
	for _, authority := range []string{e.own, e.other} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", trusting(t, client, authority, command))
		shell.Dir = dir
		shell.Env = append(os.Environ(), append(awsEnvironment(t.TempDir()), "NO_PROXY=*", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
			"URL="+e.url, "PLAIN_URL="+e.plain, "PORT="+e.port(), "AWS_ENDPOINT_URL_IVSCHAT="+e.url)...)
		shell.Env = append(shell.Env, environment...)
		output, err := shell.CombinedOutput()
		switch {
		case authority == e.own && err != nil:
			t.Errorf("with the authority: %v\n%s", err, output)
		case authority == e.other && err == nil:
			t.Errorf("it works with another authority\n%s", output)
		case authority == e.other && !slices.ContainsFunc(failures, func(text string) bool {
			return strings.Contains(string(output), text)
		}):
			t.Errorf("with another authority, it fails without %q\n%s", failures, output)
		}
	}
}

func TestCurlWithTLS(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	e := startTLS(t)
	for name, command := range map[string]string{
		"localhost":         `curl -sS --fail-with-body "https://localhost:$PORT/CreateRoom" -d '{}'`,
		"127.0.0.1":         `curl -sS --fail-with-body "$URL/CreateRoom" -d '{}'`,
		"the control plane": `curl -sS --fail-with-body --connect-to "::127.0.0.1:$PORT" https://ivschat.us-east-1.amazonaws.com/CreateRoom -d '{}'`,
		"api.aws": `curl -sS --fail-with-body --resolve "ivschat.eu-west-1.api.aws:$PORT:127.0.0.1" "https://ivschat.eu-west-1.api.aws:$PORT/ListRooms" ` +
			`-d '{}'`,
		"the messaging endpoint": `test "$(curl -sS -o /dev/null -w '%{http_code}' --connect-to "::127.0.0.1:$PORT" ` +
			`https://edge.ivschat.us-east-1.amazonaws.com/)" = 400`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e.expectTrust(t, "curl", "curl", command, "")
		})
	}
	t.Run("a name without a certificate", func(t *testing.T) {
		t.Parallel()
		command := exec.CommandContext(t.Context(), "curl", "-sS", "--connect-to", "::"+e.address, "https://example.com/")
		if output, err := command.CombinedOutput(); err == nil || !strings.Contains(string(output), "curl: (35)") {
			t.Errorf("%v\n%s", err, output)
		}
	})
}

func TestTheAWSCLIWithTLS(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	startTLS(t).expectTrust(t, "python", "AWS CLI",
		`aws --endpoint-url "$URL" ivschat create-room --tags a=b && aws --endpoint-url "$URL" ivschat list-rooms`, "")
}

func TestBoto3WithTLS(t *testing.T) {
	t.Parallel()
	startTLS(t).expectTrust(t, "python", "Python",
		pythonWith(t, "boto3")+` boto3_test.py Chat.test_rooms_can_be_created_used_and_deleted "$URL"`, "testdata")
}

// TestWebSocketsInPythonWithTLS tests with the packages websockets and aiohttp.
func TestWebSocketsInPythonWithTLS(t *testing.T) {
	t.Parallel()
	startTLS(t).expectTrust(t, "python", "Python",
		pythonWith(t, "websockets", "aiohttp")+` websocket_test.py "$URL"`, "testdata")
}

// TestJavaWithTLS tests with java.net.http, and with its WebSocket.
func TestJavaWithTLS(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("java", "--version"), "Java", "apt-get install default-jdk-headless, version 17 or later")
	for name, endpoints := range map[string]string{"HTTP and WebSocket": `"$URL"`, "WebSocket": `"$PLAIN_URL" "$URL"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			startTLS(t).expectTrust(t, "java", "Java", "java -XX:TieredStopAtLevel=1 HttpClientTest.java "+endpoints, "testdata")
		})
	}
}

// TestNodeWithTLS tests with the AWS SDKs for JavaScript, versions 3 and 2, and the official chat client, also at the
// hosts of AWS.
func TestNodeWithTLS(t *testing.T) {
	t.Parallel()
	needNode(t)
	e := startTLS(t)
	for _, test := range []string{"SDK 3", "SDK 2", "SDK 3 at the host of AWS", "chat client", "chat client in a region"} {
		t.Run(test, func(t *testing.T) {
			t.Parallel()
			e.expectTrust(t, "node", "Node.js", "node --test --test-name-pattern='^"+test+"$' tls.test.mjs", "js")
		})
	}
}

// TestChromiumWithTLS tests with the official chat client at the hosts of AWS, and with the console.
func TestChromiumWithTLS(t *testing.T) {
	t.Parallel()
	needNode(t)
	path := browser.Chromium(t)
	needCertutil(t)
	e := startTLS(t)
	for _, test := range []string{"console", "chat client in a region"} {
		t.Run(test, func(t *testing.T) {
			t.Parallel()
			e.expectTrust(t, "chromium", "Chromium",
				"node --test --test-name-pattern='^"+test+"$' tls-browser.test.mjs", "js", "CHROMIUM="+path)
		})
	}
}

// asGoClient is a variable that makes this test binary a client in Go, in a process of its own: the system's
// authorities are read once. It has the URL of an emulator.
const asGoClient = "RUN_AS_GO_CLIENT"

// goClient calls an operation with the AWS SDK for Go, and connects with gorilla/websocket.
func goClient(endpoint string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	chat := ivschat.New(ivschat.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "any"}, nil
		}),
	})
	_, failed := chat.CreateRoom(ctx, &ivschat.CreateRoomInput{})
	_, response, err := websocket.DefaultDialer.DialContext(ctx, strings.Replace(endpoint, "http", "ws", 1), nil)
	if response != nil { // without a chat token, the handshake is refused
		err = nil
	}
	for _, err := range []error{failed, err} {
		if _, untrusted := errors.AsType[x509.UnknownAuthorityError](err); err != nil && !untrusted {
			return fmt.Errorf("this is not about the certificate: %w", err)
		}
	}
	if (failed == nil) != (err == nil) {
		return fmt.Errorf("only one of them trusts the emulator: %v, %v", failed, err)
	}
	return failed
}

// TestGoWithTLS tests with the AWS SDK for Go and gorilla/websocket.
func TestGoWithTLS(t *testing.T) {
	t.Parallel()
	if endpoint := os.Getenv(asGoClient); endpoint != "" {
		if err := goClient(endpoint); err != nil {
			t.Fatal(err)
		}
		return
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	startTLS(t).expectTrust(t, "go", "Go", asGoClient+`="$URL" '`+self+`' -test.run '^TestGoWithTLS$'`, "")
}
