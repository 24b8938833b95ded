package ivschat

import "time"

// A LoggingConfiguration sets where the messages of the rooms that refer to it are logged (API:
// LoggingConfigurationSummary).
type LoggingConfiguration struct {
	ARN                      ARN
	Name                     string // "" if it has none
	CreateTime               time.Time
	UpdateTime               time.Time // when its state last changed
	DestinationConfiguration DestinationConfiguration
	State                    LoggingConfigurationState
	Outcome                  *LoggingConfigurationOutcome // nil unless State lasts only for a while
	Tags                     Tags
}

// A LoggingConfigurationOutcome is what a logging configuration that is CREATING, UPDATING or DELETING will be.
type LoggingConfigurationOutcome struct {
	State                    LoggingConfigurationState
	Name                     string
	DestinationConfiguration DestinationConfiguration
}

// Ended returns the logging configuration as it is when CREATING, UPDATING or DELETING has ended. Its state can be
// LoggingConfigurationDeleted. One in another state is returned as it is.
func (c LoggingConfiguration) Ended() LoggingConfiguration {
	if outcome := c.Outcome; outcome != nil {
		c.State, c.Name, c.DestinationConfiguration = outcome.State, outcome.Name, outcome.DestinationConfiguration
		c.Outcome = nil
	}
	return c
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

// A LoggingConfigurationState is the state of a logging configuration.
type LoggingConfigurationState string

// The states of logging configurations (model: LoggingConfigurationState). CREATING, UPDATING and DELETING last for
// a while, and lead to another state. Only an ACTIVE one logs.
const (
	LoggingConfigurationActive       LoggingConfigurationState = "ACTIVE"
	LoggingConfigurationCreating     LoggingConfigurationState = "CREATING"
	LoggingConfigurationCreateFailed LoggingConfigurationState = "CREATE_FAILED"
	LoggingConfigurationUpdating     LoggingConfigurationState = "UPDATING"
	LoggingConfigurationUpdateFailed LoggingConfigurationState = "UPDATE_FAILED"
	LoggingConfigurationDeleting     LoggingConfigurationState = "DELETING"
	LoggingConfigurationDeleteFailed LoggingConfigurationState = "DELETE_FAILED"
)

// LoggingConfigurationDeleted is the state that a deletion leads to: the logging configuration does not exist any
// more. It is not in the model.
const LoggingConfigurationDeleted LoggingConfigurationState = ""
