package control

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// The replies as they travel. Optional members that are not set are left out;
// tags are always there.

// Replies about rooms and logging configurations bear milliseconds, replies
// about tokens whole seconds, as in every reply of the service on record.
const (
	resourceTime = "2006-01-02T15:04:05.000Z"
	tokenTime    = time.RFC3339
)

func formatTime(t time.Time, layout string) string { return t.UTC().Format(layout) }

// A roomSummary is one item of ListRooms.
type roomSummary struct {
	ARN                             string                    `json:"arn"`
	ID                              string                    `json:"id"`
	Name                            string                    `json:"name,omitempty"` // decision D9
	CreateTime                      string                    `json:"createTime"`
	UpdateTime                      string                    `json:"updateTime"`
	MessageReviewHandler            *wireMessageReviewHandler `json:"messageReviewHandler,omitempty"`
	Tags                            ivschat.Tags              `json:"tags"`
	LoggingConfigurationIdentifiers []string                  `json:"loggingConfigurationIdentifiers,omitempty"`
}

// A room is the reply of CreateRoom, GetRoom and UpdateRoom.
type room struct {
	roomSummary
	MaximumMessageLength        int `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond int `json:"maximumMessageRatePerSecond"`
}

type wireMessageReviewHandler struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

func roomReply(r ivschat.Room) room {
	return room{
		roomSummary:                 roomItem(r),
		MaximumMessageLength:        r.MaximumMessageLength,
		MaximumMessageRatePerSecond: r.MaximumMessageRatePerSecond,
	}
}

func roomItem(r ivschat.Room) roomSummary {
	item := roomSummary{
		ARN:        r.ARN.String(),
		ID:         r.ARN.ID,
		Name:       r.Name,
		CreateTime: formatTime(r.CreateTime, resourceTime),
		UpdateTime: formatTime(r.UpdateTime, resourceTime),
		Tags:       tagsReply(r.Tags),
	}
	if handler := r.MessageReviewHandler; handler != nil {
		item.MessageReviewHandler = &wireMessageReviewHandler{URI: handler.URI, FallbackResult: handler.FallbackResult}
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		item.LoggingConfigurationIdentifiers = append(item.LoggingConfigurationIdentifiers, arn.String())
	}
	return item
}

// A loggingConfiguration is the reply of the operations on one, and one item
// of ListLoggingConfigurations.
type loggingConfiguration struct {
	ARN                      string                            `json:"arn"`
	ID                       string                            `json:"id"`
	Name                     string                            `json:"name,omitempty"` // decision D9
	CreateTime               string                            `json:"createTime"`
	UpdateTime               string                            `json:"updateTime"`
	DestinationConfiguration wireDestinationConfiguration      `json:"destinationConfiguration"`
	State                    ivschat.LoggingConfigurationState `json:"state"`
	Tags                     ivschat.Tags                      `json:"tags"`
}

func loggingConfigurationReply(c ivschat.LoggingConfiguration) loggingConfiguration {
	return loggingConfiguration{
		ARN:                      c.ARN.String(),
		ID:                       c.ARN.ID,
		Name:                     c.Name,
		CreateTime:               formatTime(c.CreateTime, resourceTime),
		UpdateTime:               formatTime(c.UpdateTime, resourceTime),
		DestinationConfiguration: destinationReply(c.DestinationConfiguration),
		State:                    c.State,
		Tags:                     tagsReply(c.Tags),
	}
}

// A wireDestinationConfiguration travels in requests and replies alike.
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

func destinationReply(d ivschat.DestinationConfiguration) wireDestinationConfiguration {
	return wireDestinationConfiguration{
		S3:             (*wireS3)(d.S3),
		CloudWatchLogs: (*wireCloudWatchLogs)(d.CloudWatchLogs),
		Firehose:       (*wireFirehose)(d.Firehose),
	}
}

func (wire wireDestinationConfiguration) destination() ivschat.DestinationConfiguration {
	return ivschat.DestinationConfiguration{
		S3:             (*ivschat.S3DestinationConfiguration)(wire.S3),
		CloudWatchLogs: (*ivschat.CloudWatchLogsDestinationConfiguration)(wire.CloudWatchLogs),
		Firehose:       (*ivschat.FirehoseDestinationConfiguration)(wire.Firehose),
	}
}

func tagsReply(tags ivschat.Tags) ivschat.Tags {
	if tags == nil {
		return ivschat.Tags{}
	}
	return tags
}

// exceptionBody has the members that the model gives to the exception.
func exceptionBody(e *ivschat.Exception) any {
	type field struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	body := map[string]any{"message": e.Message}
	switch e.Kind.Carry {
	case ivschat.CarryReason:
		body["reason"] = e.Reason
		fields := make([]field, len(e.Fields))
		for i, f := range e.Fields {
			fields[i] = field(f)
		}
		if len(fields) > 0 {
			body["fieldList"] = fields
		}
	case ivschat.CarryLimit:
		body["limit"] = e.Limit
		fallthrough
	case ivschat.CarryResource:
		body["resourceId"] = e.ResourceID
		body["resourceType"] = ivschat.ResourceTypeRoom
	}
	return body
}
