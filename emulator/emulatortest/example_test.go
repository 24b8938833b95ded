package emulatortest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// A test of an application that uses the AWS SDK.
func Example() {
	_ = func(t *testing.T) {
		e := emulatortest.Start(t)
		chat := ivschat.NewFromConfig(e.Config())

		room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("lobby")})
		if err != nil {
			t.Fatal(err)
		}
		anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
		anna.Say("hello")
		if heard := anna.Hear(); heard.Content != "hello" {
			t.Errorf("heard %+v", heard)
		}

		e.Advance(time.Hour) // the session is over
		if heard := anna.Hear(); heard.ErrorCode != 401 {
			t.Errorf("heard %+v", heard)
		}
	}
}

// What happens to the application when the service fails.
func ExampleEmulator_Fault() {
	_ = func(t *testing.T) {
		e := emulatortest.Start(t)
		e.Fault(fault.Rule{Operation: "CreateRoom", Times: 2, Effect: fault.ReturnStatus{Status: 503, Body: "Service Unavailable"}})
		chat := ivschat.NewFromConfig(e.Config())
		if _, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{}); err != nil {
			t.Errorf("the SDK did not try a third time: %v", err)
		}
	}
}
