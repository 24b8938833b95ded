package snapshot

import (
	"encoding/json"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Encode returns a document with the resources. now is the time of the snapshot. A logging configuration that is
// CREATING, UPDATING or DELETING is in it as it will be, so one that will be deleted is not (decision D72).
func Encode(resources ivschat.Resources, now time.Time) []byte {
	d := document{
		Version: Version, Time: now,
		LoggingConfigurations: []loggingConfiguration{}, Rooms: []room{}, // arrays, also when empty
	}
	for _, c := range resources.LoggingConfigurations {
		if c = c.Ended(); c.State == ivschat.LoggingConfigurationDeleted {
			continue
		}
		d.LoggingConfigurations = append(d.LoggingConfigurations, encodeLoggingConfiguration(c))
	}
	for _, r := range resources.Rooms {
		d.Rooms = append(d.Rooms, encodeRoom(r))
	}
	text, _ := json.MarshalIndent(d, "", "  ") // a struct of plain values always encodes
	return append(text, '\n')
}

func encodeRoom(r ivschat.Room) room {
	encoded := room{
		resource: resource{
			ID: r.ARN.ID, Account: r.ARN.Owner.AccountID, Region: r.ARN.Owner.Region,
			Name: r.Name, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Tags: r.Tags,
		},
		MaximumMessageLength:        r.MaximumMessageLength,
		MaximumMessageRatePerSecond: r.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*reviewHandler)(r.MessageReviewHandler),
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		encoded.LoggingConfigurationIdentifiers = append(encoded.LoggingConfigurationIdentifiers, arn.String())
	}
	return encoded
}

// encodeLoggingConfiguration leaves out the state ACTIVE, so that earlier versions can read what they know.
func encodeLoggingConfiguration(c ivschat.LoggingConfiguration) loggingConfiguration {
	encoded := loggingConfiguration{
		resource: resource{
			ID: c.ARN.ID, Account: c.ARN.Owner.AccountID, Region: c.ARN.Owner.Region,
			Name: c.Name, CreateTime: c.CreateTime, UpdateTime: c.UpdateTime, Tags: c.Tags,
		},
		DestinationConfiguration: destination{
			S3:             (*s3)(c.DestinationConfiguration.S3),
			CloudWatchLogs: (*cloudWatchLogs)(c.DestinationConfiguration.CloudWatchLogs),
			Firehose:       (*firehose)(c.DestinationConfiguration.Firehose),
		},
	}
	if c.State != ivschat.LoggingConfigurationActive {
		encoded.State = c.State
	}
	return encoded
}
