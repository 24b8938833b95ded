package emulatortest_test

import (
	"errors"
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

const appAndAdmin = `
- accessKeyId: app
  secretAccessKey: hush-1
  account: "111122223333"
  policies:
    - Version: 2012-10-17
      Statement: [{Effect: Allow, Action: "ivschat:CreateChatToken", Resource: "*"}]
- accessKeyId: admin
  secretAccessKey: hush-2
  sessionToken: hush-3
  account: "111122223333"
  policies: [IVSFullAccess]
- accessKeyId: other
  secretAccessKey: hush-4
  account: "444455556666"
  policies: [IVSFullAccess]
`

func TestClientsOfTheSDKActAsCallersOfTheCredentials(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{Auth: emulator.AuthIAM, Credentials: appAndAdmin})
	room := e.Room()
	if !strings.HasPrefix(room, "arn:aws:ivschat:us-east-1:111122223333:room/") {
		t.Errorf("the room is %s", room)
	}
	app := ivschat.NewFromConfig(e.Config())
	if _, err := app.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &room, UserId: aws.String("anna"),
	}); err != nil {
		t.Error(err)
	}
	_, err := app.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if _, denied := errors.AsType[*types.AccessDeniedException](err); !denied {
		t.Errorf("got %v", err)
	}
	for caller, account := range map[string]string{
		"admin": "111122223333", "other": "444455556666", "444455556666": "444455556666",
	} {
		created, err := ivschat.NewFromConfig(e.ConfigFor(caller, "eu-west-1")).CreateRoom(
			t.Context(), &ivschat.CreateRoomInput{})
		if err != nil || !strings.HasPrefix(*created.Arn, "arn:aws:ivschat:eu-west-1:"+account+":room/") {
			t.Errorf("%s: %v", caller, err)
		}
	}
}

func TestATestIsPreparedWithoutPermissions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, auth := range []string{emulator.AuthSignatures, emulator.AuthIAM} {
			e := emulatortest.Start(t, emulator.Config{
				Auth: auth, Credentials: `[{"accessKeyId":"nobody","secretAccessKey":"hush"}]`,
			})
			room := e.Room()
			anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
			anna.SendMessage("hi")
			if f := ben.Receive(); f.Content != "hi" {
				t.Errorf("received %+v", f)
			}
			e.Advance(24 * time.Hour) // signatures have the machine's time
			_, err := ivschat.NewFromConfig(e.Config()).GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &room})
			_, denied := errors.AsType[*types.AccessDeniedException](err)
			if denied != (auth == emulator.AuthIAM) || !denied && err != nil {
				t.Errorf("%s: %v", auth, err)
			}
		}
	})
}

func TestAFaultAlsoConcernsWhatPreparesATest(t *testing.T) {
	inBubble(t, func(f *fatalTest, _ *emulatortest.Emulator, _ string) {
		e := emulatortest.Start(f, emulator.Config{Auth: emulator.AuthIAM})
		e.Fault(fault.Rule{Operation: "CreateRoom", Effect: fault.ResetConnection{}, Times: 1})
		if text := f.expectFailure(func() { e.Room() }); !strings.Contains(text, "unexpected EOF") {
			t.Errorf("failed with %q", text)
		}
		want := `no access key of Credentials is "999999999999", or belongs to this account`
		if text := f.expectFailure(func() { e.ConfigFor("999999999999", "us-east-1") }); text != want {
			t.Errorf("failed with %q", text)
		}
	})
}
