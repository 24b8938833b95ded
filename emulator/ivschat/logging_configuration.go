package ivschat

import "time"

// A LoggingConfiguration says where chat logs of the rooms that refer to it go
// (API: LoggingConfiguration).
type LoggingConfiguration struct {
	ARN                      ARN
	Name                     string // "" when it has none
	CreateTime               time.Time
	UpdateTime               time.Time
	DestinationConfiguration DestinationConfiguration
	State                    LoggingConfigurationState
	Tags                     Tags
}

// A DestinationConfiguration is a union: exactly one member is set (API:
// DestinationConfiguration).
type DestinationConfiguration struct {
	S3             *S3DestinationConfiguration
	CloudWatchLogs *CloudWatchLogsDestinationConfiguration
	Firehose       *FirehoseDestinationConfiguration
}

// An S3DestinationConfiguration names a bucket.
type S3DestinationConfiguration struct{ BucketName string }

// A CloudWatchLogsDestinationConfiguration names a log group.
type CloudWatchLogsDestinationConfiguration struct{ LogGroupName string }

// A FirehoseDestinationConfiguration names a delivery stream.
type FirehoseDestinationConfiguration struct{ DeliveryStreamName string }

// A LoggingConfigurationState is the state in a configuration's life.
type LoggingConfigurationState string

// LoggingConfigurationActive is the only state that the emulator's
// configurations are ever in (decision D10).
const LoggingConfigurationActive LoggingConfigurationState = "ACTIVE"
