package conformance_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
)

const account = "123456789012"

// start runs an emulator on a loopback port for as long as the test.
func start(t testing.TB, config emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// client is the AWS SDK for Go, unmodified, as the account in the region.
func client(e *emulator.Emulator, account, region string) *ivschat.Client {
	return ivschat.NewFromConfig(aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(e.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "secret"}, nil
		}),
		Retryer: func() aws.Retryer { return retry.NewStandard(ownFaultsOnly) },
	})
}

// ownFaultsOnly lets the SDK try again where its transport closed a connection
// while the answer was being read, which it sometimes does and by default
// mends by trying again (https://github.com/aws/aws-sdk-go-v2/issues/2737).
// An answer is never asked for twice.
func ownFaultsOnly(o *retry.StandardOptions) {
	o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
}

// begin gives a client of a fresh emulator.
func begin(t testing.TB) *ivschat.Client {
	t.Helper()
	return client(start(t, emulator.Config{}), account, "us-east-1")
}

func must[Output any](t testing.TB) func(Output, error) Output {
	t.Helper()
	return func(output Output, err error) Output {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return output
	}
}

func createRoom(t testing.TB, c *ivschat.Client, input *ivschat.CreateRoomInput) *ivschat.CreateRoomOutput {
	t.Helper()
	return must[*ivschat.CreateRoomOutput](t)(c.CreateRoom(t.Context(), input))
}

func getRoom(t testing.TB, c *ivschat.Client, arn *string) *ivschat.GetRoomOutput {
	t.Helper()
	return must[*ivschat.GetRoomOutput](t)(c.GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: arn}))
}

func bucket(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberS3{Value: types.S3DestinationConfiguration{BucketName: &name}}
}

func createLoggingConfiguration(t testing.TB, c *ivschat.Client) *ivschat.CreateLoggingConfigurationOutput {
	t.Helper()
	return must[*ivschat.CreateLoggingConfigurationOutput](t)(
		c.CreateLoggingConfiguration(t.Context(), &ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket("chat-logs")}))
}

// refused wants the SDK to have made the service's answer an exception of the
// type, and gives it.
func refused[Exception error](t testing.TB, err error) Exception {
	t.Helper()
	var exception Exception
	if !errors.As(err, &exception) {
		t.Fatalf("got %T (%v), want %T", err, err, exception)
	}
	return exception
}

// A reply is an HTTP reply as it came.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes a request without any SDK.
func send(t testing.TB, e *emulator.Emulator, method, path, body string, header ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, e.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}
