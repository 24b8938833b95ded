package cluster_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// make cluster-test has more rounds, with a seed of its own.
var (
	rounds = flag.Int("rounds", 0, "how many rounds the tests have that repeat something (default: those of a quick run)")
	seed   = flag.Uint64("seed", 1, "seed of the random choices of these tests")
)

func TestMain(m *testing.M) { program.Main(m) }

// roundsOr returns the number of rounds: the default, unless there is a flag.
func roundsOr(n int) int {
	if *rounds > 0 {
		return *rounds
	}
	return n
}

const account = "123456789012"

// once is for requests that go to another node each time, and are not repeated.
var once = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 15 * time.Second}

// sdk returns the AWS SDK for Go, which uses a new connection for each request and does not repeat it.
func sdk(url string) *ivschat.Client {
	return ivschat.New(ivschat.Options{
		Region: "us-east-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{}, HTTPClient: once,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "any"}, nil
		}),
	})
}

// createRoom creates a room with the highest rate, and returns its ARN.
func createRoom(t *testing.T, url string) string {
	t.Helper()
	room, err := sdk(url).CreateRoom(t.Context(), &ivschat.CreateRoomInput{MaximumMessageRatePerSecond: aws.Int32(100)})
	if err != nil {
		t.Fatal(err)
	}
	return *room.Arn
}

// createToken creates a chat token with which a user may do everything.
func createToken(ctx context.Context, url, room, user string) (string, error) {
	token, err := chatclient.ControlPlane{
		Endpoint: url, AccountID: account, Region: "us-east-1", HTTPClient: once,
	}.CreateChatToken(ctx, chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: user, Capabilities: []string{"SEND_MESSAGE", "DISCONNECT_USER", "DELETE_MESSAGE"},
	})
	return token, err
}

// connect connects a user to a room through the node or balancer at the URL, until the end of the test.
func connect(t *testing.T, url, room, user string, options chatclient.Options) *chatclient.Client {
	t.Helper()
	token, err := createToken(t.Context(), url, room, user)
	if err != nil {
		t.Fatal(err)
	}
	client, err := chatclient.Dial(t.Context(), url, token, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Drop)
	return client
}

// admin sends a request to the admin API, which must succeed, and returns the answer.
func admin(t *testing.T, url, method, path, body string) string {
	t.Helper()
	text, err := callAdmin(t.Context(), url, method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func callAdmin(ctx context.Context, url, method, path, body string) (text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url+"/_ivschat/v1/"+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	response, err := once.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = errors.New(method + " " + path + " is answered with " + response.Status + " " + string(answer))
	}
	return string(answer), err
}

// await waits until something is true, and fails the test if it is not true in time.
func await(t *testing.T, what string, atMost time.Duration, isTrue func() bool) {
	t.Helper()
	timeout, again := time.After(atMost), time.NewTicker(5*time.Millisecond)
	defer again.Stop()
	for !isTrue() {
		select {
		case <-again.C:
		case <-timeout:
			t.Fatalf("after %v, it is still not true that %s", atMost, what)
		}
	}
}

// statusOf returns the status of a response of the control plane that has an error, or 0 if there was none.
func statusOf(err error) int {
	if response, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

// exceptionOf returns the name of the exception that an operation has answered with.
func exceptionOf(err error) string {
	if exception, ok := errors.AsType[smithy.APIError](err); ok {
		return exception.ErrorCode()
	}
	return ""
}
