package store

// How earlier layouts are read
//
// The records of resources were JSON, and their keys were only the ID. A collection had two further buckets:
//
//	order    <position> -> <id>
//	users    <logging configuration id>/<room id> -> nothing
//
// Both say what the records say, so they are not read. The first layout also lacks the checksums of used
// tokens and of the number of runs.

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A roomRecord is a room as it is stored.
type roomRecord struct {
	ARN                             string               `json:"arn"`
	Name                            string               `json:"name,omitempty"`
	CreateTime                      time.Time            `json:"createTime"`
	UpdateTime                      time.Time            `json:"updateTime"`
	MaximumMessageLength            int                  `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int                  `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *reviewHandlerRecord `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string             `json:"loggingConfigurationIdentifiers,omitempty"`
	Tags                            ivschat.Tags         `json:"tags,omitempty"`
	Position                        []byte               `json:"position"` // in the order
}

type reviewHandlerRecord struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

func (record roomRecord) room() (ivschat.Room, error) {
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return ivschat.Room{}, err
	}
	room := ivschat.Room{
		ARN:                         arn,
		Name:                        record.Name,
		CreateTime:                  record.CreateTime,
		UpdateTime:                  record.UpdateTime,
		MaximumMessageLength:        record.MaximumMessageLength,
		MaximumMessageRatePerSecond: record.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*ivschat.MessageReviewHandler)(record.MessageReviewHandler),
		Tags:                        record.Tags,
	}
	for _, identifier := range record.LoggingConfigurationIdentifiers {
		arn, err := ivschat.ParseARN(identifier)
		if err != nil {
			return room, err
		}
		room.LoggingConfigurationIdentifiers = append(room.LoggingConfigurationIdentifiers, arn)
	}
	return room, nil
}

func readRoomJSON(key, value []byte) (room ivschat.Room, position []byte, err error) {
	var record roomRecord
	if err := decodeRecord(key, value, &record); err != nil {
		return room, nil, err
	}
	room, err = record.room()
	return room, record.Position, err
}

// A loggingConfigurationRecord is a logging configuration as it is stored.
type loggingConfigurationRecord struct {
	ARN            string                            `json:"arn"`
	Name           string                            `json:"name,omitempty"`
	CreateTime     time.Time                         `json:"createTime"`
	UpdateTime     time.Time                         `json:"updateTime"`
	S3Bucket       string                            `json:"s3Bucket,omitempty"` // one of the three is set
	CloudWatchLogs string                            `json:"cloudWatchLogsGroup,omitempty"`
	FirehoseStream string                            `json:"firehoseStream,omitempty"`
	State          ivschat.LoggingConfigurationState `json:"state"`
	Tags           ivschat.Tags                      `json:"tags,omitempty"`
	Position       []byte                            `json:"position"` // in the order
}

func (record loggingConfigurationRecord) loggingConfiguration() (ivschat.LoggingConfiguration, error) {
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return ivschat.LoggingConfiguration{}, err
	}
	configuration := ivschat.LoggingConfiguration{
		ARN:        arn,
		Name:       record.Name,
		CreateTime: record.CreateTime,
		UpdateTime: record.UpdateTime,
		State:      record.State,
		Tags:       record.Tags,
	}
	switch {
	case record.S3Bucket != "":
		configuration.DestinationConfiguration = newDestination(s3Destination, record.S3Bucket)
	case record.CloudWatchLogs != "":
		configuration.DestinationConfiguration = newDestination(cloudWatchLogsDestination, record.CloudWatchLogs)
	case record.FirehoseStream != "":
		configuration.DestinationConfiguration = newDestination(firehoseDestination, record.FirehoseStream)
	}
	return configuration, nil
}

func readLoggingConfigurationJSON(
	key, value []byte,
) (configuration ivschat.LoggingConfiguration, position []byte, err error) {
	var record loggingConfigurationRecord
	if err := decodeRecord(key, value, &record); err != nil {
		return configuration, nil, err
	}
	configuration, err = record.loggingConfiguration()
	return configuration, record.Position, err
}

// readJSONRecord reads the record of a resource.
func readJSONRecord[Resource any](
	kind *kind[Resource], arn ivschat.ARN, record []byte,
) (resource Resource, at position, err error) {
	resource, text, err := kind.readJSON([]byte(arn.ID), record)
	if err != nil {
		return resource, at, err
	}
	if is := *kind.arn(&resource); is != arn {
		return resource, at, fmt.Errorf("the record of %q in the %s list of %s is the one of %s",
			arn.ID, kind.resourceType, arn.Owner, is)
	}
	*kind.arn(&resource) = arn // so that the memory of the text is not used
	at, ok := parsePosition(text)
	if !ok || at != newPosition(kind.updateTime(&resource), ^at.sequence) {
		return resource, at, fmt.Errorf("%s has the position %x, but was updated at %d", arn, text,
			kind.updateTime(&resource).UnixNano())
	}
	return resource, at, nil
}

// addChecksums adds the checksums that schemaWithoutChecksums does not have.
func addChecksums(tx *bolt.Tx, meta *bolt.Bucket) error {
	if value := meta.Get(keyRuns); value != nil {
		runs, err := runsIn(value, schemaWithoutChecksums)
		if err != nil {
			return err
		}
		if err := putRuns(meta, runs); err != nil {
			return err
		}
	}
	used := tx.Bucket(bucketUsedTokens)
	if used == nil {
		return nil
	}
	var keys [][]byte // because a bucket must not change while it is read
	err := used.ForEach(func(key, _ []byte) error {
		keys = append(keys, bytes.Clone(key))
		return nil
	})
	for _, key := range keys {
		err = errors.Join(err, used.Put(key, usedTokenRecord(key)))
	}
	return err
}
