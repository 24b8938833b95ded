package conformance_test

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
)

const lambda = "arn:aws:lambda:us-east-1:123456789012:function:review"

var (
	roomARN  = regexp.MustCompile(`^arn:aws:ivschat:us-east-1:123456789012:room/[a-zA-Z0-9]{12}$`)
	tokenFmt = regexp.MustCompile(`^[A-Za-z0-9_-]+!{0,2}#[0-9]$`)
)

func TestARoomIsCreatedWithTheDefaultsOfTheService(t *testing.T) {
	room := createRoom(t, begin(t), &ivschat.CreateRoomInput{})
	if !roomARN.MatchString(*room.Arn) || *room.Id != (*room.Arn)[len(*room.Arn)-12:] {
		t.Errorf("arn %s, id %s", *room.Arn, *room.Id)
	}
	if *room.MaximumMessageLength != 500 || *room.MaximumMessageRatePerSecond != 10 {
		t.Errorf("length %d, rate %d", *room.MaximumMessageLength, *room.MaximumMessageRatePerSecond)
	}
	if room.Name != nil || room.MessageReviewHandler != nil || room.LoggingConfigurationIdentifiers != nil {
		t.Errorf("members that were not set are there: %+v", room)
	}
	if room.Tags == nil || len(room.Tags) != 0 {
		t.Errorf("tags are %v, want an empty map", room.Tags)
	}
	if !room.CreateTime.Equal(*room.UpdateTime) || time.Since(*room.CreateTime).Abs() > time.Minute {
		t.Errorf("created %s, updated %s", room.CreateTime, room.UpdateTime)
	}
}

func TestARoomKeepsWhatItWasCreatedWith(t *testing.T) {
	c := begin(t)
	logging := createLoggingConfiguration(t, c)
	created := createRoom(t, c, &ivschat.CreateRoomInput{
		Name:                            aws.String("lobby"),
		MaximumMessageLength:            aws.Int32(1),
		MaximumMessageRatePerSecond:     aws.Int32(100),
		MessageReviewHandler:            &types.MessageReviewHandler{Uri: aws.String(lambda), FallbackResult: types.FallbackResultDeny},
		LoggingConfigurationIdentifiers: []string{*logging.Arn},
		Tags:                            map[string]string{"team": "chat"},
	})
	got := getRoom(t, c, created.Arn)
	if *got.Name != "lobby" || *got.MaximumMessageLength != 1 || *got.MaximumMessageRatePerSecond != 100 ||
		*got.MessageReviewHandler.Uri != lambda || got.MessageReviewHandler.FallbackResult != types.FallbackResultDeny ||
		!slices.Equal(got.LoggingConfigurationIdentifiers, []string{*logging.Arn}) ||
		!maps.Equal(got.Tags, map[string]string{"team": "chat"}) {
		t.Errorf("got %+v", got)
	}
}

func TestAnUpdateChangesWhatItNamesAndNothingElse(t *testing.T) {
	e := start(t, emulator.Config{})
	c := client(e, account, "us-east-1")
	logging := createLoggingConfiguration(t, c)
	room := createRoom(t, c, &ivschat.CreateRoomInput{
		Name: aws.String("before"), MaximumMessageLength: aws.Int32(7),
		MessageReviewHandler:            &types.MessageReviewHandler{Uri: aws.String(lambda)},
		LoggingConfigurationIdentifiers: []string{*logging.Arn},
	})
	update := func(input ivschat.UpdateRoomInput) *ivschat.UpdateRoomOutput {
		t.Helper()
		input.Identifier = room.Arn
		return must[*ivschat.UpdateRoomOutput](t)(c.UpdateRoom(t.Context(), &input))
	}

	e.Clock().Advance(time.Hour)
	updated := update(ivschat.UpdateRoomInput{Name: aws.String("after")})
	if *updated.Name != "after" || *updated.MaximumMessageLength != 7 ||
		*updated.MessageReviewHandler.Uri != lambda || updated.MessageReviewHandler.FallbackResult != types.FallbackResultAllow ||
		len(updated.LoggingConfigurationIdentifiers) != 1 {
		t.Errorf("naming it changed more: %+v", updated)
	}
	if d := updated.UpdateTime.Sub(*room.UpdateTime); d < time.Hour || !updated.CreateTime.Equal(*room.CreateTime) {
		t.Errorf("the update time moved by %s, the create time from %s to %s", d, room.CreateTime, updated.CreateTime)
	}

	if updated = update(ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{FallbackResult: types.FallbackResultDeny}}); *updated.MessageReviewHandler.Uri != lambda {
		t.Error("a new fallback result detached the handler")
	}
	updated = update(ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")}})
	if *updated.MessageReviewHandler.Uri != "" {
		t.Errorf("the handler is still attached: %s", *updated.MessageReviewHandler.Uri)
	}

	other := createLoggingConfiguration(t, c)
	if updated = update(ivschat.UpdateRoomInput{LoggingConfigurationIdentifiers: []string{*other.Arn}}); !slices.Equal(updated.LoggingConfigurationIdentifiers, []string{*other.Arn}) {
		t.Errorf("the list was not replaced: %v", updated.LoggingConfigurationIdentifiers)
	}
	if updated = update(ivschat.UpdateRoomInput{LoggingConfigurationIdentifiers: []string{}}); len(updated.LoggingConfigurationIdentifiers) != 0 {
		t.Errorf("the list was not emptied: %v", updated.LoggingConfigurationIdentifiers)
	}
	if updated = update(ivschat.UpdateRoomInput{Name: aws.String("")}); updated.Name != nil {
		t.Errorf("the name was not cleared: %s", *updated.Name)
	}
	if got := getRoom(t, c, room.Arn); got.Name != nil || len(got.LoggingConfigurationIdentifiers) != 0 || *got.MessageReviewHandler.Uri != "" {
		t.Errorf("GetRoom tells otherwise: %+v", got)
	}
}

