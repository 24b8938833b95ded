package admin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// sdk returns a client of the AWS SDK that makes up to so many attempts, without pauses.
func sdk(e *emulatortest.Emulator, attempts int) *ivschat.Client {
	return ivschat.NewFromConfig(e.Config(), withAttempts(attempts))
}

func withAttempts(attempts int) func(*ivschat.Options) {
	noPause := func(int, error) (time.Duration, error) { return 0, nil }
	return func(o *ivschat.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = attempts, retry.BackoffDelayerFunc(noPause)
		})
	}
}

func TestTheSDKGetsEveryDeclaredExceptionWithItsMembers(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	suffix := room[strings.LastIndex(room, "/")+1:]
	exception := func(operation, members string) error {
		t.Helper()
		addFault(t, e, `{"operation":"`+operation+`","times":1,`+members+`}`)
		err := callSDK(t, sdk(e, 1), operation, room)
		if left := list(t, e, "faults"); len(left) != 0 {
			t.Errorf("%s did not fire, or was not removed", members)
		}
		return err
	}

	err := exception("CreateRoom", `"exception":"AccessDeniedException","message":"no"`)
	if x, ok := errors.AsType[*types.AccessDeniedException](err); !ok || *x.Message != "no" {
		t.Errorf("got %v", err)
	}
	err = exception("CreateRoom", `"exception":"PendingVerification"`)
	if _, ok := errors.AsType[*types.PendingVerification](err); !ok {
		t.Errorf("got %v", err)
	}
	err = exception("SendEvent", `"exception":"ResourceNotFoundException","room":"`+room+`"`)
	if x, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || *x.ResourceId != suffix {
		t.Errorf("got %v", err)
	}
	err = exception("CreateRoom", `"exception":"ValidationException","reason":"UNKNOWN_OPERATION"`)
	if x, ok := errors.AsType[*types.ValidationException](err); !ok ||
		x.Reason != types.ValidationExceptionReasonUnknownOperation {
		t.Errorf("got %v", err)
	}
	err = exception("CreateRoom",
		`"exception":"ValidationException","fieldList":[{"name":"tags","message":"too many"}]`)
	if x, ok := errors.AsType[*types.ValidationException](err); !ok ||
		x.Reason != types.ValidationExceptionReasonFieldValidationFailed || len(x.FieldList) != 1 ||
		*x.FieldList[0].Name != "tags" || *x.FieldList[0].Message != "too many" {
		t.Errorf("got %v", err)
	}
	err = exception("SendEvent", `"exception":"ThrottlingException","limit":100`)
	if x, ok := errors.AsType[*types.ThrottlingException](err); !ok || x.Limit != 100 {
		t.Errorf("got %v", err)
	}
	err = exception("CreateRoom", `"exception":"ServiceQuotaExceededException","limit":7,"resourceId":"abc"`)
	if x, ok := errors.AsType[*types.ServiceQuotaExceededException](err); !ok ||
		x.Limit != 7 || *x.ResourceId != "abc" {
		t.Errorf("got %v", err)
	}
	err = exception("CreateRoom", `"exception":"ConflictException"`)
	if _, ok := errors.AsType[*types.ConflictException](err); !ok {
		t.Errorf("got %v", err)
	}
	err = exception("ListTagsForResource", `"exception":"InternalServerException"`)
	if _, ok := errors.AsType[*types.InternalServerException](err); !ok {
		t.Errorf("got %v", err)
	}
}

// callSDK calls one of three operations, with the room if it takes one.
func callSDK(t *testing.T, chat *ivschat.Client, operation, room string) (err error) {
	t.Helper()
	switch operation {
	case "CreateRoom":
		_, err = chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	case "SendEvent":
		input := &ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String("x")}
		_, err = chat.SendEvent(t.Context(), input)
	case "ListTagsForResource":
		input := &ivschat.ListTagsForResourceInput{ResourceArn: &room}
		_, err = chat.ListTagsForResource(t.Context(), input)
	default:
		t.Fatalf("callSDK cannot call %s", operation)
	}
	return err
}

func TestTheSDKRetriesOnlyWhatCanBeRetried(t *testing.T) {
	for rule, retried := range map[string]bool{
		`{"operation":"SendEvent","times":2,"exception":"ThrottlingException"}`:       true,
		`{"operation":"SendEvent","times":2,"status":500,"body":"<html>Oops</html>"}`: true,
		`{"operation":"SendEvent","times":2,"status":503,"body":"not JSON"}`:          true,
		`{"operation":"SendEvent","times":2,"reset":true}`:                            true,
		`{"operation":"SendEvent","times":2,"exception":"AccessDeniedException"}`:     false,
		`{"operation":"SendEvent","times":2,"exception":"ValidationException"}`:       false,
		`{"operation":"SendEvent","times":2,"exception":"PendingVerification"}`:       false,
		`{"operation":"SendEvent","times":2,"status":400,"body":"not JSON"}`:          false,
	} {
		t.Run(rule, func(t *testing.T) {
			e := emulatortest.Start(t)
			room := e.Room()
			addFault(t, e, rule)
			if err := callSDK(t, sdk(e, 3), "SendEvent", room); retried != (err == nil) {
				t.Errorf("got %v", err)
			}
			want := 1
			if retried {
				want = 2
			}
			fired := 0
			for _, entry := range list(t, e, "journal") {
				if member(entry, "kind") == "fault" {
					fired++
				}
			}
			if fired != want {
				t.Errorf("the fault fired %d times, want %d", fired, want)
			}
		})
	}
}

// It needs TCP, where a connection is really reset.
func TestTheSDKRetriesAfterAReset(t *testing.T) {
	e := startTCP(t)
	config := emulatortest.Start(t).Config()
	config.BaseEndpoint, config.HTTPClient = aws.String(e.URL()), nil
	for attempts, succeeds := range map[int]bool{3: true, 2: false} {
		call(t, e, 204, "DELETE", "faults", "")
		addFault(t, e, `{"operation":"CreateRoom","times":2,"reset":true}`)
		err := callSDK(t, ivschat.NewFromConfig(config, withAttempts(attempts)), "CreateRoom", "")
		if succeeds != (err == nil) || !succeeds && !strings.Contains(err.Error(), "connection reset") {
			t.Errorf("%d attempts: %v", attempts, err)
		}
	}
}

// startTCP starts an emulator that listens on the loopback address until the end of the test.
func startTCP(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}
