package clients_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A limitedEmulator has the request rates of AWS, and a clock that stands still.
type limitedEmulator struct {
	*emulator.Emulator
	throttled atomic.Int64 // calls
}

// startLimited starts an emulator. Whenever it has throttled a call, its clock moves by the step.
func startLimited(t *testing.T, step time.Duration) *limitedEmulator {
	t.Helper()
	e, err := emulator.New(emulator.Config{APIRates: emulator.APIRatesAWS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l := &limitedEmulator{Emulator: e}
	e.Clock().SetScale(0)
	e.Journal().Listen(func(entry journal.Entry) {
		if entry.Exception == "ThrottlingException" {
			l.throttled.Add(1)
			e.Clock().Advance(step)
		}
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return l
}

// create20Rooms creates 20 rooms one after another with the AWS SDK for Go, as it is by default.
func (l *limitedEmulator) create20Rooms(ctx context.Context) error {
	chat := ivschat.New(ivschat.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(l.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "any"}, nil
		}),
	})
	for range 20 {
		if _, err := chat.CreateRoom(ctx, &ivschat.CreateRoomInput{}); err != nil {
			return err
		}
	}
	return nil
}

// throttledThreeTimes is how often 20 calls are throttled, if five are possible at once, and five more after each time.
const throttledThreeTimes = 3

func TestTheSDKForGoRepeatsCallsThatWereThrottled(t *testing.T) {
	t.Parallel()
	e := startLimited(t, time.Second)
	if err := e.create20Rooms(t.Context()); err != nil || e.throttled.Load() != throttledThreeTimes {
		t.Errorf("%d calls were throttled: %v", e.throttled.Load(), err)
	}
}

func TestTheSDKForGoGivesUpAfterThreeAttempts(t *testing.T) {
	t.Parallel()
	e := startLimited(t, 0)
	err := e.create20Rooms(t.Context())
	exception, ok := errors.AsType[smithy.APIError](err)
	if !ok || exception.ErrorCode() != "ThrottlingException" || e.throttled.Load() != 3 {
		t.Errorf("after %d attempts: %v", e.throttled.Load(), err)
	}
}

// pythonCreating20Rooms returns a command that creates 20 rooms with boto3.
func pythonCreating20Rooms(t *testing.T, e *limitedEmulator) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), pythonWith(t, "boto3"), "rates.py", e.URL())
	command.Dir, command.Env = "testdata", append(os.Environ(), awsEnvironment(t.TempDir())...)
	return command
}

func TestBoto3RepeatsCallsThatWereThrottled(t *testing.T) {
	t.Parallel()
	e := startLimited(t, time.Second)
	output, err := pythonCreating20Rooms(t, e).CombinedOutput()
	if err != nil || e.throttled.Load() != throttledThreeTimes {
		t.Errorf("%d calls were throttled: %v\n%s", e.throttled.Load(), err, output)
	}
}

func TestBoto3GivesUpAfterItsAttempts(t *testing.T) {
	t.Parallel()
	e := startLimited(t, 0)
	command := pythonCreating20Rooms(t, e)
	command.Env = append(command.Env, "AWS_MAX_ATTEMPTS=2") // the default is 5, which takes longer
	output, err := command.CombinedOutput()
	const want = "An error occurred (ThrottlingException) when calling the CreateRoom operation"
	if err == nil || !strings.Contains(string(output), want) || e.throttled.Load() != 2 {
		t.Errorf("after %d attempts: %v\n%s", e.throttled.Load(), err, output)
	}
}