func TestADeletedRoomIsGone(t *testing.T) {
	c := begin(t)
	room := createRoom(t, c, &ivschat.CreateRoomInput{})
	if _, err := c.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: room.Arn}); err != nil {
		t.Fatal(err)
	}
	_, err := c.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: room.Arn})
	if gone := refused[*types.ResourceNotFoundException](t, err); *gone.ResourceId != *room.Id || gone.ResourceType != types.ResourceTypeRoom {
		t.Errorf("got %+v", gone)
	}
	if list := must[*ivschat.ListRoomsOutput](t)(c.ListRooms(t.Context(), &ivschat.ListRoomsInput{})); len(list.Rooms) != 0 {
		t.Errorf("it is still listed: %v", list.Rooms)
	}
}

func TestALoggingConfigurationLivesItsLife(t *testing.T) {
	e := start(t, emulator.Config{})
	c := client(e, account, "us-east-1")
	destinations := map[string]types.DestinationConfiguration{
		"s3":       bucket("chat-logs"),
		"logs":     &types.DestinationConfigurationMemberCloudWatchLogs{Value: types.CloudWatchLogsDestinationConfiguration{LogGroupName: aws.String("/ivs/chat")}},
		"firehose": &types.DestinationConfigurationMemberFirehose{Value: types.FirehoseDestinationConfiguration{DeliveryStreamName: aws.String("stream")}},
	}
	for name, destination := range destinations {
		created := must[*ivschat.CreateLoggingConfigurationOutput](t)(c.CreateLoggingConfiguration(t.Context(), &ivschat.CreateLoggingConfigurationInput{
			Name: aws.String(name), DestinationConfiguration: destination, Tags: map[string]string{"k": ""},
		}))
		if created.State != types.CreateLoggingConfigurationStateActive || !sameDestination(created.DestinationConfiguration, destination) {
			t.Errorf("%s: created %+v", name, created)
		}
		e.Clock().Advance(time.Second)
		updated := must[*ivschat.UpdateLoggingConfigurationOutput](t)(c.UpdateLoggingConfiguration(t.Context(), &ivschat.UpdateLoggingConfigurationInput{
			Identifier: created.Arn, DestinationConfiguration: bucket("elsewhere"),
		}))
		if *updated.Name != name || !sameDestination(updated.DestinationConfiguration, bucket("elsewhere")) || !updated.UpdateTime.After(*created.UpdateTime) {
			t.Errorf("%s: updated %+v", name, updated)
		}
		got := must[*ivschat.GetLoggingConfigurationOutput](t)(c.GetLoggingConfiguration(t.Context(), &ivschat.GetLoggingConfigurationInput{Identifier: created.Arn}))
		if got.State != types.LoggingConfigurationStateActive || !sameDestination(got.DestinationConfiguration, bucket("elsewhere")) || !maps.Equal(got.Tags, map[string]string{"k": ""}) {
			t.Errorf("%s: got %+v", name, got)
		}
		if _, err := c.DeleteLoggingConfiguration(t.Context(), &ivschat.DeleteLoggingConfigurationInput{Identifier: created.Arn}); err != nil {
			t.Fatal(err)
		}
		_, err := c.GetLoggingConfiguration(t.Context(), &ivschat.GetLoggingConfigurationInput{Identifier: created.Arn})
		refused[*types.ResourceNotFoundException](t, err)
	}
}

