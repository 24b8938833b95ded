package clients_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// members returns the paths of all members of a JSON document, sorted, with the types of their values.
func members(t *testing.T, document string) (paths []string) {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	var visit func(path string, value any)
	visit = func(path string, value any) {
		paths = append(paths, fmt.Sprintf("%s %T", path, value))
		if object, ok := value.(map[string]any); ok {
			for name, member := range object {
				visit(path+"."+name, member)
			}
		}
	}
	visit("", value)
	slices.Sort(paths)
	return paths
}

func TestTheEventInTheGuideToReviewsHasTheMembersOfARealOne(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t, emulator.Config{ReviewTimeout: time.Minute})
	e.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
		return review.Answer{ReviewResult: review.Allow, Content: event.Content}, nil
	}))
	room, err := ivschat.NewFromConfig(e.Config()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{
			Uri: aws.String("arn:aws:lambda:us-east-1:123456789012:function:review"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Connect(*room.Arn, "anna", "SEND_MESSAGE").SendMessage("what the heck")
	event := string(e.WaitReviews(*room.Arn, 1)[0].Request)
	example := guides.Open(t, "docs/message-review.md", "json").Block("json", "MessageId")
	if got, want := members(t, example), members(t, event); !slices.Equal(got, want) {
		t.Errorf("the guide has %q, and the event %q", got, want)
	}
}

func TestTheRecordInTheGuideToChatLogsHasTheMembersOfARealOne(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config())
	logs, err := chat.CreateLoggingConfiguration(t.Context(), &ivschat.CreateLoggingConfigurationInput{
		DestinationConfiguration: &types.DestinationConfigurationMemberS3{
			Value: types.S3DestinationConfiguration{BucketName: aws.String("chat-logs")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		LoggingConfigurationIdentifiers: []string{*logs.Arn},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chat.SendEvent(t.Context(), &ivschat.SendEventInput{
		RoomIdentifier: room.Arn, EventName: aws.String("goal"), Attributes: map[string]string{"by": "Anna"},
	}); err != nil {
		t.Fatal(err)
	}
	record := string(e.WaitLogRecords(*room.Arn, 1)[0].Log.Record)
	example := guides.Open(t, "docs/chat-logs.md", "json").Block("json", "event_timestamp")
	if got, want := members(t, example), members(t, record); !slices.Equal(got, want) {
		t.Errorf("the guide has %q, and the record %q", got, want)
	}
	if !strings.Contains(record, `"EventName":"goal"`) {
		t.Errorf("the record is %s", record)
	}
}

func TestTheFramesInTheGuideToModerationAreThoseOfRealClients(t *testing.T) {
	t.Parallel()
	e := emulatortest.Start(t)
	guide := guides.Open(t, "docs/moderation.md", "json")
	room := e.Room()
	mod, ben := e.Connect(room, "mod", "DELETE_MESSAGE", "DISCONNECT_USER"), e.Connect(room, "ben", "SEND_MESSAGE")
	ben.SendMessage("buy this")
	const id = "M2YcHkgffEvU"
	deletion := strings.Replace(guide.Block("json", `"Action": "DELETE_MESSAGE"`), id, mod.Receive().ID, 1)
	mod.Send(deletion)
	event := string(mod.Receive().Raw)
	example := guide.Block("json", "aws:DELETE_MESSAGE")
	if got, want := members(t, example), members(t, event); !slices.Equal(got, want) {
		t.Errorf("the guide has %q, and the event %q", got, want)
	}
	mod.Send(guide.Block("json", `"Action": "DISCONNECT_USER"`))
	ben.WaitClosed()
}
