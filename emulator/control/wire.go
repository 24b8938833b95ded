package control

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// The types of this file are the JSON form of responses. Optional members that are not set are left
// out, except for the name (decision D9). Tags are always present.

// formatTime returns a time with milliseconds, as in all recorded responses of the service about rooms and
// logging configurations.
func formatTime(t time.Time) string {
	// Package time is several times faster with a standard layout.
	text := t.UTC().AppendFormat(make([]byte, 0, len(time.RFC3339Nano)), time.RFC3339)
	milliseconds := t.Nanosecond() / 1_000_000
	return string(append(text[:len(text)-len("Z")], '.', digit(milliseconds/100), digit(milliseconds/10),
		digit(milliseconds), 'Z'))
}

// digit returns the last digit of a number.
func digit(n int) byte { return '0' + byte(n%10) }

// formatTokenTime returns a time in whole seconds, as in all recorded responses of the service about chat
// tokens.
func formatTokenTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// A wireRoomSummary is one item of ListRooms.
type wireRoomSummary struct {
	ARN                             string                    `json:"arn"`
	ID                              string                    `json:"id"`
	Name                            string                    `json:"name"`
	CreateTime                      string                    `json:"createTime"`
	UpdateTime                      string                    `json:"updateTime"`
	MessageReviewHandler            *wireMessageReviewHandler `json:"messageReviewHandler,omitempty"`
	Tags                            ivschat.Tags              `json:"tags"`
	LoggingConfigurationIdentifiers []string                  `json:"loggingConfigurationIdentifiers,omitempty"`
}

// A wireRoom is the response of CreateRoom, GetRoom and UpdateRoom.
type wireRoom struct {
	wireRoomSummary
	MaximumMessageLength        int `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond int `json:"maximumMessageRatePerSecond"`
}

type wireMessageReviewHandler struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

func toWireRoom(r ivschat.Room) wireRoom {
	return wireRoom{
		wireRoomSummary:             toWireRoomSummary(r),
		MaximumMessageLength:        r.MaximumMessageLength,
		MaximumMessageRatePerSecond: r.MaximumMessageRatePerSecond,
	}
}

func toWireRoomSummary(r ivschat.Room) wireRoomSummary {
	summary := wireRoomSummary{
		ARN:        r.ARN.String(),
		ID:         r.ARN.ID,
		Name:       r.Name,
		CreateTime: formatTime(r.CreateTime),
		UpdateTime: formatTime(r.UpdateTime),
		Tags:       toWireTags(r.Tags),
	}
	if handler := r.MessageReviewHandler; handler != nil {
		summary.MessageReviewHandler = &wireMessageReviewHandler{
			URI: handler.URI, FallbackResult: handler.FallbackResult,
		}
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		summary.LoggingConfigurationIdentifiers = append(
			summary.LoggingConfigurationIdentifiers, arn.String())
	}
	return summary
}

// A wireLoggingConfiguration is the response of CreateLoggingConfiguration, GetLoggingConfiguration
// and UpdateLoggingConfiguration, and one item of ListLoggingConfigurations.
type wireLoggingConfiguration struct {
	ARN                      string                            `json:"arn"`
	ID                       string                            `json:"id"`
	Name                     string                            `json:"name"`
	CreateTime               string                            `json:"createTime"`
	UpdateTime               string                            `json:"updateTime"`
	DestinationConfiguration wireDestinationConfiguration      `json:"destinationConfiguration"`
	State                    ivschat.LoggingConfigurationState `json:"state"`
	Tags                     ivschat.Tags                      `json:"tags"`
}

func toWireLoggingConfiguration(c ivschat.LoggingConfiguration) wireLoggingConfiguration {
	return wireLoggingConfiguration{
		ARN:                      c.ARN.String(),
		ID:                       c.ARN.ID,
		Name:                     c.Name,
		CreateTime:               formatTime(c.CreateTime),
		UpdateTime:               formatTime(c.UpdateTime),
		DestinationConfiguration: toWireDestination(c.DestinationConfiguration),
		State:                    c.State,
		Tags:                     toWireTags(c.Tags),
	}
}

// A wireDestinationConfiguration is a member of both requests and responses.
type wireDestinationConfiguration struct {
	S3             *wireS3             `json:"s3,omitempty"`
	CloudWatchLogs *wireCloudWatchLogs `json:"cloudWatchLogs,omitempty"`
	Firehose       *wireFirehose       `json:"firehose,omitempty"`
}

type (
	wireS3 struct {
		BucketName string `json:"bucketName"`
	}
	wireCloudWatchLogs struct {
		LogGroupName string `json:"logGroupName"`
	}
	wireFirehose struct {
		DeliveryStreamName string `json:"deliveryStreamName"`
	}
)

func toWireDestination(d ivschat.DestinationConfiguration) wireDestinationConfiguration {
	return wireDestinationConfiguration{
		S3:             (*wireS3)(d.S3),
		CloudWatchLogs: (*wireCloudWatchLogs)(d.CloudWatchLogs),
		Firehose:       (*wireFirehose)(d.Firehose),
	}
}

func (w wireDestinationConfiguration) destination() ivschat.DestinationConfiguration {
	return ivschat.DestinationConfiguration{
		S3:             (*ivschat.S3DestinationConfiguration)(w.S3),
		CloudWatchLogs: (*ivschat.CloudWatchLogsDestinationConfiguration)(w.CloudWatchLogs),
		Firehose:       (*ivschat.FirehoseDestinationConfiguration)(w.Firehose),
	}
}

// noTags is the tags of a resource without any. It is shared, and must not be changed.
var noTags = ivschat.Tags{}

func toWireTags(tags ivschat.Tags) ivschat.Tags {
	if tags == nil {
		return noTags
	}
	return tags
}

// exceptionBody returns the JSON form of an exception, with the members that the model requires.
func exceptionBody(e *ivschat.Exception) any {
	type field struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	body := map[string]any{"message": e.Message}
	switch e.Type.Members {
	case ivschat.ReasonMembers:
		body["reason"] = e.Reason
		fields := make([]field, len(e.Fields))
		for i, f := range e.Fields {
			fields[i] = field(f)
		}
		if len(fields) > 0 {
			body["fieldList"] = fields
		}
	case ivschat.LimitMembers:
		body["limit"] = e.Limit
		fallthrough
	case ivschat.ResourceMembers:
		body["resourceId"] = e.ResourceID
		body["resourceType"] = ivschat.ResourceTypeRoom
	}
	return body
}
