package lifecycle_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"go.uber.org/goleak"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// delay is how long transitions last in these tests.
const delay = 10 * time.Second

// An account calls an emulator with the AWS SDK.
type account struct {
	*emulatortest.Emulator
	t   *testing.T
	sdk *ivschat.Client
}

// start starts an emulator whose transitions last for the delay.
func start(t *testing.T) account {
	t.Helper()
	return startWith(t, emulator.Config{LoggingConfigurationDelay: delay})
}

func startWith(t *testing.T, config emulator.Config) account {
	t.Helper()
	e := emulatortest.Start(t, config)
	return account{e, t, newSDK(e.Config())}
}

// other returns another account of the emulator.
func (a account) other(id string) account {
	return account{a.Emulator, a.t, newSDK(a.ConfigFor(id, "us-east-1"))}
}

// newSDK returns a client that tries everything once.
func newSDK(config aws.Config) *ivschat.Client {
	return ivschat.NewFromConfig(config, func(o *ivschat.Options) {
		o.Retryer = retry.AddWithMaxAttempts(retry.NewStandard(), 1)
	})
}

// fail makes the next call of the operation fail at its end.
func (a account) fail(operation string) {
	a.t.Helper()
	a.Fault(fault.Rule{Operation: operation, Times: 1, Effect: fault.FailChange{}})
}

func bucket(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberS3{Value: types.S3DestinationConfiguration{BucketName: &name}}
}

func bucketOf(d types.DestinationConfiguration) string {
	return *d.(*types.DestinationConfigurationMemberS3).Value.BucketName
}

// tryCreate creates a logging configuration with the name old and the bucket old-bucket.
func (a account) tryCreate() (*ivschat.CreateLoggingConfigurationOutput, error) {
	return a.sdk.CreateLoggingConfiguration(a.t.Context(), &ivschat.CreateLoggingConfigurationInput{
		Name: aws.String("old"), DestinationConfiguration: bucket("old-bucket"),
	})
}

// create is tryCreate, which must succeed, and returns the ARN.
func (a account) create() string {
	a.t.Helper()
	created, err := a.tryCreate()
	if err != nil {
		a.t.Fatal(err)
	}
	return *created.Arn
}

// active creates a logging configuration that has become ACTIVE, in a bubble of synctest.
func (a account) active() string {
	a.t.Helper()
	arn := a.create()
	time.Sleep(delay)
	synctest.Wait()
	a.expect(arn, "ACTIVE old old-bucket")
	return arn
}

// update changes the name to new and the bucket to new-bucket.
func (a account) update(arn string) error {
	_, err := a.sdk.UpdateLoggingConfiguration(a.t.Context(), &ivschat.UpdateLoggingConfigurationInput{
		Identifier: &arn, Name: aws.String("new"), DestinationConfiguration: bucket("new-bucket"),
	})
	return err
}

func (a account) delete(arn string) error {
	_, err := a.sdk.DeleteLoggingConfiguration(a.t.Context(),
		&ivschat.DeleteLoggingConfigurationInput{Identifier: &arn})
	return err
}

// createRoom creates a room with the logging configuration.
func (a account) createRoom(configuration string) (room string, err error) {
	created, err := a.sdk.CreateRoom(a.t.Context(), &ivschat.CreateRoomInput{
		LoggingConfigurationIdentifiers: []string{configuration},
	})
	if err != nil {
		return "", err
	}
	return *created.Arn, nil
}

// attach replaces the logging configurations of the room.
func (a account) attach(room string, configurations ...string) error {
	_, err := a.sdk.UpdateRoom(a.t.Context(), &ivschat.UpdateRoomInput{
		Identifier: &room, LoggingConfigurationIdentifiers: append([]string{}, configurations...),
	})
	return err
}

func (a account) get(arn string) (*ivschat.GetLoggingConfigurationOutput, error) {
	return a.sdk.GetLoggingConfiguration(a.t.Context(), &ivschat.GetLoggingConfigurationInput{Identifier: &arn})
}

// seen returns the state, the name and the bucket of a logging configuration, or that it does not exist.
func (a account) seen(arn string) string {
	a.t.Helper()
	c, err := a.get(arn)
	if is[*types.ResourceNotFoundException](err) {
		return missing
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return fmt.Sprint(c.State, " ", *c.Name, " ", bucketOf(c.DestinationConfiguration))
}

// missing is what is seen of a logging configuration that does not exist.
const missing = "missing"

// expect checks what GetLoggingConfiguration and ListLoggingConfigurations show.
func (a account) expect(arn, want string) {
	a.t.Helper()
	if got := a.seen(arn); got != want {
		a.t.Errorf("GetLoggingConfiguration shows %s, want %s", got, want)
	}
	listed := missing
	for _, c := range a.list() {
		if *c.Arn == arn {
			listed = fmt.Sprint(c.State, " ", *c.Name, " ", bucketOf(c.DestinationConfiguration))
		}
	}
	if listed != want {
		a.t.Errorf("ListLoggingConfigurations shows %s, want %s", listed, want)
	}
}

func (a account) list() []types.LoggingConfigurationSummary {
	a.t.Helper()
	list, err := a.sdk.ListLoggingConfigurations(a.t.Context(), &ivschat.ListLoggingConfigurationsInput{})
	if err != nil {
		a.t.Fatal(err)
	}
	return list.LoggingConfigurations
}

// is reports whether an error is an exception of that type.
func is[Exception error](err error) bool {
	_, ok := errors.AsType[Exception](err)
	return ok
}

// must fails the test if there is an error.
func (a account) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// refuse checks that an error is an exception of that type whose message has the text.
func refuse[Exception error](t *testing.T, err error, text string) {
	t.Helper()
	if !is[Exception](err) || !strings.Contains(err.Error(), text) {
		t.Errorf("got the error %v, want %T with %q", err, *new(Exception), text)
	}
}

// warnings returns a logger that writes warnings and errors to the log.
func warnings(log io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
