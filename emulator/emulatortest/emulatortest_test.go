package emulatortest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestASessionOf180MinutesEndsWithoutWaiting(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SessionDuration: 180 * time.Minute})
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	e.Advance(179 * time.Minute)
	anna.SendMessage("still here")
	if f := anna.Receive(); f.Content != "still here" || f.Sender.UserID != "anna" {
		t.Errorf("received %+v", f)
	}
	e.Advance(time.Minute)
	if f := anna.Receive(); f.ErrorCode != 401 {
		t.Errorf("received %+v", f)
	}
	if status := anna.WaitClosed(); status.Code != 0 {
		t.Errorf("%v", status)
	}
}

func TestItWorksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room()
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
		anna.SendMessage("hi")
		anna.Receive()
		if f := ben.Receive(); f.Content != "hi" {
			t.Errorf("received %+v", f)
		}
		ben.ReceiveNothing(59 * time.Minute)
		time.Sleep(time.Hour) // the bubble's time, which passes at once
		for _, c := range []*emulatortest.Client{anna, ben} {
			if f := c.Receive(); f.ErrorCode != 401 {
				t.Errorf("received %+v", f)
			}
		}
	})
}

func TestTheSDKReachesItAndGetsItsFaults(t *testing.T) {
	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) { o.RetryMaxAttempts = 1 })
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	e.Fault(fault.Rule{Operation: "CreateChatToken", Times: 1, Effect: fault.ReturnException{Name: "PendingVerification"}})
	input := &ivschat.CreateChatTokenInput{RoomIdentifier: room.Arn, UserId: aws.String("anna")}
	_, err = chat.CreateChatToken(t.Context(), input)
	if _, ok := errors.AsType[*types.PendingVerification](err); !ok {
		t.Errorf("got %v", err)
	}
	if _, err := chat.CreateChatToken(t.Context(), input); err != nil {
		t.Errorf("the fault occurred twice: %v", err)
	}
}

func TestAnApplicationConnectsWithItsOwnChatClient(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	dialer := websocket.Dialer{
		NetDialContext: e.DialContext, Subprotocols: []string{e.Token(room, "bot", "SEND_MESSAGE")},
	}
	bot, _, err := dialer.DialContext(t.Context(), emulatortest.MessagingURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.WaitSessions(room, 1)
	anna := e.Connect(room, "anna")
	if err := bot.WriteJSON(map[string]string{"Action": "SEND_MESSAGE", "Content": "hi"}); err != nil {
		t.Fatal(err)
	}
	if f := anna.Receive(); f.Sender.UserID != "bot" {
		t.Errorf("received %s", f.Raw)
	}
	_ = bot.Close()
	e.WaitSessions(room, 1)
}

func TestAnotherProcessReachesItAfterStart(t *testing.T) {
	e := emulatortest.Start(t)
	if e.URL() != emulatortest.URL {
		t.Errorf("before Start the endpoint is %s, want %s", e.URL(), emulatortest.URL)
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(e.URL() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}

func TestATokenOfTheApplicationConnects(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	reply, err := ivschat.NewFromConfig(e.Config()).CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &room,
		UserId:         aws.String("anna"),
		Capabilities:   []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage},
		Attributes:     map[string]string{"name": "Anna"},
	})
	if err != nil {
		t.Fatal(err)
	}
	anna := e.ConnectWithToken(*reply.Token)
	requestID := anna.SendMessageWithAttributes("hi", map[string]string{"k": "v"})
	f := anna.Receive()
	if f.Sender.Attributes["name"] != "Anna" || f.Attributes["k"] != "v" || f.RequestID != requestID {
		t.Errorf("received %+v", f)
	}
}

func TestARefusedHandshakeIsAValueOfDial(t *testing.T) {
	e := emulatortest.Start(t)
	token := e.Token(e.Room(), "anna")
	if _, err := e.Dial(token); err != nil {
		t.Fatal(err)
	}
	_, err := e.Dial(token)
	refused, ok := errors.AsType[*chatclient.RefusedError](err)
	if !ok || refused.Status != 401 || refused.ErrorType == "" || refused.Message == "" {
		t.Errorf("got %v", err)
	}
}

func TestEveryChatActionCanBeSent(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
	ben := e.Connect(room, "ben")
	anna.SendMessage("hi")
	message := ben.Receive()
	requestID := anna.DeleteMessage(message.ID, "rude")
	if f := ben.Receive(); f.EventName != "aws:DELETE_MESSAGE" || f.RequestID != requestID {
		t.Errorf("received %+v", f)
	}
	anna.SendBinary([]byte{0})
	anna.ReceiveMatching(func(f chatclient.Frame) bool { return f.ErrorCode == 400 })
	anna.DisconnectUser("ben", "")
	if status := ben.WaitClosed(); status.Code != 1000 {
		t.Errorf("%v", status)
	}
	anna.Close()
	if status := anna.WaitClosed(); status.Code != 1000 {
		t.Errorf("%v", status)
	}
}

func TestParallelTestsDoNotAffectEachOther(t *testing.T) {
	for range 4 {
		t.Run("one", func(t *testing.T) {
			t.Parallel()
			e := emulatortest.Start(t)
			room := e.Room()
			c := e.Connect(room, "anna", "SEND_MESSAGE")
			if n := e.SessionsIn(room); n != 1 {
				t.Errorf("%d sessions", n)
			}
			c.SendMessage("hi")
			if frames := e.WaitFrames(room, 1); len(frames) != 1 || frames[0].Room != room {
				t.Errorf("frames: %+v", frames)
			}
		})
	}
}

func TestRoomsOfOtherAccountsCanBeJoined(t *testing.T) {
	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.ConfigFor("210987654321", "eu-west-1"))
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	e.Connect(*room.Arn, "anna")
	if n := e.SessionsIn(*room.Arn); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// A failedTest is a test that has failed and keeps what is logged.
type failedTest struct {
	*testing.T
	log string
}

func (*failedTest) Failed() bool                      { return true }
func (f *failedTest) Logf(format string, args ...any) { f.log += fmt.Sprintf(format, args...) }

func TestATestThatFailsLogsItsSeed(t *testing.T) {
	var f failedTest
	t.Run("it", func(t *testing.T) {
		f.T = t
		emulatortest.Start(&f, emulator.Config{RandomSeed: 7})
	})
	if !strings.Contains(f.log, "RandomSeed: 7}") {
		t.Errorf("logged %q", f.log)
	}
}