func sameDestination(a, b types.DestinationConfiguration) bool {
	switch a := a.(type) {
	case *types.DestinationConfigurationMemberS3:
		b, ok := b.(*types.DestinationConfigurationMemberS3)
		return ok && *a.Value.BucketName == *b.Value.BucketName
	case *types.DestinationConfigurationMemberCloudWatchLogs:
		b, ok := b.(*types.DestinationConfigurationMemberCloudWatchLogs)
		return ok && *a.Value.LogGroupName == *b.Value.LogGroupName
	case *types.DestinationConfigurationMemberFirehose:
		b, ok := b.(*types.DestinationConfigurationMemberFirehose)
		return ok && *a.Value.DeliveryStreamName == *b.Value.DeliveryStreamName
	default:
		return false
	}
}

func TestAChatTokenSaysHowLongItAndItsSessionLast(t *testing.T) {
	c := begin(t)
	room := createRoom(t, c, &ivschat.CreateRoomInput{})
	for _, test := range []struct {
		minutes        *int32
		token, session time.Duration
	}{
		{nil, time.Hour, time.Hour},
		{aws.Int32(1), time.Minute, time.Minute},
		{aws.Int32(60), time.Hour, time.Hour},
		{aws.Int32(180), time.Hour, 3 * time.Hour},
	} {
		asked := time.Now().Truncate(time.Second)
		token := must[*ivschat.CreateChatTokenOutput](t)(c.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
			RoomIdentifier: room.Arn, UserId: aws.String("anna"), SessionDurationInMinutes: test.minutes,
			Capabilities: types.ChatTokenCapability("").Values(), Attributes: map[string]string{"colour": "red"},
		}))
		if !tokenFmt.MatchString(*token.Token) {
			t.Errorf("token %s", *token.Token)
		}
		between(t, "token", token.TokenExpirationTime, asked.Add(test.token))
		between(t, "session", token.SessionExpirationTime, asked.Add(test.session))
	}
}

// between allows for the seconds that the request took.
func between(t *testing.T, what string, got *time.Time, want time.Time) {
	t.Helper()
	if got.Before(want) || got.After(want.Add(30*time.Second)) || got.Nanosecond() != 0 {
		t.Errorf("the %s ends %s, want %s", what, got, want)
	}
}

func TestMessagesEventsAndUsersAreActedOn(t *testing.T) {
	c := begin(t)
	room := createRoom(t, c, &ivschat.CreateRoomInput{})
	event := must[*ivschat.SendEventOutput](t)(c.SendEvent(t.Context(), &ivschat.SendEventInput{
		RoomIdentifier: room.Arn, EventName: aws.String("app:raffle"), Attributes: map[string]string{"winner": "Ω"},
	}))
	deleted := must[*ivschat.DeleteMessageOutput](t)(c.DeleteMessage(t.Context(), &ivschat.DeleteMessageInput{
		RoomIdentifier: room.Arn, Id: event.Id, Reason: aws.String("spam"),
	}))
	id := regexp.MustCompile(`^[a-zA-Z0-9]{12}$`)
	if !id.MatchString(*event.Id) || !id.MatchString(*deleted.Id) || *event.Id == *deleted.Id {
		t.Errorf("event %s, deletion %s", *event.Id, *deleted.Id)
	}
	must[*ivschat.DisconnectUserOutput](t)(c.DisconnectUser(t.Context(), &ivschat.DisconnectUserInput{
		RoomIdentifier: room.Arn, UserId: aws.String("nobody is here"),
	}))
}

func TestTagsComeAndGo(t *testing.T) {
	c := begin(t)
	room := createRoom(t, c, &ivschat.CreateRoomInput{Tags: map[string]string{"a": "1"}})
	logging := createLoggingConfiguration(t, c)
	for _, arn := range []*string{room.Arn, logging.Arn} {
		tags := func() map[string]string {
			return must[*ivschat.ListTagsForResourceOutput](t)(c.ListTagsForResource(t.Context(), &ivschat.ListTagsForResourceInput{ResourceArn: arn})).Tags
		}
		must[*ivschat.TagResourceOutput](t)(c.TagResource(t.Context(), &ivschat.TagResourceInput{
			ResourceArn: arn, Tags: map[string]string{"a": "2", "b c/+&?": "ü"},
		}))
		if got := tags(); !maps.Equal(got, map[string]string{"a": "2", "b c/+&?": "ü"}) {
			t.Errorf("tagged: %v", got)
		}
		for range 2 { // untagging is idempotent
			must[*ivschat.UntagResourceOutput](t)(c.UntagResource(t.Context(), &ivschat.UntagResourceInput{
				ResourceArn: arn, TagKeys: []string{"a", "b c/+&?", "never there"},
			}))
		}
		if got := tags(); got == nil || len(got) != 0 {
			t.Errorf("untagged: %v", got)
		}
	}
	if got := getRoom(t, c, room.Arn); !got.UpdateTime.Equal(*room.UpdateTime) {
		t.Error("tagging counts as an update")
	}
}
