package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// AccessDeniedException, PendingVerification, ThrottlingException and
// InternalServerException are declared, too, but nothing that a client does
// here provokes them.

func TestEveryViolationIsReportedAtOnce(t *testing.T) {
	c := begin(t)
	_, err := c.CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		Name:                            aws.String("no blanks"),
		MaximumMessageLength:            aws.Int32(501),
		MaximumMessageRatePerSecond:     aws.Int32(0),
		MessageReviewHandler:            &types.MessageReviewHandler{Uri: aws.String("lambda"), FallbackResult: "MAYBE"},
		LoggingConfigurationIdentifiers: []string{"not an arn"},
		Tags:                            map[string]string{"AWS:mine": "v"},
	})
	invalid := refused[*types.ValidationException](t, err)
	if invalid.Reason != types.ValidationExceptionReasonFieldValidationFailed {
		t.Errorf("reason %s", invalid.Reason)
	}
	var names []string
	for _, field := range invalid.FieldList {
		names = append(names, *field.Name)
		if *field.Message == "" {
			t.Errorf("%s has no message", *field.Name)
		}
	}
	want := `name maximumMessageRatePerSecond maximumMessageLength messageReviewHandler.uri messageReviewHandler.fallbackResult tags["AWS:mine"] loggingConfigurationIdentifiers[0]`
	if got := strings.Join(names, " "); got != want {
		t.Errorf("fields\n got %s\nwant %s", got, want)
	}
	if begins := "Request member: name failed to satisfy the constraints: "; !strings.HasPrefix(*invalid.Message, begins) {
		t.Errorf("message %q", *invalid.Message)
	}
}

func TestAnAbsentResourceIsNotFoundByEveryOperationThatTakesOne(t *testing.T) {
	c := begin(t)
	room := aws.String("arn:aws:ivschat:us-east-1:123456789012:room/absentabsent")
	logging := aws.String("arn:aws:ivschat:us-east-1:123456789012:logging-configuration/absentabsent")
	strange := aws.String("arn:aws:ivschat:us-east-1:123456789012:channel/absentabsent")
	ctx := t.Context()
	calls := map[string]func() error{
		"CreateChatToken": func() error {
			_, err := c.CreateChatToken(ctx, &ivschat.CreateChatTokenInput{RoomIdentifier: room, UserId: aws.String("u")})
			return err
		},
		"CreateRoom": func() error {
			_, err := c.CreateRoom(ctx, &ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging}})
			return err
		},
		"DeleteLoggingConfiguration": func() error {
			_, err := c.DeleteLoggingConfiguration(ctx, &ivschat.DeleteLoggingConfigurationInput{Identifier: logging})
			return err
		},
		"DeleteMessage": func() error {
			_, err := c.DeleteMessage(ctx, &ivschat.DeleteMessageInput{RoomIdentifier: room, Id: aws.String("abcdefghijkl")})
			return err
		},
		"DeleteRoom": func() error {
			_, err := c.DeleteRoom(ctx, &ivschat.DeleteRoomInput{Identifier: room})
			return err
		},
		"DisconnectUser": func() error {
			_, err := c.DisconnectUser(ctx, &ivschat.DisconnectUserInput{RoomIdentifier: room, UserId: aws.String("u")})
			return err
		},
		"GetLoggingConfiguration": func() error {
			_, err := c.GetLoggingConfiguration(ctx, &ivschat.GetLoggingConfigurationInput{Identifier: logging})
			return err
		},
		"GetRoom": func() error {
			_, err := c.GetRoom(ctx, &ivschat.GetRoomInput{Identifier: room})
			return err
		},
		"ListRooms": func() error {
			_, err := c.ListRooms(ctx, &ivschat.ListRoomsInput{LoggingConfigurationIdentifier: logging})
			return err
		},
		"ListTagsForResource": func() error {
			_, err := c.ListTagsForResource(ctx, &ivschat.ListTagsForResourceInput{ResourceArn: strange})
			return err
		},
		"SendEvent": func() error {
			_, err := c.SendEvent(ctx, &ivschat.SendEventInput{RoomIdentifier: room, EventName: aws.String("e")})
			return err
		},
		"TagResource": func() error {
			_, err := c.TagResource(ctx, &ivschat.TagResourceInput{ResourceArn: room, Tags: map[string]string{"k": "v"}})
			return err
		},
		"UntagResource": func() error {
			_, err := c.UntagResource(ctx, &ivschat.UntagResourceInput{ResourceArn: logging, TagKeys: []string{"k"}})
			return err
		},
		"UpdateLoggingConfiguration": func() error {
			_, err := c.UpdateLoggingConfiguration(ctx, &ivschat.UpdateLoggingConfigurationInput{Identifier: logging})
			return err
		},
		"UpdateRoom": func() error {
			_, err := c.UpdateRoom(ctx, &ivschat.UpdateRoomInput{Identifier: room})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			gone := refused[*types.ResourceNotFoundException](t, call())
			if *gone.ResourceId != "absentabsent" || gone.ResourceType != types.ResourceTypeRoom || *gone.Message == "" {
				t.Errorf("got %+v", gone)
			}
		})
	}
}

