package emulatortest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// A test of what an application asks the service for.
func ExampleEmulator_WaitCalls() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config())
	room := e.Room()
	go func() { // the application
		_, _ = chat.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
			RoomIdentifier: &room, UserId: aws.String("anna"), Attributes: map[string]string{"colour": "red"},
		})
	}()
	call := e.WaitCalls("CreateChatToken", 1, map[string]any{"userId": "anna"})[0]
	fmt.Println(call.Status, strings.Contains(string(call.Request), `"attributes":{"colour":"red"}`))
	// Output: 200 true
}

func TestACallOfTheSDKIsFoundByItsMembers(t *testing.T) {
	e := emulatortest.Start(t)
	chat, room := ivschat.NewFromConfig(e.Config()), e.Room()
	if _, err := chat.TagResource(t.Context(), &ivschat.TagResourceInput{
		ResourceArn: &room, Tags: map[string]string{"a": "b", "c": "d"},
	}); err != nil {
		t.Fatal(err)
	}
	with := map[string]any{"resourceArn": room, "tags": map[string]string{"a": "b"}}
	if calls := e.WaitCalls("TagResource", 1, with); len(calls) != 1 || string(calls[0].Response) != "{}" {
		t.Errorf("the calls are %+v", calls)
	}
	if calls := e.WaitCalls("TagResource", 0, map[string]any{"tags": map[string]any{"a": "x"}}); len(calls) != 0 {
		t.Errorf("calls that were not made: %+v", calls)
	}
}

func TestAWaitForCallsThatFailsSaysWhatWasAskedForInstead(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		e.Token(room, "ben")
		for want, call := range map[string]func(){
			`is 0, want at least 1: waited for 1s` + "\n" + `requests of CreateChatToken:` + "\n\t" + `{`: func() {
				e.Within(time.Second).WaitCalls("CreateChatToken", 1, map[string]any{"userId": "anna"})
			},
			`"CreateChatTokens" is not an operation: did you mean CreateChatToken?`: func() {
				e.WaitCalls("CreateChatTokens", 1)
			},
			"takes at most one map of members": func() {
				e.WaitCalls("CreateChatToken", 1, map[string]any{}, map[string]any{})
			},
			"CreateChatToken has no member userID: its members are roomIdentifier, userId, capabilities, " +
				"sessionDurationInMinutes, attributes: did you mean userId?": func() {
				e.WaitCalls("CreateChatToken", 0, map[string]any{"userID": "anna"})
			},
			"the members are not JSON: ": func() {
				e.WaitCalls("CreateChatToken", 1, map[string]any{"userId": func() {}})
			},
		} {
			if text := f.expectFailure(call); !strings.Contains(text, want) {
				t.Errorf("failed with %q, want %q", text, want)
			}
		}
	})
}
