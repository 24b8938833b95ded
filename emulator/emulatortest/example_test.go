package emulatortest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// A test of an application that uses the AWS SDK. In a test, t is its
// *testing.T.
func Example() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config())
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("lobby")})
	if err != nil {
		t.Fatal(err)
	}

	anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
	anna.SendMessage("hello")
	fmt.Println(anna.Receive().Content)

	e.Advance(time.Hour) // the session is over
	fmt.Println(anna.Receive().ErrorCode)
	fmt.Println(anna.WaitClosed())
	// Output:
	// hello
	// 401
	// dropped without a close frame: unexpected EOF
}

// A test of how an application handles failures of the service.
func ExampleEmulator_Fault() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	unavailable := fault.ReturnStatus{Status: 503, Body: "Service Unavailable"}
	e.Fault(fault.Rule{Operation: "CreateRoom", Times: 2, Effect: unavailable})
	chat := ivschat.NewFromConfig(e.Config())
	_, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	fmt.Println("after two retries of the SDK:", err)
	// Output: after two retries of the SDK: <nil>
}

// A test of an application that must not use a chat token twice.
func ExampleEmulator_Dial() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	token := e.Token(e.Room(), "anna")
	e.ConnectWithToken(token)
	_, err := e.Dial(token)
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		fmt.Println(refused.Status)
	}
	// Output: 401
}

// An exampleTest is what emulatortest needs of a testing.TB, for examples, which
// have none. A failure panics.
type exampleTest struct {
	testing.TB
	cleanups []func()
}

func (*exampleTest) Helper()                           {}
func (*exampleTest) Failed() bool                      { return false }
func (*exampleTest) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleTest) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleTest) Context() context.Context          { return context.Background() }
func (t *exampleTest) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }

// end runs the cleanups, the last one first.
func (t *exampleTest) end() {
	for _, cleanup := range slices.Backward(t.cleanups) {
		cleanup()
	}
}
