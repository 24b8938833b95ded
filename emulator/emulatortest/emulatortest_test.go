package emulatortest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestASessionOf180MinutesIsOverInAMoment(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SessionDuration: 180 * time.Minute})
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	e.Advance(179 * time.Minute)
	anna.Say("still here")
	if heard := anna.Hear(); heard.Content != "still here" || heard.Sender.UserID != "anna" {
		t.Errorf("heard %+v", heard)
	}
	e.Advance(time.Minute)
	if heard := anna.Hear(); heard.ErrorCode != 401 {
		t.Errorf("heard %+v", heard)
	}
	if code := anna.End(); code != 0 {
		t.Errorf("closed with %d", code)
	}
}

func TestItWorksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room()
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
		anna.Say("hi")
		anna.Hear()
		if heard := ben.Hear(); heard.Content != "hi" {
			t.Errorf("heard %+v", heard)
		}
		time.Sleep(time.Hour) // of the bubble, which takes no time
		for _, c := range []*emulatortest.Client{anna, ben} {
			if heard := c.Hear(); heard.ErrorCode != 401 {
				t.Errorf("heard %+v", heard)
			}
		}
	})
}

func TestTheSDKReachesItAndSuffersItsFaults(t *testing.T) {
	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) { o.RetryMaxAttempts = 1 })
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	e.Fault(fault.Rule{Operation: "CreateChatToken", Times: 1, Effect: fault.ReturnException{Name: "PendingVerification"}})
	input := &ivschat.CreateChatTokenInput{RoomIdentifier: room.Arn, UserId: aws.String("anna")}
	_, err = chat.CreateChatToken(t.Context(), input)
	if pending := (*types.PendingVerification)(nil); !errors.As(err, &pending) {
		t.Errorf("got %v", err)
	}
	if _, err := chat.CreateChatToken(t.Context(), input); err != nil {
		t.Errorf("the fault did not pass: %v", err)
	}
}

func TestParallelTestsDoNotMeet(t *testing.T) {
	for range 4 {
		t.Run("one", func(t *testing.T) {
			t.Parallel()
			e := emulatortest.Start(t)
			room := e.Room()
			c := e.Connect(room, "anna", "SEND_MESSAGE")
			if n := e.SessionsIn(room); n != 1 {
				t.Errorf("%d sessions", n)
			}
			c.Say("hi")
			if frames := e.WaitFrames(room, 1); len(frames) != 1 || frames[0].Room != room {
				t.Errorf("frames: %+v", frames)
			}
		})
	}
}

func TestOneJoinsRoomsOfOthersToo(t *testing.T) {
	e := emulatortest.Start(t)
	room, err := ivschat.NewFromConfig(e.ConfigFor("210987654321", "eu-west-1")).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	e.Connect(*room.Arn, "anna")
	if n := e.SessionsIn(*room.Arn); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// A failing is a test that has failed and notes what is logged.
type failing struct {
	*testing.T
	logged string
}

func (*failing) Failed() bool                      { return true }
func (f *failing) Logf(format string, args ...any) { f.logged += fmt.Sprintf(format, args...) }

func TestATestThatFailsSaysItsSeed(t *testing.T) {
	var f failing
	t.Run("it", func(t *testing.T) {
		f.T = t
		emulatortest.Start(&f, emulator.Config{RandomSeed: 7})
	})
	if !strings.Contains(f.logged, "RandomSeed: 7}") {
		t.Errorf("logged %q", f.logged)
	}
}
