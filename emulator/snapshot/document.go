// Package snapshot encodes rooms, logging configurations and their tags as a JSON document, and
// decodes such documents. The emulator writes snapshots; people write seeds, which may leave out most
// members.
//
// A resource in a document has the members of the request that creates it (package model), and those
// that its kind adds. Decode, its messages and Schema are derived from these two.
package snapshot

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Version is the version of the documents that Encode writes. Decode also reads older ones.
const Version = 1

// MaximumBytes is the maximum length of a document in bytes (decision D47). A snapshot of 50,000 rooms with
// few tags has about 20 MB.
const MaximumBytes = 256 << 20

// A document is what Encode writes.
type document struct {
	Version               int                    `json:"version"`
	Time                  time.Time              `json:"time"`
	LoggingConfigurations []loggingConfiguration `json:"loggingConfigurations"`
	Rooms                 []room                 `json:"rooms"`
}

// A resource has the members that rooms and logging configurations have in common.
type resource struct {
	ID         string       `json:"id"`
	Account    string       `json:"account"`
	Region     string       `json:"region"`
	Name       string       `json:"name,omitempty"`
	CreateTime time.Time    `json:"createTime"`
	UpdateTime time.Time    `json:"updateTime"`
	Tags       ivschat.Tags `json:"tags,omitempty"`
}

type room struct {
	resource
	MaximumMessageLength            int            `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int            `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *reviewHandler `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string       `json:"loggingConfigurationIdentifiers,omitempty"`
}

type reviewHandler struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

type loggingConfiguration struct {
	resource
	State                    ivschat.LoggingConfigurationState `json:"state,omitempty"` // "" stands for ACTIVE
	DestinationConfiguration destination                       `json:"destinationConfiguration"`
}

type destination struct {
	S3             *s3             `json:"s3,omitempty"`
	CloudWatchLogs *cloudWatchLogs `json:"cloudWatchLogs,omitempty"`
	Firehose       *firehose       `json:"firehose,omitempty"`
}

type (
	s3 struct {
		BucketName string `json:"bucketName"`
	}
	cloudWatchLogs struct {
		LogGroupName string `json:"logGroupName"`
	}
	firehose struct {
		DeliveryStreamName string `json:"deliveryStreamName"`
	}
)
