package store

import (
	"bytes"
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

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

func newLoggingConfigurationRecord(
	c ivschat.LoggingConfiguration, position []byte,
) loggingConfigurationRecord {
	record := loggingConfigurationRecord{
		ARN:        c.ARN.String(),
		Name:       c.Name,
		CreateTime: c.CreateTime,
		UpdateTime: c.UpdateTime,
		State:      c.State,
		Tags:       c.Tags,
		Position:   position,
	}
	switch d := c.DestinationConfiguration; {
	case d.S3 != nil:
		record.S3Bucket = d.S3.BucketName
	case d.CloudWatchLogs != nil:
		record.CloudWatchLogs = d.CloudWatchLogs.LogGroupName
	case d.Firehose != nil:
		record.FirehoseStream = d.Firehose.DeliveryStreamName
	}
	return record
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
	switch d := &configuration.DestinationConfiguration; {
	case record.S3Bucket != "":
		d.S3 = &ivschat.S3DestinationConfiguration{BucketName: record.S3Bucket}
	case record.CloudWatchLogs != "":
		d.CloudWatchLogs = &ivschat.CloudWatchLogsDestinationConfiguration{
			LogGroupName: record.CloudWatchLogs,
		}
	case record.FirehoseStream != "":
		d.Firehose = &ivschat.FirehoseDestinationConfiguration{
			DeliveryStreamName: record.FirehoseStream,
		}
	}
	return configuration, nil
}

func readLoggingConfiguration(key, value []byte) (ivschat.LoggingConfiguration, error) {
	var record loggingConfigurationRecord
	if err := decodeRecord(key, value, &record); err != nil {
		return ivschat.LoggingConfiguration{}, err
	}
	return record.loggingConfiguration()
}

// CreateLoggingConfiguration stores a new logging configuration. Errors are a
// ServiceQuotaExceededException when its owner already has quota of them, and ivschat.ErrIDTaken.
func (s *Store) CreateLoggingConfiguration(
	ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		return insertLoggingConfiguration(tx, configuration, quota)
	})
}

func insertLoggingConfiguration(tx *bolt.Tx, configuration ivschat.LoggingConfiguration, quota int) error {
	owner, id := configuration.ARN.Owner, configuration.ARN.ID
	configurations, err := ensureCollection(tx, owner, ivschat.LoggingConfigurationResource)
	if err != nil {
		return err
	}
	if configurations.count() >= uint64(quota) {
		return ivschat.QuotaExceeded(owner, "logging configurations", quota)
	}
	position, err := configurations.insert(id, configuration.UpdateTime)
	if err != nil {
		return err
	}
	return configurations.put(id, newLoggingConfigurationRecord(configuration, position))
}

// LoggingConfiguration returns the logging configuration, or a ResourceNotFoundException.
func (s *Store) LoggingConfiguration(
	ctx context.Context, arn ivschat.ARN,
) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		configurations := findCollection(tx, arn.Owner, ivschat.LoggingConfigurationResource)
		var record loggingConfigurationRecord
		if err := configurations.get(arn, &record); err != nil {
			return err
		}
		configuration, err = record.loggingConfiguration()
		return err
	})
	return configuration, err
}

// UpdateLoggingConfiguration calls change with the logging configuration, stores the changed one and
// returns it, or returns a ResourceNotFoundException. It may call change more than once, each time
// with the stored logging configuration.
func (s *Store) UpdateLoggingConfiguration(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration),
) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		configurations := findCollection(tx, arn.Owner, ivschat.LoggingConfigurationResource)
		var record loggingConfigurationRecord
		if err := configurations.get(arn, &record); err != nil {
			return err
		}
		if configuration, err = record.loggingConfiguration(); err != nil {
			return err
		}
		change(&configuration)
		position, err := configurations.move(arn.ID, record.Position, configuration.UpdateTime)
		if err != nil {
			return err
		}
		return configurations.put(arn.ID, newLoggingConfigurationRecord(configuration, position))
	})
	return configuration, err
}

// DeleteLoggingConfiguration removes the logging configuration. Errors are a
// ResourceNotFoundException, and a ConflictException while a room refers to it (decision D55).
func (s *Store) DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		configurations := findCollection(tx, arn.Owner, ivschat.LoggingConfigurationResource)
		var record loggingConfigurationRecord
		if err := configurations.get(arn, &record); err != nil {
			return err
		}
		if room, found := findCollection(tx, arn.Owner, ivschat.RoomResource).userOf(arn); found {
			return ivschat.Conflict(arn, "is in use by room "+room+" and cannot be deleted before it is detached")
		}
		return configurations.remove(arn.ID, record.Position)
	})
}

// ListLoggingConfigurations returns the page of the owner's logging configurations, the one updated
// last first. next is the position of the last one if more follow, and nil otherwise.
func (s *Store) ListLoggingConfigurations(
	ctx context.Context, owner ivschat.Owner, page ivschat.Page,
) (configurations []ivschat.LoggingConfiguration, next []byte, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		all := findCollection(tx, owner, ivschat.LoggingConfigurationResource)
		configurations, next, err = list(ctx, all, page, readLoggingConfiguration, matchAll)
		return err
	})
	return configurations, next, err
}

func matchAll[Resource any](Resource) bool { return true }

// attach stores the room as a user of its logging configurations. It returns a
// ResourceNotFoundException for one that does not exist.
func attach(tx *bolt.Tx, rooms collection, room ivschat.Room) error {
	configurations := findCollection(tx, room.ARN.Owner, ivschat.LoggingConfigurationResource)
	for _, arn := range room.LoggingConfigurationIdentifiers {
		if !configurations.has(arn) {
			return ivschat.NotFound(arn)
		}
		if err := rooms.users.Put(userKey(arn, room.ARN.ID), nil); err != nil {
			return err
		}
	}
	return nil
}

// detach reverses attach.
func detach(rooms collection, room ivschat.Room) error {
	for _, arn := range room.LoggingConfigurationIdentifiers {
		if err := rooms.users.Delete(userKey(arn, room.ARN.ID)); err != nil {
			return err
		}
	}
	return nil
}

// userOf returns the ID of a room that refers to the logging configuration, if there is one. The
// collection is one of rooms.
func (c collection) userOf(configuration ivschat.ARN) (room string, found bool) {
	prefix := userKey(configuration, "")
	var key []byte
	if c.users != nil {
		key, _ = c.users.Cursor().Seek(prefix)
	}
	id, found := bytes.CutPrefix(key, prefix)
	return string(id), found
}

// userKey returns the key in bucketUsers for a room that refers to the logging configuration.
func userKey(configuration ivschat.ARN, room string) []byte {
	return []byte(configuration.ID + "/" + room)
}
