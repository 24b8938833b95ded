package ivschat

import "time"

// A LoggingConfiguration sets where the messages of the rooms that refer to it are logged (API:
// LoggingConfigurationSummary).
type LoggingConfiguration struct {
	ARN                      ARN
	Name                     string // "" if it has none
	CreateTime               time.Time
	UpdateTime               time.Time
	DestinationConfiguration DestinationConfiguration
	State                    LoggingConfigurationState
	Tags                     Tags
}

// A DestinationConfiguration is a union: exactly one member is set (API: DestinationConfiguration).
type DestinationConfiguration struct {
	S3             *S3DestinationConfiguration
	CloudWatchLogs *CloudWatchLogsDestinationConfiguration
	Firehose       *FirehoseDestinationConfiguration
}

// An S3DestinationConfiguration names a bucket (API: S3DestinationConfiguration).
type S3DestinationConfiguration struct{ BucketName string }

// A CloudWatchLogsDestinationConfiguration names a log group (API:
// CloudWatchLogsDestinationConfiguration).
type CloudWatchLogsDestinationConfiguration struct{ LogGroupName string }

// A FirehoseDestinationConfiguration names a delivery stream (API:
// FirehoseDestinationConfiguration).
type FirehoseDestinationConfiguration struct{ DeliveryStreamName string }

// A LoggingConfigurationState is the state of a logging configuration (model:
// LoggingConfigurationState).
type LoggingConfigurationState string

// LoggingConfigurationActive is the only state that logging configurations of the emulator have
// (decision D10).
const LoggingConfigurationActive LoggingConfigurationState = "ACTIVE"
