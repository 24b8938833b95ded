// Package destination delivers chat logs to where logging configurations say: to S3, CloudWatch Logs and Firehose
// at an endpoint, or to files in a folder that have the same content.
package destination

import (
	"context"
	"log/slog"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Kind is a kind of destination. Its value is the name of the member of DestinationConfiguration.
type Kind string

// The kinds (API: DestinationConfiguration).
const (
	S3             Kind = "s3"
	CloudWatchLogs Kind = "cloudWatchLogs"
	Firehose       Kind = "firehose"
)

// A Place is a destination: a bucket, a log group or a delivery stream of an owner.
type Place struct {
	Owner ivschat.Owner
	Kind  Kind
	Name  string // of the bucket, the log group or the delivery stream
}

// String returns the kind and the name, such as s3:my-bucket.
func (p Place) String() string { return string(p.Kind) + ":" + p.Name }

// PlaceOf returns the destination of a logging configuration.
func PlaceOf(c ivschat.LoggingConfiguration) Place {
	place := Place{Owner: c.ARN.Owner}
	switch d := c.DestinationConfiguration; {
	case d.S3 != nil:
		place.Kind, place.Name = S3, d.S3.BucketName
	case d.CloudWatchLogs != nil:
		place.Kind, place.Name = CloudWatchLogs, d.CloudWatchLogs.LogGroupName
	case d.Firehose != nil:
		place.Kind, place.Name = Firehose, d.Firehose.DeliveryStreamName
	}
	return place
}

// A Record is one record of a chat log.
type Record struct {
	Room string    // ID of the room
	Time time.Time // of the frame, in the service's time
	Text []byte    // one JSON object without a line break; must not be changed
}

// A Delivery has records that go to a destination together. They are within the Limits of its kind.
type Delivery struct {
	Place         Place
	Configuration ivschat.ARN // the logging configuration
	Start         time.Time   // of the window in which the records were accepted, in the service's time
	End           time.Time   // of that window
	Records       []Record    // in the order in which they were accepted; of one room if Limits says so
	// NotBefore is the lowest Position that the delivery may have: the one behind the previous delivery of its room and
	// window. 0 means that there was none.
	NotBefore int
}

// A Deliverer delivers records.
type Deliverer interface {
	// Deliver delivers records. It returns where they are, for people, such as s3://bucket/key. The error is an
	// *Error. When the context ends, Deliver returns soon. It may be called for several deliveries at the same time,
	// but not for two with the same logging configuration and room.
	Deliver(ctx context.Context, d Delivery) (where string, err error)
	// Close closes idle connections, when nothing is delivered any more.
	Close()
}

// A Reason is the kind of an Error, as the service counts them (User Guide: Monitoring Amazon IVS Chat).
type Reason string

// The reasons.
const (
	AccessDenied Reason = "access denied" // CloudWatch: LogDestinationAccessDeniedError
	NotFound     Reason = "not found"     // CloudWatch: LogDestinationResourceNotFoundErrors
	Other        Reason = "other"         // counts only for LogDestinationErrors, as all reasons do
)

// An Error says why records were not delivered.
type Error struct {
	Reason  Reason
	Message string // says with which destination, what its server says, and what to do
	Log     string // without what the server says, because that can have the content of messages
	// Failed has the indexes of the records that were not delivered, in their order. nil means all.
	Failed []int
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// LogValue returns the text for the log.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Log) }