func TestRoomsOfAnotherAccountOrRegionDoNotExist(t *testing.T) {
	e := start(t, emulator.Config{})
	mine := client(e, account, "us-east-1")
	room := createRoom(t, mine, &ivschat.CreateRoomInput{})
	logging := createLoggingConfiguration(t, mine)
	for name, other := range map[string]*ivschat.Client{
		"account": client(e, "999999999999", "us-east-1"),
		"region":  client(e, account, "eu-west-1"),
		"default": client(e, "any-key", "us-east-1"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := other.GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: room.Arn})
			refused[*types.ResourceNotFoundException](t, err)
			_, err = other.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: room.Arn})
			refused[*types.ResourceNotFoundException](t, err)
			_, err = other.ListTagsForResource(t.Context(), &ivschat.ListTagsForResourceInput{ResourceArn: room.Arn})
			refused[*types.ResourceNotFoundException](t, err)
			_, err = other.CreateRoom(t.Context(), &ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging.Arn}})
			refused[*types.ResourceNotFoundException](t, err)
			rooms := must[*ivschat.ListRoomsOutput](t)(other.ListRooms(t.Context(), &ivschat.ListRoomsInput{}))
			configurations := must[*ivschat.ListLoggingConfigurationsOutput](t)(other.ListLoggingConfigurations(t.Context(), &ivschat.ListLoggingConfigurationsInput{}))
			if len(rooms.Rooms)+len(configurations.LoggingConfigurations) != 0 {
				t.Errorf("lists have %d rooms and %d logging configurations", len(rooms.Rooms), len(configurations.LoggingConfigurations))
			}
		})
	}
	getRoom(t, mine, room.Arn)
}

func TestQuotasAreTold(t *testing.T) {
	c := client(start(t, emulator.Config{RoomQuota: 2}), account, "us-east-1")
	first := createRoom(t, c, &ivschat.CreateRoomInput{})
	createRoom(t, c, &ivschat.CreateRoomInput{})
	_, err := c.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if full := refused[*types.ServiceQuotaExceededException](t, err); full.Limit != 2 || *full.ResourceId != account || full.ResourceType != types.ResourceTypeRoom {
		t.Errorf("got %+v", full)
	}
	if _, err := c.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: first.Arn}); err != nil {
		t.Fatal(err)
	}
	createRoom(t, c, &ivschat.CreateRoomInput{})

	for range 10 {
		createLoggingConfiguration(t, c)
	}
	_, err = c.CreateLoggingConfiguration(t.Context(), &ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket("chat-logs")})
	if full := refused[*types.ServiceQuotaExceededException](t, err); full.Limit != 10 {
		t.Errorf("got %+v", full)
	}
}

func TestALoggingConfigurationInUseIsAConflict(t *testing.T) {
	c := begin(t)
	logging := createLoggingConfiguration(t, c)
	room := createRoom(t, c, &ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging.Arn, *logging.Arn}})
	if len(room.LoggingConfigurationIdentifiers) != 1 {
		t.Errorf("attached twice: %v", room.LoggingConfigurationIdentifiers)
	}
	remove := func() error {
		_, err := c.DeleteLoggingConfiguration(t.Context(), &ivschat.DeleteLoggingConfigurationInput{Identifier: logging.Arn})
		return err
	}
	if conflict := refused[*types.ConflictException](t, remove()); *conflict.ResourceId != *logging.Id {
		t.Errorf("got %+v", conflict)
	}
	must[*ivschat.UpdateRoomOutput](t)(c.UpdateRoom(t.Context(), &ivschat.UpdateRoomInput{Identifier: room.Arn, LoggingConfigurationIdentifiers: []string{}}))
	if err := remove(); err != nil {
		t.Error(err)
	}
}

func TestAResourceHasAtMostFiftyTags(t *testing.T) {
	c := begin(t)
	fifty := map[string]string{}
	for i := range 50 {
		fifty[fmt.Sprint(i)] = ""
	}
	room := createRoom(t, c, &ivschat.CreateRoomInput{Tags: fifty})
	_, err := c.TagResource(t.Context(), &ivschat.TagResourceInput{ResourceArn: room.Arn, Tags: map[string]string{"0": "changed", "50": ""}})
	refused[*types.ValidationException](t, err)
	if got := getRoom(t, c, room.Arn); len(got.Tags) != 50 || got.Tags["0"] != "" {
		t.Errorf("a refused request changed the tags: %v", got.Tags)
	}
	must[*ivschat.TagResourceOutput](t)(c.TagResource(t.Context(), &ivschat.TagResourceInput{ResourceArn: room.Arn, Tags: map[string]string{"0": "changed"}}))
}

func TestAttributesAreCountedInBytes(t *testing.T) {
	c := begin(t)
	room := createRoom(t, c, &ivschat.CreateRoomInput{})
	for size, fits := range map[int]bool{1024: true, 1025: false} {
		_, err := c.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
			RoomIdentifier: room.Arn, UserId: aws.String("u"), Attributes: map[string]string{"ü": strings.Repeat("x", size-2)},
		})
		if fits != (err == nil) {
			t.Errorf("token, %d bytes: %v", size, err)
		}
	}
	for size, fits := range map[int]bool{4096: true, 4097: false} {
		_, err := c.SendEvent(t.Context(), &ivschat.SendEventInput{
			RoomIdentifier: room.Arn, EventName: aws.String("e"), Attributes: map[string]string{"ü": strings.Repeat("x", size-2)},
		})
		if fits != (err == nil) {
			t.Errorf("event, %d bytes: %v", size, err)
		}
	}
}
